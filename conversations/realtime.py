"""Pushing to sockets: the only code that talks to the channel layer.

A push is a hint, never the record: it may be lost with Redis, and each one carries the newest
`seq`, so that a socket notices what it has missed and reads it from the database.

Each process has one channel, which joins the group of a conversation while at least one of its
sockets shows it. A push goes straight to the sockets of the process that made it, and through Redis
to those of the others.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from chatorical.kernel.clock import iso_ms
from chatorical.kernel.hop import in_thread
from conversations import metrics
from conversations.models import Conversation, Direction, Message
from tenants.scope import platform_scope

logger = structlog.get_logger(__name__)

Push = dict[str, Any]

_HEARTBEAT_SECONDS = 2.0
_RESYNC_CHUNK = 1_000


class Sink(Protocol):
    """A socket, as the hub sees it."""

    conversation_id: UUID
    last_seq: int

    def offer(self, push: Push) -> None:
        """Take a push; must not block."""

    def resync(self) -> None:
        """Read what may have been missed from the database."""


def group_name(conversation_id: UUID) -> str:
    """The channel layer's group of a conversation."""
    return f"conv.{conversation_id.hex}"


# --- pushing, from services ------------------------------------------------------------------


def push_message(
    *, conversation: Conversation, message: Message, agent_label: str, echo_text: str
) -> None:
    """Show a new message."""
    metrics.MESSAGES.labels(message.direction).inc()
    _after_commit(
        conversation,
        message_push(message=message, agent_label=agent_label, echo_text=echo_text),
        seq=message.seq,
    )


def message_push(*, message: Message, agent_label: str, echo_text: str = "") -> Push:
    """A message as it travels to sockets."""
    push: Push = {
        "event": "message",
        "id": str(message.pk),
        "seq": message.seq,
        "created_at": iso_ms(message.created_at),
        "direction": message.direction,
        "text": echo_text or message.text,
    }
    if message.direction == Direction.OUTBOUND:
        push["agent"] = agent_label
    return push


def push_edit(*, conversation: Conversation, message: Message) -> None:
    """Show the new words of a message."""
    _after_commit(
        conversation,
        {"event": "edited", "id": str(message.pk), "text": message.text},
    )


def push_note(*, conversation: Conversation, key: str, text: str, message: Message | None) -> None:
    """Show a quiet note; `message` is the same text in the history, where it is kept."""
    push: Push = {"event": "note", "key": key, "text": text}
    if message is not None:
        push["message_id"], push["message_seq"] = str(message.pk), message.seq
    _after_commit(conversation, push)


def push_agent_joined(*, conversation: Conversation, agent_label: str) -> None:
    """Say who has the conversation now."""
    _after_commit(conversation, {"event": "agent_joined", "agent": agent_label})


def push_closed(*, conversation: Conversation) -> None:
    """Say that the conversation is closed."""
    _after_commit(conversation, {"event": "closed"})


def push_reopened(*, conversation: Conversation) -> None:
    """Say that the conversation is open again."""
    _after_commit(conversation, {"event": "reopened"})


def _after_commit(conversation: Conversation, push: Push, seq: int | None = None) -> None:
    push["conversation"] = conversation.pk.hex
    # What a socket must have shown before this push means anything.
    push["seq"] = conversation.last_seq if seq is None else seq
    transaction.on_commit(lambda: hub().broadcast(conversation.pk, push))


# --- the hub of this process -----------------------------------------------------------------


class Hub:
    """Connects the sockets of this process with the channel layer, on one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._id = uuid4().hex
        self._layer = get_channel_layer()
        self._channel: str | None = None
        self._sinks: defaultdict[UUID, set[Sink]] = defaultdict(set)
        self._unjoined: set[UUID] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._beats_sent = 0
        self._beats_seen = 0
        self._is_healthy = True

    def broadcast(self, conversation_id: UUID, push: Push) -> None:
        """Send a push to every socket of the conversation; from any thread, never fails."""
        push["origin"] = self._id
        asyncio.run_coroutine_threadsafe(self._broadcast(conversation_id, push), self.loop)

    async def _broadcast(self, conversation_id: UUID, push: Push) -> None:
        self._offer(conversation_id, push)
        try:
            await self._layer.group_send(group_name(conversation_id), {"type": "push", **push})
        except (RedisError, OSError) as error:
            metrics.PUSHES_FAILED.inc()
            logger.warning("push_failed", error=type(error).__name__)

    def _offer(self, conversation_id: UUID, push: Push) -> None:
        for sink in tuple(self._sinks.get(conversation_id, ())):
            sink.offer(push)

    async def join(self, sink: Sink) -> None:
        """Let a socket hear its conversation; also while Redis is away, then a little later."""
        self._start()
        sinks = self._sinks[sink.conversation_id]
        is_first = not sinks
        sinks.add(sink)
        if is_first:
            await self._join_group(sink.conversation_id)

    async def leave(self, sink: Sink) -> None:
        """Forget a socket."""
        sinks = self._sinks.get(sink.conversation_id)
        if sinks is None:
            return
        sinks.discard(sink)
        if sinks:
            return
        del self._sinks[sink.conversation_id]
        self._unjoined.discard(sink.conversation_id)
        if self._channel is not None:
            try:
                await self._layer.group_discard(group_name(sink.conversation_id), self._channel)
            except (RedisError, OSError) as error:
                # The subscription went with the connection.
                logger.info("group_not_left", error=type(error).__name__)

    async def _join_group(self, conversation_id: UUID) -> None:
        try:
            channel = await self._own_channel()
            await self._layer.group_add(group_name(conversation_id), channel)
            self._unjoined.discard(conversation_id)
        except (RedisError, OSError) as error:
            self._unjoined.add(conversation_id)
            logger.warning("group_not_joined", error=type(error).__name__)

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [self.loop.create_task(self._watch())]

    async def _own_channel(self) -> str:
        if self._channel is None:
            self._channel = await self._layer.new_channel()
            self._tasks.append(self.loop.create_task(self._receive(self._channel)))
        return self._channel

    async def _receive(self, channel: str) -> None:
        while True:
            push = await self._layer.receive(channel)
            if push["type"] == "beat":
                self._beats_seen = push["number"]
            elif push["origin"] != self._id:
                self._offer(UUID(hex=push["conversation"]), push)

    async def _watch(self) -> None:
        """Notice when pushes from other processes may have been lost, and make up for it.

        The layer resubscribes by itself after a restart of Redis and tells nobody. A heartbeat
        through our own channel that stays away marks the gap; its return ends it.
        """
        while True:
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            is_healthy = self._beats_seen == self._beats_sent and not self._unjoined
            for conversation_id in tuple(self._unjoined):
                await self._join_group(conversation_id)
            if is_healthy and not self._is_healthy:
                await self._resync_all()
            self._is_healthy = is_healthy
            await self._beat()

    async def _beat(self) -> None:
        self._beats_sent += 1
        try:
            channel = await self._own_channel()
            await self._layer.send(channel, {"type": "beat", "number": self._beats_sent})
        except (RedisError, OSError) as error:
            logger.warning("channel_layer_away", error=type(error).__name__)

    async def _resync_all(self) -> None:
        """Let exactly those sockets that are behind read what they have missed."""
        ids = list(self._sinks)
        for start in range(0, len(ids), _RESYNC_CHUNK):
            newest = await in_thread(_newest_seqs, ids[start : start + _RESYNC_CHUNK])
            for conversation_id, seq in newest.items():
                for sink in tuple(self._sinks.get(conversation_id, ())):
                    if sink.last_seq < seq:
                        sink.resync()


def _newest_seqs(conversation_ids: Iterable[UUID]) -> dict[UUID, int]:
    with platform_scope("socket resync"):
        rows = Conversation.objects.filter(pk__in=list(conversation_ids))
        return dict(rows.values_list("pk", "last_seq"))


_hub: Hub | None = None
_hub_lock = threading.Lock()


def use_loop(loop: asyncio.AbstractEventLoop) -> Hub:
    """Run this process's hub on the server's own loop; a hub on another loop is replaced."""
    global _hub
    with _hub_lock:
        if _hub is None or _hub.loop is not loop:
            _hub = Hub(loop)
        return _hub


def hub() -> Hub:
    """This process's hub; outside a server it gets a loop of its own in a daemon thread."""
    global _hub
    with _hub_lock:
        if _hub is None or _hub.loop.is_closed():
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="pushes", daemon=True).start()
            _hub = Hub(loop)
        return _hub
