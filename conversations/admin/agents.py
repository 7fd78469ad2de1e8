"""Who answers customers."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from conversations import services, validation
from conversations.models import Agent
from kernel.errors import InvalidParameter
from tenants.admin.audit import Actors, name_by
from tenants.api_keys.scopes import Scope
from tenants.audit import ActorKind
from tenants.console import ServiceForm, StaffAdmin, column, moment
from tenants.console.filters import TENANT
from tenants.scope import tenant_scope


def _names(actors: Actors) -> Mapping[tuple[UUID, str], str]:
    """Agents stand in the audit trail under their ids in the channel."""
    tenants, ids = {tenant for tenant, _ in actors}, {actor_id for _, actor_id in actors}
    found = Agent.objects.filter(tenant__in=tenants, channel_user_id__in=ids)
    return {
        (agent.tenant_id, agent.channel_user_id): agent.internal_name
        for agent in found
        if agent.display_name or agent.channel_name
    }


name_by(ActorKind.AGENT, _names)


class AgentForm(ServiceForm):
    """The name that customers see, and whether they see it."""

    already_there = "This Telegram user is an agent of the tenant already."

    class Meta:
        model = Agent
        fields = ("tenant", "channel_user_id", "display_name", "is_enabled")
        labels: ClassVar[dict[str, str]] = {
            "channel_user_id": "Telegram user id",
            "is_enabled": "Show the name",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "channel_user_id": "The agent learns it by sending /myid in the group.",
            "display_name": "What customers see. Empty: they see the tenant's support label, "
            "as for anonymous admins always.",
            "is_enabled": "Off: the agent still answers, under the tenant's support label.",
        }

    def clean_display_name(self) -> str:
        """Kept with single blanks."""
        try:
            return validation.agent_name(self.cleaned_data["display_name"])
        except InvalidParameter as refusal:
            raise forms.ValidationError(refusal.public_message) from None

    def carry_out(self) -> Agent:
        """Register, and enable or disable where that has changed."""
        is_new = self.instance._state.adding
        with tenant_scope(self.instance.tenant_id) as tenant:
            agent = self.instance
            if is_new or "display_name" in self.changed_data:
                agent = services.register_agent(
                    tenant=tenant,
                    channel_user_id=self.instance.channel_user_id,
                    display_name=self.cleaned_data["display_name"],
                    actor=self.actor,
                )
            is_enabled = self.cleaned_data["is_enabled"]
            if "is_enabled" in self.changed_data and (not is_new or not is_enabled):
                services.set_agent_enabled(
                    tenant=tenant, agent=agent, is_enabled=is_enabled, actor=self.actor
                )
            return Agent.objects.get(tenant=tenant, pk=agent.pk)


@admin.register(Agent)
class AgentAdmin(StaffAdmin[Agent]):
    """Agents appear by themselves with their first act in the group."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.SETTINGS_WRITE
    form = AgentForm
    list_display = ("internal_name", "shown_to_customers", "channel_name", "tenant", "since")
    list_filter = ("is_enabled", TENANT)
    list_select_related = ("tenant",)
    search_fields = ("display_name", "channel_name", "=channel_user_id")
    search_help_text = "Name or whole Telegram user id"
    autocomplete_fields = ("tenant",)
    ordering = ("-created_at",)
    empty_icon = "support_agent"
    empty_title = "No agents yet"
    empty_text = "Who claims a conversation in the Telegram group appears here automatically."

    def get_fields(self, request: HttpRequest, obj: Agent | None = None) -> Any:
        """What Telegram calls them is known later."""
        own = ("tenant", "channel_user_id", "display_name", "is_enabled")
        return own if obj is None else (*own, "channel_name", "since")

    def get_readonly_fields(self, request: HttpRequest, obj: Agent | None = None) -> Any:
        """Who they are in Telegram stays."""
        return () if obj is None else ("tenant", "channel_user_id", "channel_name", "since")

    @column("Agent", ordering="display_name")
    def internal_name(self, agent: Agent) -> str:
        """A name for colleagues."""
        return agent.internal_name

    @column("Customers see")
    def shown_to_customers(self, agent: Agent) -> str:
        """Their own name, or the tenant's label."""
        return agent.public_name or "the support label"

    @column("First seen", ordering="created_at")
    def since(self, agent: Agent) -> str:
        """When they first acted."""
        return moment(agent.created_at)
