"""/v2/admin/conversations/bulk-delete"""

from typing import Annotated, Any

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import bulk_deleting
from conversations.api.tenant_v2.base import TAGS, ConversationView
from conversations.api.tenant_v2.queries import STATUS_HELP, statuses_of
from conversations.models import Status
from kernel.rest.answers import Answer, answered
from kernel.rest.fields import Id, Text
from tenants.api.v2.base import read

MAX_IDS = 1000


class WhichOnes(serializers.Serializer[Any]):
    """Either some by their ids, or all in a status."""

    ids = serializers.ListField(
        child=Id(), max_length=MAX_IDS, required=False, help_text="Unknown ones do no harm."
    )
    status = Text(required=False, help_text=STATUS_HELP)

    def validate_status(self, words: str) -> list[Status]:
        """The statuses."""
        return statuses_of(words)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either, so that a mistyped one does not widen what the other says."""
        if len(attrs) != 1:
            raise serializers.ValidationError({"ids": ["Give either ids or status."]})
        return attrs


class DeletedJson(Answer, frozen=True, kw_only=True):
    """How many are gone, and how many have stayed."""

    deleted: int
    on_legal_hold: Annotated[int, Meta(description="So many are kept by a legal hold.")]


class BulkDelete(ConversationView):
    """Deleting many."""

    has_own_scopes = True

    @extend_schema(
        operation_id="deleteConversations",
        tags=TAGS,
        summary="Delete many conversations",
        description="With their messages and topics. What a legal hold keeps is passed over and "
        "counted. A call that is cut off can be made again.",
        request=WhichOnes,
        responses=answered(DeletedJson),
    )
    def post(self, request: Request) -> Response:
        """`deleted` says how many there were."""
        wanted = read(WhichOnes, request)
        which: dict[str, Any] = {"tenant_id": self.principal.tenant_id, "actor": self.actor}
        if "ids" in wanted:
            outcome = bulk_deleting.delete_these(**which, conversation_ids=wanted["ids"])
        else:
            outcome = bulk_deleting.delete_all_in(**which, statuses=wanted["status"])
        return Response(DeletedJson(deleted=outcome.deleted, on_legal_hold=outcome.on_legal_hold))
