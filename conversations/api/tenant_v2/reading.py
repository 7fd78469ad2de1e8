"""/v2/admin/conversations and one of them"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, services, validation
from conversations.api.tenant_v2.answers import ConversationDetailJson, ConversationJson
from conversations.api.tenant_v2.base import TAGS, ConversationView, about
from conversations.api.tenant_v2.queries import ListQuery, filter_of, read_query
from kernel.rest.answers import answered, page_of
from kernel.rest.fields import Text
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.v2.base import read


class ConversationChanges(serializers.Serializer[Any]):
    """What shall be different; an empty name or note takes it away."""

    name = Text(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="The customer's name: 2 to 32 characters, no links.",
    )
    note = Text(
        required=False,
        allow_blank=True,
        allow_null=True,
        trim_whitespace=False,
        help_text="Up to 2000 characters, for agents only.",
    )
    codename = Text(required=False, allow_blank=True, help_text="2 to 48 characters.")


class ConversationList(ConversationView):
    """The tenant's conversations."""

    @extend_schema(
        operation_id="listConversations",
        tags=TAGS,
        summary="List conversations",
        description="Newest first. All conditions hold together.",
        parameters=[ListQuery, *PageRequest.parameters()],
        responses=page_of(ConversationJson),
    )
    def get(self, request: Request) -> Response:
        """A page of those that fit."""
        page = PageRequest.of(request, "conversations")
        query = read_query(ListQuery, request)
        rows = selectors.list_conversations(
            tenant=self.tenant, statuses=query.get("status"), search=query.get("q", "")
        )
        found = page.take(filter_of(query).apply(rows))
        return object_answer(map(ConversationJson.of, found.rows), found.next_cursor)


class OneConversation(ConversationView):
    """One of them."""

    @extend_schema(
        operation_id="readConversation",
        tags=TAGS,
        summary="Read a conversation",
        description="`ETag` is its version; give it back as `If-Match` when changing something.",
        responses=answered(ConversationDetailJson),
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Without its messages."""
        return self.shown(conversation_id)

    @extend_schema(
        operation_id="changeConversation",
        tags=TAGS,
        summary="Rename a conversation or note something",
        description="Agents see the change in the topic's title. Fields that are not given stay.",
        request=ConversationChanges,
        responses=answered(ConversationDetailJson),
    )
    def patch(self, request: Request, conversation_id: UUID) -> Response:
        """Everything that is given, or nothing."""
        wanted = _checked(read(ConversationChanges, request))
        self.lock_unchanged(conversation_id)
        which: dict[str, Any] = {
            "tenant": self.tenant,
            "conversation_id": conversation_id,
            "actor": self.actor,
        }
        if "name" in wanted:
            services.rename_customer(**which, name=wanted["name"])
        if "note" in wanted:
            services.change_note(**which, note=wanted["note"])
        if "codename" in wanted:
            services.change_codename(**which, codename=wanted["codename"])
        return self.shown(conversation_id)

    @extend_schema(
        operation_id="deleteConversation",
        tags=TAGS,
        summary="Delete a conversation",
        description="With its messages and its topic in Telegram. Its customer's sockets end. 409 "
        "`legal_hold` where a legal hold keeps it.",
        responses={204: None},
    )
    def delete(self, request: Request, conversation_id: UUID) -> Response:
        """For good."""
        self.lock_unchanged(conversation_id)
        services.delete_conversation(
            tenant=self.tenant, conversation_id=conversation_id, actor=self.actor
        )
        return Response(None, 204)


def _checked(wanted: dict[str, Any]) -> dict[str, str]:
    """The values as they are stored; raises InvalidName, InvalidNote, InvalidCodename."""
    checked: dict[str, str] = {}
    if "name" in wanted:
        with about("name"):
            checked["name"] = validation.customer_name(wanted["name"]) if wanted["name"] else ""
    if "note" in wanted:
        with about("note"):
            checked["note"] = validation.note(wanted["note"] or "")
    if "codename" in wanted:
        with about("codename"):
            checked["codename"] = validation.codename(wanted["codename"])
    return checked
