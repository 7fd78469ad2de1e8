"""Ending conversations: closing, blocking, deleting."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import bulk_deleting, services
from conversations.api.operator_v1 import schemas
from conversations.api.operator_v1.answers import V1Deleted, V1Moderated
from conversations.api.operator_v1.reading import find
from conversations.api.operator_v1.schemas import read_status
from conversations.models import Status
from kernel import context
from kernel.rest.answers import answered
from kernel.rest.fields import Id, Text, read
from tenants.api.views import ServiceView


class WhichConversation(serializers.Serializer[Any]):
    """One conversation."""

    id = Id()


class Close(ServiceView):
    """POST /v1/moderation/close"""

    @extend_schema(
        operation_id="v1CloseConversation",
        tags=schemas.TAGS,
        summary="Close a conversation",
        request=WhichConversation,
        responses=answered(V1Moderated),
    )
    def post(self, request: Request) -> Response:
        """The customer reads the closing text and the topic is closed; once is enough."""
        return _moderate(self, request, services.close_conversation)


class Block(ServiceView):
    """POST /v1/moderation/block"""

    @extend_schema(
        operation_id="v1BlockConversation",
        tags=schemas.TAGS,
        summary="Block a customer",
        request=WhichConversation,
        responses=answered(V1Moderated),
    )
    def post(self, request: Request) -> Response:
        """The customer can write no more; once is enough."""
        return _moderate(self, request, services.block_conversation)


@extend_schema_field({"type": "string", "format": "uuid"})
class AnyId(serializers.Field[UUID | None, Any, str, Any]):
    """An id, or None for what is none."""

    def to_internal_value(self, data: Any) -> UUID | None:
        """The id."""
        try:
            return UUID(data) if isinstance(data, str) else None
        except ValueError:
            return None


class WhichConversations(serializers.Serializer[Any]):
    """These, or all in a status."""

    # As many as a body holds: they are deleted in batches. One of them that is mistyped is passed
    # over like one that is gone.
    ids = serializers.ListField(child=AnyId(allow_null=True), required=False, allow_empty=False)
    status = Text(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either, so that a mistyped name of one does not widen what the other says."""
        if len(attrs) != 1:
            raise serializers.ValidationError({"ids": ["Give either ids or status."]})
        return attrs


class BulkDelete(ServiceView):
    """POST /v1/admin/conversations/bulk-delete"""

    has_own_scopes = True

    @extend_schema(
        operation_id="v1BulkDelete",
        tags=schemas.TAGS,
        summary="Delete conversations with their topics",
        description="Give either `ids` or a `status`. Ids that are mistyped or gone are passed "
        "over, and so is what a legal hold keeps; neither is counted.",
        request=WhichConversations,
        responses=answered(V1Deleted),
    )
    def post(self, request: Request) -> Response:
        """`deleted` says how many there were."""
        wanted = read(WhichConversations, request)
        tenant_id = self.principal.tenant_id
        if "ids" in wanted:
            outcome = bulk_deleting.delete_these(
                tenant_id=tenant_id,
                conversation_ids=[one for one in wanted["ids"] if one is not None],
                actor=self.actor,
            )
        else:
            outcome = bulk_deleting.delete_all_in(
                tenant_id=tenant_id, statuses=read_status(wanted["status"]), actor=self.actor
            )
        return Response(V1Deleted(deleted=outcome.deleted))


def _moderate(view: ServiceView, request: Request, move: Callable[..., bool]) -> Response:
    conversation_id: UUID = read(WhichConversation, request)["id"]
    context.note(conversation_id=str(conversation_id))
    move(tenant=view.tenant, conversation_id=conversation_id, actor=view.actor)
    conversation = find(view, conversation_id)
    status = Status(conversation.status)
    return Response(V1Moderated(ok=True, id=conversation.pk, status=status))
