"""/v2/admin/conversations/{id}/remarks"""

from typing import Annotated, Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, services, validation
from conversations.api.tenant_v2.answers import AgentNameJson
from conversations.api.tenant_v2.base import TAGS, ConversationView, about
from conversations.models import Remark
from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.fields import Id, Text
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.v2.base import read


class RemarkJson(Answer, frozen=True, kw_only=True):
    """What an agent has said to colleagues about a conversation; customers never see it."""

    id: UUID
    created_at: Moment
    edited_at: Moment | None
    text: str
    agent: Annotated[AgentNameJson | None, Meta(description="Null when a program has made it.")]

    @classmethod
    def of(cls, remark: Remark) -> "RemarkJson":
        """The remark by its author."""
        return cls(
            id=remark.pk,
            created_at=iso_ms(remark.created_at),
            edited_at=iso_ms_or_none(remark.edited_at),
            text=remark.text,
            agent=None if remark.agent is None else AgentNameJson.of(remark.agent),
        )


class NewRemark(serializers.Serializer[Any]):
    """Words for colleagues."""

    text = Text(
        trim_whitespace=False,
        allow_blank=True,
        help_text="1 to 4000 characters, counted in UTF-16 units.",
    )
    agent_id = Id(required=False, allow_null=True, help_text="Whose remark it is.")


class RemarkList(ConversationView):
    """What agents say to each other about a conversation."""

    @extend_schema(
        operation_id="listRemarks",
        tags=TAGS,
        summary="List a conversation's remarks",
        description="What agents have said to each other, the newest first. In a Telegram topic, "
        "such a message begins with `//` (the setting `telegram.remarkPrefix`).",
        parameters=PageRequest.parameters(),
        responses=page_of(RemarkJson),
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """A page of them."""
        page = PageRequest.of(request, "remarks")
        conversation = self.find(conversation_id)
        found = page.take(selectors.list_remarks(conversation=conversation))
        return object_answer(map(RemarkJson.of, found.rows), found.next_cursor)

    @extend_schema(
        operation_id="addRemark",
        tags=TAGS,
        summary="Make a remark",
        description="Colleagues read it in the Telegram topic and in the console, the customer "
        "nowhere. The conversation may be in any state.",
        request=NewRemark,
        responses=answered(RemarkJson, 201),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The remark as it is kept."""
        wanted = read(NewRemark, request)
        with about("text"):
            text = validation.message_text(wanted["text"])
        # First, so that another tenant's conversation is refused whatever else is wrong.
        self.find(conversation_id)
        agent_id = wanted.get("agent_id")
        agent = (
            None
            if agent_id is None
            else selectors.get_agent_by_id(tenant=self.tenant, agent_id=agent_id)
        )
        remark = services.add_remark(
            tenant=self.tenant,
            conversation_id=conversation_id,
            agent=agent,
            text=text,
            said_by=self.actor,
        )
        return Response(RemarkJson.of(remark), 201)
