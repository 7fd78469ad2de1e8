"""Ending conversations: closing, blocking, deleting."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chatorical.kernel import context
from chatorical.rest.fields import Id, Text, read
from chatorical.rest.paging import PageRequest, Position
from chatorical.rest.views import ServiceView
from conversations import selectors, services
from conversations.api.admin.shapes import read_status
from tenants.scope import tenant_scope

MAXIMUM_IDS = 1000
_AT_ONCE = 100


class _Which(serializers.Serializer[Any]):
    id = Id()


class Close(ServiceView):
    """POST /v1/moderation/close"""

    def post(self, request: Request) -> Response:
        """The customer reads the closing text and the topic is closed; once is enough."""
        conversation_id = _read_id(request)
        services.close_conversation(
            tenant=self.tenant, conversation_id=conversation_id, actor=self.actor
        )
        return _stands(self, conversation_id)


class Block(ServiceView):
    """POST /v1/moderation/block"""

    def post(self, request: Request) -> Response:
        """The customer can write no more; once is enough."""
        conversation_id = _read_id(request)
        services.block_conversation(
            tenant=self.tenant, conversation_id=conversation_id, actor=self.actor
        )
        return _stands(self, conversation_id)


class _WhichOnes(serializers.Serializer[Any]):
    ids = serializers.ListField(child=Id(), max_length=MAXIMUM_IDS, required=False)
    status = Text(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either, so that a mistyped name of one does not widen what the other says."""
        if len(attrs) != 1:
            raise serializers.ValidationError({"ids": ["Give either ids or status."]})
        return attrs


class BulkDelete(ServiceView):
    """POST /v1/admin/conversations/bulk-delete

    In several transactions, so that nobody waits long for a conversation that stays; a call that
    is cut off can be made again.
    """

    has_own_scopes = True

    def post(self, request: Request) -> Response:
        """`deleted` says how many there were."""
        wanted = read(_WhichOnes, request)
        if "ids" in wanted:
            statuses = None
            batches = _in_batches(list(dict.fromkeys(wanted["ids"])))
        else:
            statuses = read_status(wanted["status"])
            batches = self._batches_in(statuses)
        deleted = 0
        for ids in batches:
            with tenant_scope(self.principal.tenant_id) as tenant:
                deleted += services.delete_conversations(
                    tenant=tenant, conversation_ids=ids, actor=self.actor, only_in=statuses
                )
        return Response({"deleted": deleted})

    def _batches_in(self, statuses: Sequence[str] | None) -> Iterator[list[UUID]]:
        """The ids of those that are in these statuses now; what comes later stays."""
        position = None
        while True:
            page = PageRequest("bulk delete", _AT_ONCE, position)
            with tenant_scope(self.principal.tenant_id) as tenant:
                rows = selectors.list_conversations(tenant=tenant, statuses=statuses)
                found = page.take(rows).rows
            if not found:
                return
            yield [row.pk for row in found]
            position = Position(found[-1].created_at, found[-1].pk)


def _in_batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch


def _read_id(request: Request) -> UUID:
    conversation_id: UUID = read(_Which, request)["id"]
    context.note(conversation_id=str(conversation_id))
    return conversation_id


def _stands(view: ServiceView, conversation_id: UUID) -> Response:
    conversation = selectors.get_conversation(tenant=view.tenant, conversation_id=conversation_id)
    return Response({"ok": True, "id": str(conversation.pk), "status": conversation.status})
