"""Conversations, messages and agents as the v2 admin calls show them."""

from typing import Any

from rest_framework import serializers

from conversations import selectors
from conversations.models import Agent, Conversation, Direction, Message, Status
from kernel.clock import iso_ms, iso_ms_or_none
from tenants.models import AuditEntry, Tenant


class AgentNameJson(serializers.Serializer[Any]):
    """Who has a conversation."""

    id = serializers.UUIDField()
    display_name = serializers.CharField(help_text="A name for colleagues, never empty.")


class LegalHoldJson(serializers.Serializer[Any]):
    """What keeps a conversation from being deleted."""

    since = serializers.DateTimeField()
    reason = serializers.CharField()


class ConversationJson(serializers.Serializer[Any]):
    """A conversation, without its messages."""

    id = serializers.UUIDField()
    codename = serializers.CharField(help_text="What agents call it.")
    customer_name = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_null=True, help_text="Private; customers never see it.")
    status = serializers.ChoiceField(list(Status.values))
    locale = serializers.CharField()
    thread_id = serializers.IntegerField(allow_null=True, help_text="Its topic in Telegram.")
    assigned_agent = AgentNameJson(allow_null=True)
    waiting_since = serializers.DateTimeField(
        allow_null=True, help_text="The customer's first message that nobody has taken on yet."
    )
    last_customer_at = serializers.DateTimeField(allow_null=True)
    last_agent_at = serializers.DateTimeField(allow_null=True)
    last_message_at = serializers.DateTimeField(allow_null=True)
    message_count = serializers.IntegerField()
    closed_at = serializers.DateTimeField(
        allow_null=True,
        help_text="While it is closed. It is deleted some days later: see settings.",
    )
    legal_hold = LegalHoldJson(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class MessageJson(serializers.Serializer[Any]):
    """A message; `seq` counts from 1 within its conversation."""

    id = serializers.UUIDField()
    seq = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    direction = serializers.ChoiceField(list(Direction.values))
    text = serializers.CharField()
    agent_id = serializers.UUIDField(allow_null=True)
    agent_name = serializers.CharField(
        allow_null=True, help_text="The name that the customer sees; null on their own messages."
    )
    template_key = serializers.CharField(
        allow_null=True, help_text="Which system message it is, if it is one."
    )


class AgentJson(serializers.Serializer[Any]):
    """Somebody who answers."""

    id = serializers.UUIDField()
    telegram_user_id = serializers.IntegerField()
    telegram_name = serializers.CharField(help_text="What Telegram calls them; empty: not known.")
    display_name = serializers.CharField(
        help_text="What customers see; empty: the tenant's support label."
    )
    is_enabled = serializers.BooleanField(help_text="Whether customers see the display name.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class TrailEntryJson(serializers.Serializer[Any]):
    """Something that happened to a conversation."""

    at = serializers.DateTimeField()
    action = serializers.CharField()
    actor = serializers.CharField(help_text="What sort of being acted, such as customer or agent.")
    changes = serializers.DictField()


class PersonalDataJson(serializers.Serializer[Any]):
    """Everything that is stored about a customer."""

    conversation = ConversationJson()
    audit = TrailEntryJson(many=True)
    messages = MessageJson(many=True)


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation; whoever lists several has fetched their agents."""
    agent = conversation.assigned_agent
    return {
        "id": str(conversation.pk),
        "codename": conversation.codename,
        "customer_name": conversation.customer_name or None,
        "note": conversation.about_note or None,
        "status": conversation.status,
        "locale": conversation.locale,
        "thread_id": conversation.thread_id,
        "assigned_agent": (
            None if agent is None else {"id": str(agent.pk), "display_name": agent.internal_name}
        ),
        "waiting_since": iso_ms_or_none(conversation.waiting_since),
        "last_customer_at": iso_ms_or_none(conversation.last_customer_at),
        "last_agent_at": iso_ms_or_none(conversation.last_agent_at),
        "last_message_at": iso_ms_or_none(conversation.last_message_at),
        "message_count": conversation.last_seq,
        "closed_at": iso_ms_or_none(conversation.closed_at),
        "legal_hold": _legal_hold_json(conversation),
        "created_at": iso_ms(conversation.created_at),
        "updated_at": iso_ms(conversation.updated_at),
    }


def _legal_hold_json(conversation: Conversation) -> dict[str, str] | None:
    if conversation.legal_hold_since is None:
        return None
    return {
        "since": iso_ms(conversation.legal_hold_since),
        "reason": conversation.legal_hold_reason,
    }


def message_json(tenant: Tenant, message: Message) -> dict[str, object]:
    """A message, under the label that its customer sees."""
    is_ours = message.direction == Direction.OUTBOUND
    return {
        "id": str(message.pk),
        "seq": message.seq,
        "created_at": iso_ms(message.created_at),
        "edited_at": iso_ms_or_none(message.edited_at),
        "direction": message.direction,
        "text": message.text,
        "agent_id": str(message.agent_id) if message.agent_id else None,
        "agent_name": selectors.agent_label(tenant=tenant, message=message) if is_ours else None,
        "template_key": message.template_key or None,
    }


def agent_json(agent: Agent) -> dict[str, Any]:
    """An agent."""
    return {
        "id": str(agent.pk),
        "telegram_user_id": agent.channel_user_id,
        "telegram_name": agent.channel_name,
        "display_name": agent.display_name,
        "is_enabled": agent.is_enabled,
        "created_at": iso_ms(agent.created_at),
        "updated_at": iso_ms(agent.updated_at),
    }


def trail_json(entry: AuditEntry) -> dict[str, object]:
    """An entry of the audit trail about a conversation."""
    return {
        "at": iso_ms(entry.at),
        "action": entry.action,
        "actor": entry.actor_kind,
        "changes": entry.changes,
    }
