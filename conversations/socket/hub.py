"""What a process knows about its sockets, and how pushes reach them.

Everything here may fail at any moment with Redis or the database: a failed call is counted, logged
and made up for by the next look, and no call to the channel layer lasts longer than a second.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from contextvars import Context
from itertools import count
from typing import Protocol, TypedDict, TypeVar
from uuid import UUID, uuid4

import msgspec
import structlog
from redis.exceptions import RedisError

from conversations import metrics
from conversations.socket.push_batching import Addressed, PushBatcher
from conversations.socket.pushes import Push
from kernel.database import is_outage
from kernel.service_threads import in_thread

logger = structlog.get_logger(__name__)

Result = TypeVar("Result")

HEARTBEAT_SECONDS = 2.0
# A Redis that hangs costs a new socket this much and no more. Running out of it is an OSError.
LAYER_SECONDS = 1.0
# Pushes on their way to Redis; one that comes on top of them only reaches this process's sockets.
MAX_IN_FLIGHT = 1_000
_REMEMBERED_PUSHES = 1_000
_RESYNC_CHUNK = 1_000
_PAUSE_SECONDS = 0.1


class LayerMessage(TypedDict):
    """What the channel layer carries: a Heartbeat or an Envelope, encoded."""

    type: str
    body: bytes


class ChannelLayer(Protocol):
    """What the hub asks of Channels' layer, which ships no types."""

    async def new_channel(self) -> str: ...
    async def group_add(self, group: str, channel: str) -> None: ...
    async def group_discard(self, group: str, channel: str) -> None: ...
    async def group_send(self, group: str, message: LayerMessage) -> None: ...
    async def send(self, channel: str, message: LayerMessage) -> None: ...
    async def receive(self, channel: str) -> LayerMessage: ...


class Heartbeat(msgspec.Struct, frozen=True, tag=True):
    """What a hub sends itself, to notice that its channel still works."""

    number: int


class Envelope(msgspec.Struct, frozen=True, tag=True):
    """Pushes on their way between processes; `origin` is the hub that made them."""

    origin: str
    number: int
    addressed: list[Addressed]


_decoder = msgspec.msgpack.Decoder(Heartbeat | Envelope)


class Sink(Protocol):
    """A socket, as the hub sees it."""

    conversation_id: UUID
    tenant_id: UUID
    last_seq: int

    def offer(self, push: Push) -> None:
        """Take a push; must not block."""

    def resync(self) -> None:
        """Read what may have been missed from the database."""


def group_name(audience: UUID) -> str:
    """The channel layer's group of a conversation, or of all that a tenant has."""
    return f"conv.{audience.hex}"


def layer_message(content: Heartbeat | Envelope) -> LayerMessage:
    """As the channel layer carries it."""
    return {"type": "push", "body": msgspec.msgpack.encode(content)}


class Hub:
    """Connects the sockets of this process with the channel layer, on one event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        layer: ChannelLayer,
        newest_seqs: Callable[[Iterable[UUID]], dict[UUID, int]],
    ) -> None:
        """`newest_seqs` asks the database; it runs in a thread.

        It leaves out conversations whose sockets have to look for themselves: deleted ones, a
        suspended tenant's, and those of which a session has ended.
        """
        self.loop = loop
        self._id = uuid4().hex
        self._layer = layer
        self._newest_seqs = newest_seqs
        self._opening: asyncio.Task[str] | None = None
        self._channel: str | None = None
        self._sinks: defaultdict[UUID, set[Sink]] = defaultdict(set)
        self._joins: dict[UUID, asyncio.Task[None]] = {}
        self._unjoined: set[UUID] = set()
        self._behind: set[Sink] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._receiver: asyncio.Task[None] | None = None
        self._batcher = PushBatcher(loop, self._send_addressed)
        self._push_numbers = count()
        self._recent: deque[tuple[str, int]] = deque()
        self._recent_set: set[tuple[str, int]] = set()
        self._in_flight = 0
        self._beats_sent = 0
        self._beats_seen = 0
        self._is_healthy = True

    # --- pushes ----------------------------------------------------------------------------

    def broadcast(self, audience: UUID, push: Push) -> None:
        """Send a push to every socket of a conversation or tenant; from any thread, never fails."""
        self._send_addressed(audience, [(audience, push)])

    def broadcast_soon(self, tenant_id: UUID, audience: UUID, push: Push) -> None:
        """The same for pushes that come in crowds: those of a moment share one trip to Redis."""
        self._batcher.add(tenant_id, audience, push)

    def _send_addressed(self, audience: UUID, addressed: list[Addressed]) -> None:
        asyncio.run_coroutine_threadsafe(self._broadcast(audience, addressed), self.loop)

    async def _broadcast(self, audience: UUID, addressed: list[Addressed]) -> None:
        self._offer(addressed)
        if self._in_flight >= MAX_IN_FLIGHT:
            metrics.PUSHES_FAILED.inc()
            return
        self._in_flight += 1
        try:
            envelope = Envelope(self._id, next(self._push_numbers), addressed)
            await _soon(self._layer.group_send(group_name(audience), layer_message(envelope)))
        except (RedisError, OSError) as error:
            metrics.PUSHES_FAILED.inc()
            logger.warning("push_failed", error=type(error).__name__)
        finally:
            self._in_flight -= 1

    def _offer(self, addressed: list[Addressed]) -> None:
        for audience, push in addressed:
            for sink in tuple(self._sinks.get(audience, ())):
                sink.offer(push)

    async def _receive(self, channel: str) -> None:
        while True:
            try:
                self._take(await self._layer.receive(channel))
            except (RedisError, OSError) as error:
                logger.warning("channel_not_read", error=type(error).__name__)
                await asyncio.sleep(_PAUSE_SECONDS)
            except Exception:
                # Whatever one push holds, the next one must be heard.
                logger.exception("push_not_taken")
                await asyncio.sleep(_PAUSE_SECONDS)

    def _take(self, message: LayerMessage) -> None:
        try:
            content = _decoder.decode(message["body"])
        except msgspec.DecodeError as error:
            # Of another version of this program, while one replaces the other.
            logger.warning("push_not_understood", error=str(error))
            return
        if isinstance(content, Heartbeat):
            self._beats_seen = content.number
        elif content.origin != self._id and not self._is_repeat((content.origin, content.number)):
            self._offer(content.addressed)

    def _is_repeat(self, push_id: tuple[str, int]) -> bool:
        if push_id in self._recent_set:
            return True
        self._recent.append(push_id)
        self._recent_set.add(push_id)
        if len(self._recent) > _REMEMBERED_PUSHES:
            self._recent_set.remove(self._recent.popleft())
        return False

    # --- joining ---------------------------------------------------------------------------

    async def join(self, sink: Sink) -> None:
        """Let a socket hear its conversation and what concerns its whole tenant; also while Redis
        is away, then a little later.

        On return every later push is heard, whichever socket came first.
        """
        if self._watcher is None:
            # In a context of its own: its lines are not about the socket that came first.
            self._watcher = self.loop.create_task(self._watch(), context=Context())
        audiences = (sink.conversation_id, sink.tenant_id)
        for audience in audiences:
            sinks = self._sinks[audience]
            is_first = not sinks
            sinks.add(sink)
            if is_first:
                self._begin_to_join(audience)
        for audience in audiences:
            joining = self._joins.get(audience)
            if joining is not None:
                await asyncio.shield(joining)

    async def leave(self, sink: Sink) -> None:
        """Forget a socket."""
        self._behind.discard(sink)
        for audience in (sink.conversation_id, sink.tenant_id):
            await self._leave(sink, audience)

    async def _leave(self, sink: Sink, audience: UUID) -> None:
        sinks = self._sinks.get(audience)
        if sinks is None:
            return
        sinks.discard(sink)
        if sinks:
            return
        del self._sinks[audience]
        joining = self._joins.pop(audience, None)
        if joining is not None:
            # Otherwise the group could be joined after it has been left.
            await asyncio.wait([joining])
        if audience in self._sinks:
            return
        self._unjoined.discard(audience)
        if self._channel is not None:
            try:
                await _soon(self._layer.group_discard(group_name(audience), self._channel))
            except (RedisError, OSError) as error:
                # The subscription went with the connection.
                logger.info("group_not_left", error=type(error).__name__)

    def _begin_to_join(self, audience: UUID) -> asyncio.Task[None]:
        joining = self.loop.create_task(self._join_group(audience))
        self._joins[audience] = joining
        return joining

    async def _join_group(self, audience: UUID) -> None:
        try:
            channel = await self._own_channel()
            await _soon(self._layer.group_add(group_name(audience), channel))
            self._unjoined.discard(audience)
        except (RedisError, OSError) as error:
            self._unjoined.add(audience)
            logger.warning("group_not_joined", error=type(error).__name__)
        finally:
            if self._joins.get(audience) is asyncio.current_task():
                del self._joins[audience]

    async def _own_channel(self) -> str:
        """This process's channel: one, however many ask for it at the same moment."""
        if self._channel is not None:
            return self._channel
        if self._opening is None:
            self._opening = self.loop.create_task(self._open_channel())
        return await asyncio.shield(self._opening)

    async def _open_channel(self) -> str:
        try:
            channel: str = await _soon(self._layer.new_channel())
            self._channel = channel
            self._receiver = self.loop.create_task(self._receive(channel), context=Context())
            return channel
        finally:
            self._opening = None

    # --- noticing gaps -----------------------------------------------------------------------

    def fall_behind(self, sink: Sink) -> None:
        """The socket could not read what it missed; it is told to once the database answers.

        One look of the hub asks for all of them: a database that is away, or has just come back,
        is not asked by each socket.
        """
        if sink in self._sinks.get(sink.conversation_id, ()):
            self._behind.add(sink)

    async def _watch(self) -> None:
        """Notice when pushes from other processes may have been lost, and make up for it.

        The layer resubscribes by itself after a restart of Redis and tells nobody. A heartbeat
        through our own channel that stays away marks the gap; its return ends it.
        """
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._look()
            except Exception as error:
                # Without this task nobody would notice a gap until the process ends.
                if is_outage(error) or isinstance(error, (RedisError, OSError)):
                    logger.warning("resync_postponed", error=type(error).__name__)
                else:
                    logger.exception("look_failed")

    async def _look(self) -> None:
        is_healthy = self._beats_seen == self._beats_sent and not self._unjoined
        # Once unhealthy, the hub stays so until a resync has succeeded.
        must_resync = is_healthy and not self._is_healthy
        self._is_healthy &= is_healthy
        await self._join_again()
        await self._beat()
        if must_resync:
            await self._resync(self._conversations())
            self._is_healthy = True
        elif self._behind:
            await self._resync(list({sink.conversation_id for sink in self._behind}))

    async def _join_again(self) -> None:
        for audience in tuple(self._unjoined):
            if audience not in self._sinks:
                self._unjoined.discard(audience)
                continue
            await self._begin_to_join(audience)
            if audience in self._unjoined:
                # Redis is still away: the others need not wait for that, one after another.
                return

    async def _beat(self) -> None:
        self._beats_sent += 1
        try:
            channel = await self._own_channel()
            await _soon(self._layer.send(channel, layer_message(Heartbeat(self._beats_sent))))
        except (RedisError, OSError) as error:
            logger.warning("channel_layer_away", error=type(error).__name__)

    def _conversations(self) -> list[UUID]:
        everybody = (sink for sinks in self._sinks.values() for sink in sinks)
        return list({sink.conversation_id for sink in everybody})

    async def _resync(self, ids: list[UUID]) -> None:
        """Let exactly those sockets that are behind read what they have missed.

        One whose conversation is not served any more, or whose session has ended, finds that out
        by reading.
        """
        for start in range(0, len(ids), _RESYNC_CHUNK):
            chunk = ids[start : start + _RESYNC_CHUNK]
            newest = await in_thread(self._newest_seqs, chunk)
            for conversation_id in chunk:
                seq = newest.get(conversation_id)
                for sink in tuple(self._sinks.get(conversation_id, ())):
                    if seq is None or sink in self._behind or sink.last_seq < seq:
                        self._behind.discard(sink)
                        sink.resync()


async def _soon(call: Awaitable[Result]) -> Result:
    async with asyncio.timeout(LAYER_SECONDS):
        return await call
