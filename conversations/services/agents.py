"""Who answers: known from their first act, registered under a name by an admin."""

from conversations import channels, selectors, validation
from conversations.models import Agent
from kernel.clock import now_ms
from kernel.errors import InvalidParameter
from tenants import audit, quotas
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.plan_limits import Limit


def see_agent(
    *, tenant: Tenant, channel_user_id: str, channel_name: str, is_anonymous: bool = False
) -> Agent:
    """The agent who has just acted in the channel; made when new.

    `is_anonymous`: several people act under this identity. No name is shown for them.
    """
    agent = selectors.find_agent(tenant=tenant, channel_user_id=channel_user_id)
    if agent is None:
        # Two may be new at once: the unique constraint decides.
        agent, _ = Agent.objects.get_or_create(
            tenant=tenant,
            channel_user_id=channel_user_id,
            defaults={"channel_name": channel_name[:160], "is_anonymous": is_anonymous},
        )
    if (agent.channel_name, agent.is_anonymous) != (channel_name[:160], is_anonymous):
        agent.channel_name, agent.is_anonymous = channel_name[:160], is_anonymous
        agent.save(update_fields=["channel_name", "is_anonymous", "updated_at"])
    return agent


def register_agent(
    *, tenant: Tenant, channel_user_id: str, display_name: str, actor: Actor
) -> Agent:
    """Let customers see this agent under a name; the same name again changes nothing.

    Raises InvalidParameter for what is no name, for what is nobody's id in the channel and for an
    identity that several people share, and OverLimit when the plan has no room for one more agent
    with a name.
    """
    display_name = validation.agent_name(display_name)
    if selectors.find_agent(tenant=tenant, channel_user_id=channel_user_id) is None:
        channel = channels.channel_of(tenant)
        channel.require_user_id(channel_user_id)
        Agent.objects.get_or_create(
            tenant=tenant,
            channel_user_id=channel_user_id,
            defaults={"is_anonymous": channel_user_id in channel.shared_user_ids},
        )
    agent = Agent.objects.select_for_update().get(tenant=tenant, channel_user_id=channel_user_id)
    if agent.is_anonymous and display_name:
        raise InvalidParameter(
            f"{channel_user_id} is every anonymous admin of the group: customers see the support "
            "label for them. Register the agent's own id, which /myid shows once they write under "
            "their own name."
        )
    if agent.display_name != display_name:
        if agent.is_enabled and not agent.display_name:
            _require_room(tenant)
        agent.display_name = display_name
        agent.save(update_fields=["display_name", "updated_at"])
        _audit(tenant, agent, "agent.registered", actor)
    return agent


def set_agent_enabled(*, tenant: Tenant, agent: Agent, is_enabled: bool, actor: Actor) -> None:
    """Show or hide the agent's own name; disabled, they answer under the support label.

    Raises OverLimit when the plan has no room for one more agent with a name.
    """
    rows = Agent.objects.filter(tenant=tenant, pk=agent.pk).exclude(is_enabled=is_enabled)
    # Locked whether named or not: another transaction may be giving the name at this moment.
    locked = rows.select_for_update().first()
    if is_enabled and locked is not None and locked.display_name:
        _require_room(tenant)
    agent.is_enabled, now = is_enabled, now_ms()
    if not rows.update(is_enabled=is_enabled, updated_at=now):
        return
    agent.updated_at = now
    _audit(tenant, agent, "agent.enabled" if is_enabled else "agent.disabled", actor)


def _require_room(tenant: Tenant) -> None:
    """The agent's row is locked by now: rows of agents come before the tenant's."""
    quotas.require_room(
        tenant, Limit.AGENTS, count=lambda: selectors.count_named_agents(tenant=tenant)
    )


def _audit(tenant: Tenant, agent: Agent, action: str, actor: Actor) -> None:
    audit.record(
        tenant=tenant,
        actor=actor,
        action=action,
        object_type="agent",
        object_id=agent.pk,
        changes={"display_name": agent.display_name},
    )
