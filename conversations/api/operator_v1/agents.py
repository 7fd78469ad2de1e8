"""Who answers, and under which name."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, services
from conversations.api.fields import AgentName, ChannelId
from conversations.api.operator_v1 import schemas
from conversations.api.operator_v1.answers import V1Agent
from conversations.errors import NoLongerSupported
from kernel.rest.answers import answered
from kernel.rest.fields import read
from tenants.api.views import ServiceView


@extend_schema_field(OpenApiTypes.INT64)
class TelegramId(ChannelId):
    """A Telegram user's id, as a number or, since JavaScript rounds long ones, as a text."""

    default_error_messages = {"invalid": "Use a Telegram user's id, such as 123456789."}

    def to_internal_value(self, data: Any) -> str:
        """Its digits, as the channel writes it."""
        text = super().to_internal_value(data)
        if not (text.isascii() and text.isdigit() and len(text) <= 16) or int(text) == 0:
            self.fail("invalid")
        return str(int(text))


class WhichAgent(serializers.Serializer[Any]):
    """One agent."""

    tgId = TelegramId()


class AgentRegistration(WhichAgent):
    """One agent, and the name that customers see."""

    displayName = AgentName()


class AgentList(ServiceView):
    """GET /v1/admin/agents"""

    @extend_schema(
        operation_id="v1ListAgents",
        tags=schemas.TAGS,
        summary="List agents",
        responses={200: list[V1Agent]},
    )
    def get(self, request: Request) -> Response:
        """Everybody who has been registered or has answered."""
        return Response([V1Agent.of(row) for row in selectors.list_agents(tenant=self.tenant)])


class UpsertAgent(ServiceView):
    """POST /v1/admin/agents/upsert"""

    @extend_schema(
        operation_id="v1UpsertAgent",
        tags=schemas.TAGS,
        summary="Name an agent",
        request=AgentRegistration,
        responses=answered(V1Agent),
    )
    def post(self, request: Request) -> Response:
        """Customers see this name from now on."""
        wanted = read(AgentRegistration, request)
        agent = services.register_agent(
            tenant=self.tenant,
            channel_user_id=wanted["tgId"],
            display_name=wanted["displayName"],
            actor=self.actor,
        )
        return Response(V1Agent.of(agent))


class EnableAgent(ServiceView):
    """POST /v1/admin/agents/enable"""

    is_enabled = True

    @extend_schema(
        operation_id="v1EnableAgent",
        tags=schemas.TAGS,
        summary="Show an agent's own name",
        request=WhichAgent,
        responses=answered(V1Agent),
    )
    def post(self, request: Request) -> Response:
        """Show or hide the agent's own name."""
        wanted = read(WhichAgent, request)
        agent = selectors.get_agent(tenant=self.tenant, channel_user_id=wanted["tgId"])
        services.set_agent_enabled(
            tenant=self.tenant, agent=agent, is_enabled=self.is_enabled, actor=self.actor
        )
        return Response(V1Agent.of(agent))


class DisableAgent(EnableAgent):
    """POST /v1/admin/agents/disable"""

    is_enabled = False

    @extend_schema(
        operation_id="v1DisableAgent",
        tags=schemas.TAGS,
        summary="Hide an agent's own name",
        request=WhichAgent,
        responses=answered(V1Agent),
    )
    def post(self, request: Request) -> Response:
        """Customers see the support label instead."""
        return super().post(request)


class ClosingMessages(ServiceView):
    """GET /v1/admin/agents/closing-messages"""

    @extend_schema(
        operation_id="v1ListClosingMessages",
        tags=schemas.TAGS,
        summary="List agents' own closing texts",
        description="There are none any more: closing texts are message templates.",
        responses=schemas.NONE_OF_THEM,
        deprecated=True,
    )
    def get(self, request: Request) -> Response:
        """Nothing, which programs that list them can go on with."""
        return Response([])


class ClosingMessage(ServiceView):
    """/v1/admin/agents/closing-message"""

    @extend_schema(tags=schemas.TAGS, request=None, responses=schemas.NO_MORE, deprecated=True)
    def get(self, request: Request) -> Response:
        """Agents have no closing texts of their own any more."""
        raise NoLongerSupported(
            "Closing texts are message templates now: POST /v1/admin/message-templates/upsert "
            "with the key closing_message."
        )

    post = put = delete = get
