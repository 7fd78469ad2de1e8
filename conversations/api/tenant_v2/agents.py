"""/v2/admin/agents"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, services
from conversations.api.fields import AgentName, ChannelId
from conversations.models import Agent
from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.fields import Flag
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope

_TAGS = ["Agents"]


class AgentJson(Answer, frozen=True, kw_only=True):
    """A person who answers."""

    id: UUID
    channel_user_id: Annotated[str, Meta(description="Such as the id of a Telegram user.")]
    channel_name: Annotated[str, Meta(description="What the channel calls them; empty: not known.")]
    display_name: Annotated[
        str, Meta(description="What customers see; empty: the tenant's support label.")
    ]
    is_enabled: Annotated[bool, Meta(description="Whether customers see the display name.")]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, agent: Agent) -> "AgentJson":
        """The agent as it is shown."""
        return cls(
            id=agent.pk,
            channel_user_id=agent.channel_user_id,
            channel_name=agent.channel_name,
            display_name=agent.display_name,
            is_enabled=agent.is_enabled,
            created_at=iso_ms(agent.created_at),
            updated_at=iso_ms(agent.updated_at),
        )


class NewAgent(serializers.Serializer[Any]):
    """Somebody who may answer under a name of their own."""

    channel_user_id = ChannelId(
        help_text="Who they are where they answer: the id of a Telegram user, which `/myid` in the "
        "group tells.",
    )
    display_name = AgentName()


class AgentChanges(serializers.Serializer[Any]):
    """What shall be different."""

    display_name = AgentName(
        required=False,
        allow_blank=True,
        help_text="Empty: customers see the tenant's support label.",
    )
    is_enabled = Flag(required=False)


class _AgentView(ApiKeyView):
    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.SETTINGS_WRITE


class AgentList(_AgentView):
    """Everybody who has been registered or has answered."""

    @extend_schema(
        operation_id="listAgents",
        tags=_TAGS,
        summary="List agents",
        parameters=PageRequest.parameters(),
        responses=page_of(AgentJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        page = PageRequest.of(request, "agents").take(selectors.list_agents(tenant=self.tenant))
        return object_answer(map(AgentJson.of, page.rows), page.next_cursor)

    @extend_schema(
        operation_id="registerAgent",
        tags=_TAGS,
        summary="Register an agent",
        description="Whoever is an agent already gets the name; the answer is then 200.",
        request=NewAgent,
        responses={**answered(AgentJson, 201), **answered(AgentJson)},
    )
    def post(self, request: Request) -> Response:
        """Customers see this name from now on."""
        wanted = read(NewAgent, request)
        known = selectors.find_agent(tenant=self.tenant, channel_user_id=wanted["channel_user_id"])
        agent = services.register_agent(
            tenant=self.tenant,
            channel_user_id=wanted["channel_user_id"],
            display_name=wanted["display_name"],
            actor=self.actor,
        )
        return self.versioned(AgentJson.of(agent), 200 if known else 201)


class OneAgent(_AgentView):
    """One of them."""

    @extend_schema(
        operation_id="readAgent",
        tags=_TAGS,
        summary="Read an agent",
        responses=answered(AgentJson),
    )
    def get(self, request: Request, agent_id: UUID) -> Response:
        """The agent."""
        agent = selectors.get_agent_by_id(tenant=self.tenant, agent_id=agent_id)
        return self.versioned(AgentJson.of(agent))

    @extend_schema(
        operation_id="changeAgent",
        tags=_TAGS,
        summary="Rename, show or hide an agent",
        description="Who is not enabled still answers, under the tenant's support label.",
        request=AgentChanges,
        responses=answered(AgentJson),
    )
    def patch(self, request: Request, agent_id: UUID) -> Response:
        """Fields that are not given stay."""
        wanted = read(AgentChanges, request)
        agent = selectors.lock_agent(tenant=self.tenant, agent_id=agent_id)
        self.require_unchanged(AgentJson.of(agent))
        if "display_name" in wanted:
            agent = services.register_agent(
                tenant=self.tenant,
                channel_user_id=agent.channel_user_id,
                display_name=wanted["display_name"],
                actor=self.actor,
            )
        if "is_enabled" in wanted:
            services.set_agent_enabled(
                tenant=self.tenant,
                agent=agent,
                is_enabled=wanted["is_enabled"],
                actor=self.actor,
            )
        return self.versioned(AgentJson.of(agent))
