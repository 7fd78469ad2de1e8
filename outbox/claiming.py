"""Leases: who attempts which item, decided by the database.

A claim surveys what could be attempted, chooses by turns, and leases what it has chosen. Written in
SQL because the order and skip-lock rules, and what is read for them, are the point. Runs in a
platform scope: one worker serves every tenant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from outbox import parking
from outbox.models import Lane, OutboxItem, Parked
from outbox.turns import Queue, Room, choose

logger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)

# For so long after a hold, a channel gets one attempt at a time. Several would all find the budget
# short but for one call, and the oldest item be that one only by chance.
_AFTER_HOLD = timedelta(seconds=5)
# How many items of one lane of one channel a claim reads.
_WINDOW = 50
# How many queues a survey hands over beyond one for each item that is asked for: enough to see all
# lanes of a tenant with two channels.
_MORE_QUEUES = 2 * len(Lane)
# No tenant's id is smaller.
FIRST_TENANT = UUID(int=0)
# Names the lock under which workers claim one after another.
_TURN = (20_407, 1)
_TURN_TIMEOUT_MS = 250

# Jumps through the index of ready items, from tenant to tenant, beginning after the one that was
# served last, and reads only what stands first in each lane of each channel that is not on hold. So
# it costs the same whatever waits behind that, or in a channel on hold. The recursion is as lazy as
# LIMIT lets it be. The long ORDER BYs, and BETWEEN where = would mean the same, leave the planner
# no other index.
_SURVEY = """
    WITH RECURSIVE turn (tenant_id, is_second_round, is_start) AS (
        SELECT %(after)s::uuid, false, true
        UNION ALL
        SELECT next.tenant_id, next.is_second_round, false
        FROM turn CROSS JOIN LATERAL (
            (SELECT item.tenant_id, turn.is_second_round FROM outbox_outboxitem item
             WHERE item.status = 'PENDING' AND item.parked = 0 AND item.tenant_id > turn.tenant_id
               AND (NOT turn.is_second_round OR item.tenant_id <= %(after)s)
             ORDER BY item.tenant_id, item.channel, item.lane, item.id LIMIT 1)
            UNION ALL
            (SELECT item.tenant_id, true FROM outbox_outboxitem item
             WHERE NOT turn.is_second_round
               AND item.status = 'PENDING' AND item.parked = 0 AND item.tenant_id <= %(after)s
             ORDER BY item.tenant_id, item.channel, item.lane, item.id LIMIT 1)
            LIMIT 1) next
    ), busy AS MATERIALIZED (
        SELECT item.tenant_id, item.channel, count(*) AS attempts FROM outbox_outboxitem item
        WHERE item.status = 'PENDING' AND item.lease IS NOT NULL AND item.next_attempt_at > now()
        GROUP BY item.tenant_id, item.channel
    )
    SELECT turn.tenant_id, queue.channel, queue.lane, queue.in_flight,
           queue.eligible[:least(
               CASE WHEN queue.was_held THEN 1 END, %(per_channel)s - queue.in_flight)],
           queue.items_read = %(window)s
             AND cardinality(queue.eligible) < %(per_channel)s - queue.in_flight
    FROM turn CROSS JOIN LATERAL (
        WITH RECURSIVE channels (channel) AS (
            (SELECT item.channel FROM outbox_outboxitem item
             WHERE item.status = 'PENDING' AND item.parked = 0 AND item.tenant_id = turn.tenant_id
             ORDER BY item.channel, item.lane, item.id LIMIT 1)
            UNION ALL
            SELECT next.channel FROM channels CROSS JOIN LATERAL (
                SELECT item.channel FROM outbox_outboxitem item
                WHERE item.status = 'PENDING' AND item.parked = 0
                  AND item.tenant_id = turn.tenant_id AND item.channel > channels.channel
                ORDER BY item.channel, item.lane, item.id LIMIT 1) next
        )
        SELECT channels.channel, lanes.lane, coalesce(busy.attempts, 0) AS in_flight,
               held.until > now() - %(after_hold)s AS was_held, first.*
        FROM channels
        LEFT JOIN busy ON busy.tenant_id = turn.tenant_id AND busy.channel = channels.channel
        LEFT JOIN LATERAL (
            SELECT hold.held_until AS until FROM outbox_outboxhold hold
            WHERE channels.channel <> '' AND hold.tenant_id = turn.tenant_id
              AND hold.channel = channels.channel) held ON true
        -- No lanes for a channel that is full or on hold: as a condition, it might be met last.
        CROSS JOIN unnest(CASE
            WHEN busy.attempts >= %(per_channel)s OR held.until > now()
              OR (busy.attempts > 0 AND held.until > now() - %(after_hold)s)
            THEN '{}' ELSE %(lanes)s::smallint[] END) AS lanes (lane)
        CROSS JOIN LATERAL (
            SELECT count(*) AS items_read, coalesce(
                array_agg(read.id ORDER BY read.id) FILTER (WHERE read.is_eligible), '{}'
            ) AS eligible
            FROM (
                SELECT item.id,
                       item.next_attempt_at <= now() AND item.kind = ANY(%(kinds)s)
                         AND item.id = {oldest_of_key} AS is_eligible
                FROM outbox_outboxitem item
                WHERE item.status = 'PENDING' AND item.parked = 0
                  AND item.tenant_id = turn.tenant_id AND item.channel = channels.channel
                  AND item.lane BETWEEN lanes.lane AND lanes.lane
                ORDER BY item.lane, item.id LIMIT %(window)s) read
        ) first
    ) queue
    WHERE NOT turn.is_start
      AND (queue.eligible <> '{}' OR (%(with_crowds)s AND queue.items_read = %(window)s))
    LIMIT %(queues)s
""".replace("{oldest_of_key}", parking.OLDEST_OF_KEY)  # nosec B608
_TAKE_TURN = """
    SELECT pg_try_advisory_xact_lock(%s, %s),
        (SELECT true FROM outbox_outboxitem item
         WHERE item.status = 'PENDING' AND item.parked = 0
         ORDER BY item.tenant_id, item.channel, item.lane, item.id LIMIT 1),
        (SELECT true FROM outbox_outboxitem item
         WHERE item.status = 'PENDING' AND item.parked > 0 AND item.parked BETWEEN %s AND %s
           AND item.next_attempt_at <= now()
         ORDER BY item.parked, item.next_attempt_at LIMIT 1)
"""
# Here it is decided; the survey has only found what to ask for. Only the oldest open item of an
# ordering key is eligible; a leased one is open too, which is what keeps its successors waiting. A
# lease is a next_attempt_at in the future, so one that ended makes its item eligible again. As in
# parking.py, coalesce keeps the planner from reading a whole partial index for a few ids.
_LEASE = """
    WITH eligible AS (
        SELECT item.id FROM outbox_outboxitem item
        WHERE item.id = ANY(%(items)s)
          AND coalesce(item.status, '') = 'PENDING' AND item.next_attempt_at <= now()
          AND item.id = {oldest_of_key}
        FOR UPDATE OF item SKIP LOCKED
    )
    UPDATE outbox_outboxitem item
    SET lease = %(lease)s, leased_until = now() + %(duration)s,
        next_attempt_at = now() + %(duration)s, attempts = attempts + 1
    WHERE item.id = ANY(ARRAY(SELECT eligible.id FROM eligible))
    RETURNING item.*, coalesce(item.expires_at <= now(), false) AS has_expired
""".replace("{oldest_of_key}", parking.OLDEST_OF_KEY)  # nosec B608


@dataclass(frozen=True, slots=True)
class Claim:
    """What was leased, best lane first.

    `last_tenant` had the last turn. `has_more`: another claim may find something at once.
    """

    items: list[OutboxItem]
    last_tenant: UUID
    has_more: bool


def claim_batch(room: Room, *, kinds: Sequence[str], after: UUID = FIRST_TENANT) -> Claim:
    """Lease eligible items of these kinds, as many as there is room for; commit before use.

    Tenants take turns, beginning with the one that follows `after`. A worker asks for the kinds it
    knows: while a new version is being rolled out, an old worker leaves new kinds to the new ones.
    """
    is_ready, is_due = _await_turn()
    if is_due:
        parking.take_back_due()
    elif not is_ready:
        return Claim([], after, has_more=False)
    survey = _Survey(room, kinds, after)
    queues, is_cut_off = survey.look()
    has_parked = any([parking.park(queue) for queue in queues if queue.is_crowded])
    if any(queue.is_crowded for queue in queues):
        queues, is_cut_off = survey.look(with_crowds=has_parked)
    chosen = choose(queues, room)
    if not chosen:
        return Claim([], after, has_more=has_parked)
    parameters = {"items": [item for _, item in chosen], "lease": uuid4(), "duration": LEASE}
    items = list(OutboxItem.objects.raw(_LEASE, parameters))
    items.sort(key=lambda item: (item.lane, item.pk))
    # With nothing leased, what was chosen is locked: whoever holds it asks for another look.
    may_have_more = bool(items) and (is_cut_off or len(items) == room.free)
    return Claim(items, chosen[-1][0], has_more=has_parked or may_have_more)


def _await_turn() -> tuple[bool, bool]:
    """Let workers claim one after another; returns what there is to look at.

    That is, whether something is ready, and whether something parked has become due. In turn, each
    worker sees what the others have in flight. One that stands still in the middle of a claim must
    not stop the others: they wait a moment, and then go on. What two workers lease is never the
    same; only `per_channel` may be exceeded.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [*_TURN, Parked.UNTIL_DUE, Parked.UNTIL_DUE])
        is_taken, is_ready, is_due = cursor.fetchone()
    if not is_taken:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {_TURN_TIMEOUT_MS}")
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _TURN)
        except Error as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            logger.warning("claimed_out_of_turn")
    return bool(is_ready), bool(is_due)


@dataclass(frozen=True, slots=True)
class _Survey:
    """What could be attempted now."""

    room: Room
    kinds: Sequence[str]
    after: UUID

    @property
    def longest(self) -> int:
        """How many queues one look reads at most."""
        return self.room.free + _MORE_QUEUES

    def look(self, *, with_crowds: bool = True) -> tuple[list[Queue], bool]:
        """Queues with eligible items, and whether there are more of them.

        With `with_crowds` also those in which none was found among as many as may be read.
        """
        parameters: dict[str, Any] = {
            "after": self.after,
            "kinds": list(self.kinds),
            "lanes": [int(lane) for lane in Lane],
            "per_channel": self.room.max_per_channel_now,
            "after_hold": _AFTER_HOLD,
            "window": _WINDOW,
            "queues": self.longest,
            "with_crowds": with_crowds,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SURVEY, parameters)
            queues = [Queue(*row) for row in cursor.fetchall()]
        if len(queues) < self.longest:
            return queues, False
        # Of the last tenant, better lanes may have been cut off.
        last = queues[-1].tenant_id
        return [queue for queue in queues if queue.tenant_id != last] or queues, True


def renew(*, lease_by_item: dict[int, UUID]) -> None:
    """Push the end of running leases further into the future."""
    until = Now() + LEASE
    OutboxItem.objects.filter(
        pk__in=list(lease_by_item), lease__in=set(lease_by_item.values())
    ).update(leased_until=until, next_attempt_at=until)


def finish(*, items: list[int], leases: list[UUID], error: str = "") -> set[int]:
    """Mark items as DONE, each under its own lease; returns the ids for which that counted.

    `error` says what went wrong all the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_outboxitem item SET status = 'DONE', finished_at = now(), "
            "lease = NULL, leased_until = NULL, last_error = %s "
            "FROM unnest(%s::bigint[], %s::uuid[]) AS done(id, lease) "
            "WHERE item.id = done.id AND item.lease = done.lease AND item.status = 'PENDING' "
            "RETURNING item.id, item.tenant_id, item.ordering_key",
            [error, items, leases],
        )
        ended = cursor.fetchall()
    parking.let_next_go((tenant, key) for _, tenant, key in ended)
    return {item for item, _, _ in ended}


def release(
    *,
    item: OutboxItem,
    status: OutboxItem.Status,
    next_attempt_at: datetime,
    attempts: int,
    error: str,
) -> bool:
    """End a lease without success; False when the lease had passed to somebody else."""
    is_final = status != OutboxItem.Status.PENDING
    changed = OutboxItem.objects.filter(pk=item.pk, lease=item.lease).update(
        status=status,
        # Said by our own clock, compared with the database's.
        next_attempt_at=Now() + (next_attempt_at - timezone.now()),
        attempts=attempts,
        # PostgreSQL stores no NUL, which an error from outside may bring.
        last_error=error.replace("\x00", "")[:300],
        lease=None,
        leased_until=None,
        finished_at=Now() if is_final else None,
    )
    if changed and is_final:
        parking.let_next_go([(item.tenant_id, item.ordering_key)])
    return bool(changed)
