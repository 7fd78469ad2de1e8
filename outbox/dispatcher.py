"""Delivering items: claim with a lease, attempt, record. One drain runs per worker process.

The loop claims only as many items as it has free senders, so every leased item is being attempted
and a short lease, renewed while attempts run, is enough. Outcomes are recorded together as they
come in, and the sends of one round overlap with the claims of the next.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from time import monotonic
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error, connection

from kernel.database import is_outage, renew_connections
from kernel.watchdog import Activity
from outbox import claiming, kinds
from outbox.errors import DeliveryError, Expired
from outbox.models import OutboxItem
from outbox.recording import Outcome, record
from outbox.turns import Room
from tenants.scope import platform_scope

logger = structlog.get_logger(__name__)

_RENEW_EVERY_SECONDS = claiming.LEASE.total_seconds() / 4
# While the database is away, outcomes are kept and offered again this often.
_RETRY_SECONDS = 0.5
# How long an ended attempt waits for others, unless half of those under way have ended.
_GATHER_SECONDS = 0.02
#: A round each few seconds, as long as the worker lives and the database is there.
DISPATCH = Activity("outbox")
_LOOK_AGAIN: Future[Outcome] = Future()


class Drain:
    """The one drain of this process: its poller runs it, and others wake it."""

    def __init__(self, senders: int, kinds: Sequence[str] | None = None) -> None:
        """With `senders` attempts at once, of these kinds, else of every registered one."""
        self._senders = senders
        self._kinds = kinds
        # Enough for channels in which nothing is in flight, however many hang.
        self._reserved = max(1, senders // 4) if senders > 1 else 0
        self._last_tenant = claiming.FIRST_TENANT
        self._pool = ThreadPoolExecutor(max_workers=senders, thread_name_prefix="outbox")
        self._stopping = threading.Event()
        # What the drain waits for: ended attempts, and `_LOOK_AGAIN`.
        self._signals: SimpleQueue[Future[Outcome]] = SimpleQueue()

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is claimed."""
        return self._stopping.is_set()

    def wake(self) -> None:
        """Look at once for what is eligible, also while attempts run; from any thread."""
        self._signals.put(_LOOK_AGAIN)

    def rest(self, seconds: float) -> None:
        """Wait until woken, for so many seconds at most; not at all when stopping.

        A running drain may have taken the wake-up that `stop` sends.
        """
        if not self.is_stopping:
            self._wait_for_signals(seconds, enough=1)

    def stop(self) -> None:
        """Claim nothing more; attempts under way are finished and recorded."""
        self._stopping.set()
        self.wake()

    def run(self) -> int:
        """Drain until nothing is eligible; returns the number of attempts. For one thread."""
        running: dict[Future[Outcome], OutboxItem] = {}
        unrecorded: list[Outcome] = []
        attempts = 0
        renewed_at = monotonic()
        may_have_more = True
        while True:
            DISPATCH.mark()
            free = self._senders - len(running)
            if free and may_have_more and not self._stopping.is_set():
                claim = self._claim(free)
                attempts += len(claim.items)
                for item in claim.items:
                    future = self._pool.submit(_attempt, item)
                    running[future] = item
                    future.add_done_callback(self._signals.put)
                # If not, the rest waits for what is running now.
                may_have_more = claim.has_more
                if may_have_more:
                    continue
            if not running and not unrecorded:
                return attempts
            timeout = _RETRY_SECONDS if unrecorded else _RENEW_EVERY_SECONDS
            signals = self._wait_for_signals(timeout, enough=(len(running) + 1) // 2)
            ended = [future for future in signals if future in running]
            for future in ended:
                del running[future]
            unrecorded = record([*unrecorded, *(future.result() for future in ended)])
            may_have_more = may_have_more or bool(signals)
            if monotonic() - renewed_at > _RENEW_EVERY_SECONDS:
                renewed_at = monotonic()
                _renew([*running.values(), *(outcome.item for outcome in unrecorded)])

    def _claim(self, free: int) -> claiming.Claim:
        """New work; none while the database is away, which the next poll will notice.

        Nothing is raised: attempts may be under way, whose outcomes have to be recorded.
        """
        room = Room(free, per_channel=settings.OUTBOX_SENDERS_PER_CHANNEL, reserved=self._reserved)
        names = self._kinds or kinds.handled_kinds()
        try:
            with platform_scope("outbox drain"):
                claim = claiming.claim_batch(room, kinds=names, after=self._last_tenant)
        except Error as error:
            _note_database_fault("nothing_claimed", error)
            return claiming.Claim([], self._last_tenant, has_more=False)
        finally:
            connection.close()
        self._last_tenant = claim.last_tenant
        return claim

    def _wait_for_signals(self, timeout_seconds: float, *, enough: int) -> list["Future[Outcome]"]:
        """The attempts that have ended and wishes to look again, after at least one of them.

        Attempts that end at about the same time come together: they are recorded, and their senders
        given new work, in one transaction each. A wish to look again is not kept waiting.
        """
        signals: list[Future[Outcome]] = []
        until = monotonic() + timeout_seconds
        try:
            while (left := until - monotonic()) > 0:
                signals.append(self._signals.get(timeout=left))
                if signals[-1] is _LOOK_AGAIN or len(signals) >= enough:
                    break
                until = min(until, monotonic() + _GATHER_SECONDS)
            while True:
                signals.append(self._signals.get_nowait())
        except Empty:
            return signals


def _renew(items: list[OutboxItem]) -> None:
    leases: dict[int, UUID] = {item.pk: item.lease for item in items if item.lease}
    if not leases:
        return
    try:
        with platform_scope("outbox drain"):
            claiming.renew(lease_by_item=leases)
    except Error as error:
        _note_database_fault("leases_not_renewed", error)
    finally:
        connection.close()


def _note_database_fault(event: str, error: Error) -> None:
    if is_outage(error):
        logger.warning(event, error=type(error).__name__)
        renew_connections(error)
    else:
        # Such as a table that a rollout is changing.
        logger.exception(event, exc_info=error)


def _attempt(item: OutboxItem) -> Outcome:
    """Try to deliver one item; every fault becomes an outcome."""
    with kinds.on_behalf_of(item):
        try:
            return _deliver(item)
        finally:
            connection.close()


def _deliver(item: OutboxItem) -> Outcome:
    if item.has_expired:
        return Outcome(item, Expired("expired before it could be sent"))
    kind = kinds.find_kind(item.kind)
    if kind is None:
        return Outcome(item, DeliveryError(f"no handler for {item.kind}"))
    try:
        return Outcome(item, after=kind.deliver(item))
    except DeliveryError as error:
        if error.is_ambiguous:
            logger.warning("delivery_ambiguous", kind=item.kind, error=str(error))
        return Outcome(item, error)
    except Exception as error:
        logger.exception("delivery_crashed", kind=item.kind)
        return Outcome(item, DeliveryError(f"{type(error).__name__} in the handler"))


_drain: Drain | None = None
_drain_lock = threading.Lock()


def process_drain() -> Drain:
    """This process's drain, made on first use."""
    global _drain
    with _drain_lock:
        if _drain is None:
            _drain = Drain(settings.OUTBOX_SENDERS)
        return _drain
