"""Keeping promises: claim with a lease, attempt, record. One drain runs per worker process.

The loop claims only as many items as it has free senders, so every leased item is being attempted
and a short lease, renewed while attempts run, is enough. Outcomes are recorded together as they
come in, and the sends of one round overlap with the claims of the next.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from time import monotonic
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from outbox import claiming, metrics, registry, retry
from outbox.errors import DeliveryError, GateClosed
from outbox.models import OutboxItem
from outbox.registry import AfterDelivery
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)

_RENEW_EVERY_SECONDS = claiming.LEASE.total_seconds() / 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: success when `error` is None."""

    item: OutboxItem
    error: DeliveryError | None = None
    after: AfterDelivery | None = None


class Drain:
    """The one drain of this process; `run` returns when nothing is eligible any more."""

    def __init__(self, senders: int) -> None:
        self._senders = senders
        self._pool = ThreadPoolExecutor(max_workers=senders, thread_name_prefix="outbox")
        self._running = threading.Lock()
        self._wish = threading.Event()
        self._stopping = threading.Event()
        # What the running drain waits for: ended attempts, and None for "look again".
        self._signals: SimpleQueue[Future[Outcome] | None] = SimpleQueue()

    def run(self) -> int:
        """Drain until nothing is eligible; returns the number of attempts.

        A call while another thread drains returns at once: that thread looks again.
        """
        self._wish.set()
        self._signals.put(None)
        attempts = 0
        while self._wish.is_set() and not self._stopping.is_set():
            if not self._running.acquire(blocking=False):
                return attempts
            try:
                self._wish.clear()
                attempts += self._drain()
            finally:
                self._running.release()
        return attempts

    def stop(self) -> None:
        """Claim nothing more; attempts under way are finished and recorded."""
        self._stopping.set()

    def _drain(self) -> int:
        running: dict[Future[Outcome], OutboxItem] = {}
        attempts = 0
        renewed_at = monotonic()
        may_have_more = True
        while True:
            free = self._senders - len(running)
            if free and may_have_more and not self._stopping.is_set():
                items = _claim(free)
                attempts += len(items)
                for item in items:
                    future = self._pool.submit(_attempt, item)
                    running[future] = item
                    future.add_done_callback(self._signals.put)
                # A short batch means that the rest waits for what is running now.
                may_have_more = len(items) == free
            if not running:
                return attempts
            signals = self._wait_for_signals()
            ended = [future for future in signals if future is not None]
            if ended:
                for future in ended:
                    running.pop(future, None)
                _record([future.result() for future in ended])
            may_have_more = may_have_more or bool(signals)
            if monotonic() - renewed_at > _RENEW_EVERY_SECONDS:
                renewed_at = monotonic()
                _renew(list(running.values()))

    def _wait_for_signals(self) -> list["Future[Outcome] | None"]:
        """Everything that has happened, after at least one thing or a quarter of a lease."""
        signals: list[Future[Outcome] | None] = []
        try:
            signals.append(self._signals.get(timeout=_RENEW_EVERY_SECONDS))
            while True:
                signals.append(self._signals.get_nowait())
        except Empty:
            return signals


def _claim(limit: int) -> list[OutboxItem]:
    try:
        with platform_scope("outbox drain"):
            _, items = claiming.claim_batch(limit=limit)
            return items
    finally:
        connection.close()


def _renew(items: list[OutboxItem]) -> None:
    leases: dict[int, UUID] = {item.pk: item.lease for item in items if item.lease}
    if not leases:
        return
    try:
        with platform_scope("outbox drain"):
            claiming.renew(lease_by_item=leases)
    finally:
        connection.close()


def _attempt(item: OutboxItem) -> Outcome:
    """Try to keep one promise; every fault becomes an outcome."""
    with bound_contextvars(
        request_id=item.request_id, tenant_id=str(item.tenant_id), outbox_item=item.pk
    ):
        try:
            return _deliver(item)
        finally:
            connection.close()


def _deliver(item: OutboxItem) -> Outcome:
    if item.expires_at is not None and item.expires_at <= timezone.now():
        return Outcome(item, DeliveryError("expired before it could be sent", permanent=True))
    handler = registry.find_handler(item.kind)
    if handler is None:
        return Outcome(item, DeliveryError(f"no handler for {item.kind}"))
    try:
        return Outcome(item, after=handler.deliver(item))
    except DeliveryError as error:
        if error.is_ambiguous:
            logger.warning("delivery_ambiguous", kind=item.kind, error=str(error))
        return Outcome(item, error)
    except Exception as error:
        logger.exception("delivery_crashed", kind=item.kind)
        return Outcome(item, DeliveryError(f"{type(error).__name__} in the handler"))


def _record(outcomes: list[Outcome]) -> None:
    """Write down what came of these attempts, successes together in one transaction.

    If that transaction fails, each is recorded by itself; what still fails stays leased and is
    tried again when the lease ends.
    """
    succeeded = [outcome for outcome in outcomes if outcome.error is None]
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    try:
        if succeeded:
            _record_successes(succeeded)
        for outcome in failed:
            _record_failure(outcome)
    finally:
        connection.close()


def _record_successes(outcomes: list[Outcome]) -> None:
    try:
        with platform_scope("outbox drain"):
            _finish(outcomes)
    except Exception:
        if len(outcomes) == 1:
            logger.exception("outcome_not_recorded", outbox_item=outcomes[0].item.pk)
            return
        for outcome in outcomes:
            _record_successes([outcome])


def _finish(outcomes: list[Outcome]) -> None:
    by_id = {outcome.item.pk: outcome for outcome in outcomes}
    leases = [outcome.item.lease for outcome in outcomes if outcome.item.lease]
    counted = claiming.finish(items=list(by_id), leases=leases)
    for item_id, outcome in by_id.items():
        kind = outcome.item.kind
        if item_id not in counted:
            logger.warning("delivery_after_lease_ended", kind=kind, outbox_item=item_id)
        # Recorded in any case: the call was made, and what it made exists.
        if outcome.after is not None:
            with tenant_scope(outcome.item.tenant_id):
                outcome.after()
        metrics.OUTCOMES.labels(kind, "done").inc()
        metrics.AGE.labels(kind).observe((timezone.now() - outcome.item.created_at).total_seconds())


def _record_failure(outcome: Outcome) -> None:
    item, error = outcome.item, outcome.error
    assert error is not None
    try:
        with platform_scope("outbox drain"):
            if isinstance(error, GateClosed):
                _hold_back(item, error)
            else:
                _postpone_or_bury(item, error)
    except Exception:
        logger.exception("outcome_not_recorded", outbox_item=item.pk)


def _hold_back(item: OutboxItem, error: GateClosed) -> None:
    if item.gate:
        close_gate(item, error)
    claiming.release(
        item=item,
        status=OutboxItem.Status.PENDING,
        next_attempt_at=timezone.now() if item.gate else error.until,
        attempts=item.attempts if error.counts_as_attempt else item.attempts - 1,
        error=str(error),
    )
    metrics.OUTCOMES.labels(item.kind, "held_back").inc()


def close_gate(item: OutboxItem, error: GateClosed) -> None:
    """Hold back the whole budget of this item; a later end of an earlier closing stays."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_outboxgate (tenant_id, name, closed_until, reason, updated_at) "
            "VALUES (%s, %s, %s, %s, now()) ON CONFLICT (tenant_id, name) DO UPDATE SET "
            "closed_until = greatest(outbox_outboxgate.closed_until, excluded.closed_until), "
            "reason = CASE WHEN excluded.closed_until >= outbox_outboxgate.closed_until "
            "THEN excluded.reason ELSE outbox_outboxgate.reason END, updated_at = now()",
            [item.tenant_id, item.gate, error.until, error.reason],
        )
    if error.reason:
        logger.error("gate_closed", gate=item.gate, reason=error.reason)


def _postpone_or_bury(item: OutboxItem, error: DeliveryError) -> None:
    decision = retry.after_failure(attempts=item.attempts, error=error)
    now = timezone.now()
    is_dead = isinstance(decision, retry.GiveUp)
    claiming.release(
        item=item,
        status=OutboxItem.Status.DEAD if is_dead else OutboxItem.Status.PENDING,
        next_attempt_at=_later(now, decision),
        attempts=item.attempts,
        error=str(error),
    )
    metrics.OUTCOMES.labels(item.kind, "dead" if is_dead else "failed").inc()
    logger.warning(
        "delivery_failed",
        kind=item.kind,
        outbox_item=item.pk,
        attempts=item.attempts,
        is_dead=is_dead,
        error=str(error),
    )


def _later(now: datetime, decision: retry.TryAgain | retry.GiveUp) -> datetime:
    if isinstance(decision, retry.TryAgain):
        return now + timedelta(seconds=decision.seconds)
    return now


_drain: Drain | None = None
_drain_lock = threading.Lock()


def process_drain() -> Drain:
    """This process's drain, made on first use."""
    global _drain
    with _drain_lock:
        if _drain is None:
            _drain = Drain(settings.OUTBOX_SENDERS)
        return _drain


def stop_process_drain() -> None:
    """Let a graceful stop of the worker end the drain, if there is one."""
    if _drain is not None:
        _drain.stop()
