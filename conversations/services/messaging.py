"""Saying something: the customer, an agent, or the product itself."""

from collections.abc import Sequence
from uuid import UUID

from conversations import selectors, sql
from conversations.attached import AttachedFile, stored
from conversations.errors import (
    ConversationBlocked,
    ConversationNotClaimed,
    MessageNotFound,
    NotTheClaimer,
)
from conversations.events import (
    AgentsHaveSeen,
    ConversationReopened,
    MessageAdded,
    MessageDeleted,
    MessageEdited,
)
from conversations.models import Agent, Conversation, Direction, Message, Status
from conversations.services import receipts, response_times
from conversations.services.audit_entries import note_change
from conversations.services.legal_hold import require_no_legal_hold
from conversations.services.lifecycle import mark_reopened
from conversations.setting_keys import REPLIES_FROM
from kernel import events
from kernel.clock import ONE_MILLISECOND, now_ms
from tenants.audit import CUSTOMER, Actor, ActorKind
from tenants.models import Tenant
from tenants.read_only import require_writable
from tenants.use_limits import Room


def add_customer_message(
    *,
    tenant: Tenant,
    conversation_id: UUID,
    text: str,
    client_id: str | None = None,
    echo_text: str | None = None,
    files: Sequence[AttachedFile] = (),
    room: Room | None = None,
) -> Message:
    """Store what the customer wrote (validated before); the same `client_id` is the same message.

    With `files`, which are stored already, the text may be empty. A closed conversation reopens.
    `room` is what the tenant's plan has left for one more. Raises ConversationNotFound,
    ConversationBlocked, TenantReadOnly, OverLimit.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if conversation.status == Status.BLOCKED:
        raise ConversationBlocked(conversation_id=conversation_id)
    if client_id is not None:
        # Safe without a conflict: every writer in this conversation holds its lock.
        earlier = Message.objects.filter(
            tenant=tenant, conversation=conversation, client_id=client_id
        ).first()
        if earlier is not None:
            return earlier
    require_writable(tenant)
    if room is not None:
        room.take(tenant)
    was_closed = conversation.status == Status.CLOSED
    message = _next_message(conversation, text=text, direction=Direction.INBOUND)
    message.client_id = client_id
    message.attachments = stored(files)
    if conversation.status == Status.AWAITING_CUSTOMER:
        conversation.status = Status.OPEN_ASSIGNED
    conversation.last_customer_at = message.created_at
    if conversation.waiting_since is None and not conversation.is_claimed:
        conversation.waiting_since = message.created_at
        conversation.reminders_sent = 0
    sql.add_message(conversation, message)
    if was_closed:
        mark_reopened(tenant=tenant, conversation=conversation, actor=CUSTOMER)
    events.publish(
        MessageAdded(
            tenant,
            conversation,
            message,
            echo_text=text if echo_text is None else echo_text,
            has_reopened=was_closed,
        )
    )
    if was_closed:
        # After the message, so that the customer's own words come before our answer to them.
        events.publish(ConversationReopened(tenant, conversation, CUSTOMER))
    return message


def add_agent_reply(
    *,
    tenant: Tenant,
    conversation_id: UUID,
    agent: Agent | None,
    text: str,
    label: str = "",
    said_by: Actor | None = None,
    files: Sequence[AttachedFile] = (),
    was_claimed: bool = False,
) -> Message:
    """Answer the customer in the agent's name.

    The label is the given one, else the sender's name, else that of the agent who has the
    conversation, else the tenant's. `said_by` is who speaks in the agent's name from outside the
    channel: colleagues are shown the answer there, and the trail notes it. With `files`, which are
    stored already, the text may be empty. `was_claimed`: the agent said it while that was allowed,
    and it is late only because something had to be fetched for it; a closed conversation stays so.
    Raises ConversationNotFound, ConversationNotClaimed where nobody has it, and NotTheClaimer.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if not was_claimed and not conversation.is_claimed:
        raise ConversationNotClaimed(conversation_id=conversation_id)
    if not was_claimed and not may_answer(tenant=tenant, conversation=conversation, agent=agent):
        raise NotTheClaimer(conversation_id=conversation_id)
    waited_since = response_times.first_unanswered_at(tenant=tenant, conversation=conversation)
    # Who answers from outside has read what is stored; in the channel, what was delivered there.
    read = conversation.last_seq if said_by is not None else None
    has_seen_more = receipts.raise_seen(conversation, seq=read)
    message = _next_message(conversation, text=text, direction=Direction.OUTBOUND)
    message.attachments = stored(files)
    message.agent = agent
    message.agent_name = label or selectors.name_on_reply(conversation=conversation, sender=agent)
    if conversation.is_claimed:
        conversation.status = Status.AWAITING_CUSTOMER
    conversation.last_agent_at = message.created_at
    sql.add_message(conversation, message)
    if waited_since is not None:
        response_times.observe_first_response(since=waited_since, now=message.created_at)
    if said_by is not None:
        note_change(
            tenant=tenant,
            conversation=conversation,
            actor=said_by,
            action="replied",
            changes={"seq": message.seq},
        )
    if has_seen_more:
        events.publish(AgentsHaveSeen(tenant, conversation))
    events.publish(
        MessageAdded(tenant, conversation, message, is_news_to_agents=said_by is not None)
    )
    return message


def may_answer(*, tenant: Tenant, conversation: Conversation, agent: Agent | None) -> bool:
    """Whether an agent's answers reach the customer of this claimed conversation.

    None is a program that answers for whoever has it.
    """
    is_claimers = agent is None or conversation.assigned_agent_id == agent.pk
    return is_claimers or tenant.setting(REPLIES_FROM) == "everybody"


def add_system_message(
    *, tenant: Tenant, conversation: Conversation, key: str, text: str, agent_name: str = ""
) -> Message:
    """Store something the product says to the customer, under an agent's name or the support label.

    `conversation` must be locked by the running transaction.
    """
    message = _next_message(conversation, text=text, direction=Direction.OUTBOUND)
    message.template_key, message.agent_name = key, agent_name
    sql.add_message(conversation, message)
    events.publish(MessageAdded(tenant, conversation, message))
    return message


def edit_agent_reply(*, tenant: Tenant, message_id: UUID, text: str, actor: Actor) -> bool:
    """Change the words of an agent's message; False when they are the same already.

    Raises MessageNotFound, also for a message that was deleted.
    """
    message = (
        Message.objects.select_for_update()
        .filter(tenant=tenant, pk=message_id, direction=Direction.OUTBOUND)
        .first()
    )
    if message is None or message.deleted_at is not None:
        raise MessageNotFound(message_id=message_id)
    if message.text == text:
        return False
    message.text = text
    message.edited_at = now_ms()
    message.save(update_fields=["text", "edited_at"])
    conversation = selectors.get_conversation(
        tenant=tenant, conversation_id=message.conversation_id
    )
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="message_edited",
        changes={"seq": message.seq},
    )
    events.publish(MessageEdited(tenant, conversation, message))
    return True


def delete_agent_reply(
    *, tenant: Tenant, conversation_id: UUID, message_id: UUID, actor: Actor
) -> Message:
    """Take back what an agent has said: its words and files go for good, its number stays.

    The trail names who did it and which message, not the words. Raises ConversationNotFound,
    MessageNotFound for what is no message of an agent or was deleted before, and LegalHold.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    message = (
        Message.objects.select_for_update()
        .filter(tenant=tenant, conversation=conversation, pk=message_id)
        .filter(direction=Direction.OUTBOUND, template_key="", deleted_at__isnull=True)
        .first()
    )
    if message is None:
        raise MessageNotFound(message_id=message_id)
    require_no_legal_hold(conversation)
    message.text, message.attachments, message.deleted_at = "", None, now_ms()
    message.save(update_fields=["text", "attachments", "deleted_at"])
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="message_deleted",
        changes={"seq": message.seq},
    )
    events.publish(MessageDeleted(tenant, conversation, message))
    return message


def agent_actor(agent: Agent) -> Actor:
    """The agent as the audit trail knows them."""
    return Actor(ActorKind.AGENT, agent.channel_user_id)


def _next_message(conversation: Conversation, *, text: str, direction: Direction) -> Message:
    """The next message of a locked conversation, not stored yet.

    Times grow strictly with seq within a conversation, by at least the millisecond that the wire
    shows, so "newer than this time" neither misses nor repeats a message.
    """
    now = now_ms()
    if conversation.last_message_at is not None and now <= conversation.last_message_at:
        now = conversation.last_message_at + ONE_MILLISECOND
    conversation.last_seq += 1
    conversation.last_message_at = conversation.updated_at = now
    return Message(
        tenant_id=conversation.tenant_id,
        conversation=conversation,
        seq=conversation.last_seq,
        direction=direction,
        text=text,
        created_at=now,
    )
