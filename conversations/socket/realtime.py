"""Pushing to sockets: the only code that knows which channel layer there is.

Each process has one channel, which joins the group of a conversation while at least one of its
sockets shows it. A push goes straight to the sockets of the process that made it, and through Redis
to those of the others.
"""

import asyncio
import threading
from collections.abc import Iterable
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models import Exists, OuterRef
from msgspec import UNSET

from conversations import metrics
from conversations.attached import shown_or_unset
from conversations.models import Conversation, Direction, Message
from conversations.sessions.models import Session
from conversations.socket.hub import Hub
from conversations.socket.pushes import (
    AgentJoinedPush,
    AgentTypingPush,
    ClosedPush,
    DeletedPush,
    DeliveredPush,
    EditedPush,
    MessagePush,
    NotePush,
    Push,
    ReceiptsPush,
    RemovedPush,
    ReopenedPush,
    SessionsEndedPush,
    SuspendedPush,
    TypingPush,
)
from kernel.clock import iso_ms
from tenants.models import Tenant
from tenants.scope import platform_scope

# --- pushing, from services ------------------------------------------------------------------


def push_message(
    *, conversation: Conversation, message: Message, agent_label: str, echo_text: str
) -> None:
    """Show a new message."""
    transaction.on_commit(metrics.MESSAGES.labels(message.direction).inc)
    _after_commit(
        conversation,
        message_push(message=message, agent_label=agent_label, echo_text=echo_text),
    )


def message_push(*, message: Message, agent_label: str, echo_text: str = "") -> MessagePush:
    """A message as it travels to sockets."""
    text = echo_text or message.text
    return MessagePush(
        seq=message.seq,
        id=str(message.pk),
        created_at=iso_ms(message.created_at),
        direction=message.direction,
        text=text,
        stored_text=UNSET if text == message.text else message.text,
        client_id=UNSET if message.client_id is None else message.client_id,
        agent=agent_label if message.direction == Direction.OUTBOUND else UNSET,
        attachments=shown_or_unset(message),
    )


def push_edit(*, conversation: Conversation, message: Message) -> None:
    """Show the new words of a message."""
    push = EditedPush(seq=conversation.last_seq, id=str(message.pk), text=message.text)
    _after_commit(conversation, push)


def push_removal(*, conversation: Conversation, message: Message) -> None:
    """Take a message away."""
    push = RemovedPush(seq=conversation.last_seq, id=str(message.pk))
    _after_commit(conversation, push)


def push_note(*, conversation: Conversation, key: str, text: str, message: Message | None) -> None:
    """Show a quiet note; `message` is the same text in the history, where it is kept."""
    push = NotePush(
        seq=conversation.last_seq,
        key=key,
        text=text,
        message_id=UNSET if message is None else str(message.pk),
        message_seq=UNSET if message is None else message.seq,
    )
    _after_commit(conversation, push)


def push_agent_joined(*, conversation: Conversation, agent_label: str) -> None:
    """Say who has the conversation now."""
    _after_commit(conversation, AgentJoinedPush(seq=conversation.last_seq, agent=agent_label))


def push_closed(*, conversation: Conversation) -> None:
    """Say that the conversation is closed."""
    _after_commit(conversation, ClosedPush(seq=conversation.last_seq))


def push_reopened(*, conversation: Conversation) -> None:
    """Say that the conversation is open again."""
    _after_commit(conversation, ReopenedPush(seq=conversation.last_seq))


def push_delivered(*, tenant_id: UUID, conversation_id: UUID, message_id: str, seq: int) -> None:
    """Say that the channel has accepted a message of the customer's; soon, and maybe again."""
    hub().broadcast_soon(tenant_id, conversation_id, DeliveredPush(seq=seq, id=message_id))


def push_receipts(*, conversation: Conversation) -> None:
    """Say up to which message agents have seen what the customer wrote."""
    _after_commit(conversation, receipts_push(conversation))


def receipts_push(conversation: Conversation) -> ReceiptsPush:
    """How far the customer's messages have come, as it travels to sockets."""
    seen = conversation.agents_seen_seq
    return ReceiptsPush(seq=seen, delivered_seq=max(conversation.agents_delivered_seq, seen))


def push_agent_typing(*, conversation: Conversation, agent_label: str) -> None:
    """Say that an agent is writing; it is soon forgotten."""
    _after_commit(conversation, AgentTypingPush(agent=agent_label))


def push_typing(*, conversation_id: UUID, socket_id: str) -> None:
    """Tell the conversation's other sockets that the customer is writing at this one."""
    hub().broadcast(conversation_id, TypingPush(socket_id=socket_id))


def end_sockets_of(*, tenant: Tenant) -> None:
    """End every open socket of a tenant that is no longer served."""
    transaction.on_commit(lambda: hub().broadcast(tenant.pk, SuspendedPush()))


def push_deleted(*, conversation: Conversation) -> None:
    """End the sockets of a conversation that is no more."""
    _after_commit(conversation, DeletedPush())


def push_sessions_ended(*, conversation_id: UUID, session_ids: Iterable[UUID], reason: str) -> None:
    """End the sockets of sessions that have ended."""
    push = SessionsEndedPush(session_ids=tuple(map(str, session_ids)), reason=str(reason))
    transaction.on_commit(lambda: hub().broadcast(conversation_id, push))


def _after_commit(conversation: Conversation, push: Push) -> None:
    transaction.on_commit(lambda: hub().broadcast(conversation.pk, push))


# --- the hub of this process -----------------------------------------------------------------


def _newest_seqs(conversation_ids: Iterable[UUID]) -> dict[UUID, int]:
    with platform_scope("socket resync"):
        ended = Session.objects.filter(
            tenant=OuterRef("tenant"), conversation=OuterRef("pk"), ended_at__isnull=False
        )
        rows = Conversation.objects.filter(
            ~Exists(ended), pk__in=list(conversation_ids), tenant__status=Tenant.Status.ACTIVE
        )
        return dict(rows.values_list("pk", "last_seq"))


def _new_hub(loop: asyncio.AbstractEventLoop) -> Hub:
    return Hub(loop, layer=get_channel_layer(), newest_seqs=_newest_seqs)


_hub: Hub | None = None
_hub_lock = threading.Lock()


def use_loop(loop: asyncio.AbstractEventLoop) -> Hub:
    """Run this process's hub on the server's own loop; a hub on another loop is replaced."""
    global _hub
    with _hub_lock:
        if _hub is None or _hub.loop is not loop:
            _hub = _new_hub(loop)
        return _hub


def hub() -> Hub:
    """This process's hub; outside a server it gets a loop of its own in a daemon thread."""
    global _hub
    with _hub_lock:
        if _hub is None or _hub.loop.is_closed():
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="pushes", daemon=True).start()
            _hub = _new_hub(loop)
        return _hub
