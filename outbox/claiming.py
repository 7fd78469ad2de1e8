"""Leases: who attempts which item, decided by the database.

All of it is one statement each, written in SQL because the order and skip-lock rules are the point.
Runs in a platform scope: one worker serves every tenant.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.utils import timezone

from outbox.models import OutboxItem

LEASE = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)

# Only the oldest open item of an ordering key is eligible; a leased one is open too, which is what
# keeps its successors waiting. A lease is a next_attempt_at in the future, so one that ended
# makes its item eligible again without further ado.
_CLAIM = """
    WITH eligible AS (
        SELECT item.id FROM outbox_outboxitem item
        WHERE item.status = 'PENDING' AND item.next_attempt_at <= now()
          AND item.kind = ANY(%(kinds)s)
          AND NOT EXISTS (
              SELECT 1 FROM outbox_outboxitem older
              WHERE older.status = 'PENDING' AND older.ordering_key = item.ordering_key
                AND older.id < item.id AND older.tenant_id = item.tenant_id)
          AND NOT EXISTS (
              SELECT 1 FROM outbox_outboxgate gate
              WHERE item.gate <> '' AND gate.tenant_id = item.tenant_id
                AND gate.name = item.gate AND gate.closed_until > now())
        ORDER BY item.lane, item.id
        LIMIT %(limit)s
        FOR UPDATE OF item SKIP LOCKED
    )
    UPDATE outbox_outboxitem item
    SET lease = %(lease)s, leased_until = now() + %(duration)s,
        next_attempt_at = now() + %(duration)s, attempts = attempts + 1
    FROM eligible WHERE item.id = eligible.id
    RETURNING item.*
"""


def claim_batch(*, limit: int, kinds: Sequence[str]) -> tuple[UUID, list[OutboxItem]]:
    """Lease up to `limit` eligible items of these kinds, best lane first; commit before use.

    A worker asks for the kinds it knows: while a new version is being rolled out, an old worker
    leaves new kinds to the new ones.
    """
    lease = uuid4()
    parameters = {"limit": limit, "kinds": list(kinds), "lease": lease, "duration": LEASE}
    items = list(OutboxItem.objects.raw(_CLAIM, parameters))
    items.sort(key=lambda item: (item.lane, item.pk))
    return lease, items


def renew(*, lease_by_item: dict[int, UUID]) -> None:
    """Push the end of running leases further into the future."""
    until = timezone.now() + LEASE
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
            "RETURNING item.id",
            [error, items, leases],
        )
        return {row[0] for row in cursor.fetchall()}


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
        next_attempt_at=next_attempt_at,
        attempts=attempts,
        # PostgreSQL stores no NUL, which an error from outside may bring.
        last_error=error.replace("\x00", "")[:300],
        lease=None,
        leased_until=None,
        finished_at=timezone.now() if is_final else None,
    )
    return bool(changed)
