"""Giving a conversation to a colleague: `/assign`, with a name."""

from channels_telegram import texts
from channels_telegram.inbound.situation import InTopic
from conversations import selectors, services
from conversations.errors import ConversationNotClaimable
from conversations.models import Agent
from conversations.services.messaging import agent_actor
from tenants.models import Tenant


def assign(situation: InTopic, name: str) -> str:
    """Give the conversation to the colleague of this name, a closed one too.

    Returns what to tell the agents; nothing where the topic hears of it anyway.
    """
    colleagues = _colleagues(situation.tenant)
    if not name:
        return texts.assignable([agent.internal_name for agent in colleagues])
    found = _named(colleagues, name)
    if len(found) != 1:
        return texts.not_assigned(name, [agent.internal_name for agent in found])
    [colleague] = found
    before = situation.conversation
    try:
        claimed = services.claim_conversation(
            tenant=situation.tenant,
            conversation_id=before.pk,
            agent=colleague,
            take_over=True,
            reopens=True,
            actor=agent_actor(situation.agent),
        )
    except ConversationNotClaimable:
        return texts.BLOCKED_CANNOT_CLAIM
    had_it = before.is_claimed and before.assigned_agent_id == colleague.pk
    if had_it and claimed.claimed_at == before.claimed_at:
        return texts.has_it_already(colleague)
    return ""


def _colleagues(tenant: Tenant) -> list[Agent]:
    agents = selectors.list_agents(tenant=tenant)
    return list(agents.filter(is_enabled=True, is_anonymous=False))


def _named(colleagues: list[Agent], name: str) -> list[Agent]:
    """Those called so, by the name that customers see or Telegram's; else those whose begins so."""
    wanted = name.removeprefix("@").casefold()
    names = {
        agent.pk: [agent.display_name.casefold(), agent.channel_name.casefold()]
        for agent in colleagues
    }
    exact = [agent for agent in colleagues if wanted in names[agent.pk]]
    if exact:
        return exact
    return [agent for agent in colleagues if any(one.startswith(wanted) for one in names[agent.pk])]
