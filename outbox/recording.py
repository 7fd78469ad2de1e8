"""Writing down what came of attempts, each under the lease it was made under."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from kernel.database import is_outage, renew_connections
from outbox import claiming, metrics, retry
from outbox.errors import ChannelOnHold, DeliveryError, Expired
from outbox.kinds import AfterDelivery, find_kind, on_behalf_of
from outbox.models import OutboxItem
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)

RESULT_LOST = "It was sent, but what came of it could not be noted."
REASON_LOST = "It failed, and the reason could not be noted."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: success when `error` is None."""

    item: OutboxItem
    error: DeliveryError | None = None
    after: AfterDelivery | None = None


def record(outcomes: list[Outcome]) -> list[Outcome]:
    """Write outcomes down, successes together; returns those to offer again later.

    That is all that is left when the database is away: a message that Telegram has taken must not
    go out twice only because we could not note it at once. One that cannot be written down as it is
    takes no other with it, and is written down in fewer words.
    """
    together = [outcome for outcome in outcomes if not _is_written_alone(outcome)]
    work = deque([together] if together else [])
    work.extend([outcome] for outcome in outcomes if _is_written_alone(outcome))
    kept: list[Outcome] = []
    try:
        while work:
            batch = work.popleft()
            try:
                _write(batch)
            except Exception as error:
                if is_outage(error):
                    renew_connections(error)
                    kept.extend(outcome for later in (batch, *work) for outcome in later)
                    logger.warning("outcomes_kept", count=len(kept), error=str(error)[:200])
                    break
                logger.exception("outcomes_not_recorded", count=len(batch))
                if len(batch) > 1:
                    work.extendleft([outcome] for outcome in reversed(batch))
                elif not _write_in_fewer_words(batch[0]):
                    kept.extend(batch)
    finally:
        connection.close()
    return kept


def _is_written_alone(outcome: Outcome) -> bool:
    """Also what the platform's kinds lock is of several tenants: in one batch with others', two
    workers could wait for each other in a circle."""
    kind = find_kind(outcome.item.kind)
    return outcome.error is not None or (kind is not None and kind.is_platforms)


def _write(batch: list[Outcome]) -> None:
    with platform_scope("outbox drain"):
        if batch[0].error is None:
            _finish(batch)
        else:
            with on_behalf_of(batch[0].item):
                _note_failure(batch[0].item, batch[0].error)


def _write_in_fewer_words(outcome: Outcome) -> bool:
    """Without what the handler or the error made impossible to write; False when that fails too.

    A success stays one: its effect exists, so it must not be repeated, whatever was lost with it.
    """
    item = outcome.item
    try:
        with on_behalf_of(item), platform_scope("outbox drain"):
            if outcome.error is None:
                claiming.finish(items=[item.pk], leases=_leases([outcome]), error=RESULT_LOST)
                logger.error("result_lost", kind=item.kind, outbox_item=item.pk)
                count(item, "done")
            else:
                _postpone_or_bury(item, DeliveryError(REASON_LOST))
    except Exception:
        # Kept, with its lease, and offered again: better than to send it again.
        logger.exception("outcome_kept", kind=item.kind, outbox_item=item.pk)
        return False
    return True


def _finish(outcomes: list[Outcome]) -> None:
    by_id = {outcome.item.pk: outcome for outcome in outcomes}
    counted = claiming.finish(items=list(by_id), leases=_leases(outcomes))
    for item_id, outcome in by_id.items():
        kind = outcome.item.kind
        if item_id not in counted:
            logger.warning("delivery_after_lease_ended", kind=kind, outbox_item=item_id)
        # Recorded in any case: the call was made, and what it made exists.
        if outcome.after is not None:
            with on_behalf_of(outcome.item), tenant_scope(outcome.item.tenant_id):
                outcome.after()
        count(outcome.item, "done")
        observe_age(outcome.item)


def observe_age(item: OutboxItem) -> None:
    """Observe how long a delivered item took, once that is on record."""
    seconds = (timezone.now() - item.created_at).total_seconds()
    transaction.on_commit(partial(metrics.AGE.labels(item.kind).observe, seconds))


def count(item: OutboxItem, outcome: str) -> None:
    """Count an attempt once what came of it is on record: a failed transaction is tried again."""
    transaction.on_commit(metrics.OUTCOMES.labels(item.kind, outcome).inc)


def _leases(outcomes: list[Outcome]) -> list[UUID]:
    return [outcome.item.lease for outcome in outcomes if outcome.item.lease]


def _note_failure(item: OutboxItem, error: DeliveryError) -> None:
    if isinstance(error, ChannelOnHold):
        _hold_back(item, error)
    elif isinstance(error, Expired):
        _drop(item, error)
    else:
        _postpone_or_bury(item, error)


def _drop(item: OutboxItem, error: Expired) -> None:
    claiming.release(
        item=item,
        status=OutboxItem.Status.DISCARDED,
        next_attempt_at=timezone.now(),
        attempts=item.attempts - 1,
        error=str(error),
    )
    count(item, "expired")
    logger.info("delivery_expired", kind=item.kind, outbox_item=item.pk)


def _hold_back(item: OutboxItem, error: ChannelOnHold) -> None:
    if item.channel:
        hold_channel(item.tenant_id, item.channel, error)
    claiming.release(
        item=item,
        status=OutboxItem.Status.PENDING,
        next_attempt_at=timezone.now() if item.channel else error.until,
        attempts=item.attempts if error.counts_as_attempt else item.attempts - 1,
        # To wait for the budget is no failure, and nothing that people should read as one.
        error=str(error) if error.counts_as_attempt or error.reason else item.last_error,
    )
    count(item, "held_back")


def hold_channel(tenant_id: UUID, channel: str, error: ChannelOnHold) -> None:
    """Put a channel on hold; the later end of an earlier hold stays."""
    # Said by our own clock, compared with the database's.
    seconds = (error.until - timezone.now()).total_seconds()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_outboxhold (tenant_id, channel, held_until, reason, updated_at) "
            "VALUES (%s, %s, now() + make_interval(secs => %s), %s, now()) "
            "ON CONFLICT (tenant_id, channel) DO UPDATE SET "
            "held_until = greatest(outbox_outboxhold.held_until, excluded.held_until), "
            "reason = CASE WHEN excluded.held_until >= outbox_outboxhold.held_until "
            "THEN excluded.reason ELSE outbox_outboxhold.reason END, updated_at = now()",
            [tenant_id, channel, seconds, error.reason],
        )
    if error.reason:
        logger.error("channel_on_hold", channel=channel, reason=error.reason)


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
    count(item, "dead" if is_dead else "failed")
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
