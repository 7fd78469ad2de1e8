"""Writing down what came of attempts, each under the lease it was made under."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from outbox import claiming, metrics, retry
from outbox.errors import DeliveryError, GateClosed
from outbox.models import OutboxItem
from outbox.registry import AfterDelivery
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: success when `error` is None."""

    item: OutboxItem
    error: DeliveryError | None = None
    after: AfterDelivery | None = None


def record(outcomes: list[Outcome]) -> list[Outcome]:
    """Write outcomes down, successes together; returns those to offer again later.

    That is all that is left when the database is away: a message that Telegram has taken must not
    go out twice only because we could not note it at once.
    """
    if not outcomes:
        return []
    succeeded = [outcome for outcome in outcomes if outcome.error is None]
    waiting = [outcome for outcome in outcomes if outcome.error is not None]
    try:
        if succeeded:
            _record_successes(succeeded)
            succeeded = []
        while waiting:
            _record_failure(waiting[0])
            waiting.pop(0)
    except (OperationalError, InterfaceError) as error:
        logger.warning("outcomes_kept", count=len(succeeded) + len(waiting), error=str(error)[:200])
    finally:
        connection.close()
    return [*succeeded, *waiting]


def _record_successes(outcomes: list[Outcome]) -> None:
    try:
        with platform_scope("outbox drain"):
            _finish(outcomes)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # One of them cannot be recorded: it must not take the others with it.
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
    except (OperationalError, InterfaceError):
        raise
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
