"""Conversations, agents and statuses as the v1 admin calls spell them."""

from types import MappingProxyType

from conversations.models import OPEN_STATUSES, Agent, Conversation, Status
from kernel.clock import iso_ms, iso_ms_or_none
from kernel.errors import InvalidParameter

# `all` is None: no condition at all.
_STATUSES = MappingProxyType(
    {
        "open": OPEN_STATUSES,
        "closed": (Status.CLOSED,),
        "blocked": (Status.BLOCKED,),
        "all": None,
    }
)


def read_status(word: str) -> tuple[Status, ...] | None:
    """The statuses that a word stands for, None for every one; raises InvalidParameter."""
    try:
        return _STATUSES[word.lower()]
    except KeyError:
        sentence = f"Use one of {', '.join(_STATUSES)}."
        raise InvalidParameter(f"status: {sentence}", details={"status": [sentence]}) from None


def conversation_json(conversation: Conversation) -> dict[str, object]:
    """A conversation; whoever lists several has fetched their agents."""
    agent = conversation.assigned_agent
    return {
        "id": str(conversation.pk),
        "codename": conversation.codename,
        "customerName": conversation.customer_name or None,
        "aboutNote": conversation.about_note or None,
        "threadId": conversation.thread_id,
        "status": conversation.status,
        "assignedAgentTgId": None if agent is None else str(agent.channel_user_id),
        "assignedAgentName": None if agent is None else agent.internal_name,
        "lastCustomerAt": iso_ms_or_none(conversation.last_customer_at),
        "lastAgentAt": iso_ms_or_none(conversation.last_agent_at),
        "locale": conversation.locale,
        "createdAt": iso_ms(conversation.created_at),
        "updatedAt": iso_ms(conversation.updated_at),
    }


def agent_json(agent: Agent) -> dict[str, object]:
    """An agent; an empty name means that customers see the support label."""
    return {
        "tgId": str(agent.channel_user_id),
        "displayName": agent.display_name,
        "isEnabled": agent.is_enabled,
        # The same under the name that the first programs knew.
        "isActive": agent.is_enabled,
        "createdAt": iso_ms(agent.created_at),
        "updatedAt": iso_ms(agent.updated_at),
    }
