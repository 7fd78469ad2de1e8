"""Parked items: those that claims need not read, because they cannot be eligible yet.

A claim reads a bounded number of items of each lane of each channel. Where so many wait for their
next attempt or behind an older item of their key that it finds too few, they are parked:
`UNTIL_DUE`, or `BEHIND_ANOTHER`. Who ends an item lets the next of its key go in the same
transaction. The mark decides nothing: a claim looks at the key and the moment of what it leases. A
mark that is missing costs reading, and one that is left over costs time, until `repair` takes it
away.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from outbox.models import Parked
from outbox.turns import Queue

# Items that one statement parks or takes back at most.
_BATCH = 500

#: The id of the oldest open item of an item's key. Ordered like this, by the index of open items,
#: it costs the same however many there are: with = for BETWEEN, the planner takes other ways.
OLDEST_OF_KEY = """(
    SELECT oldest.id FROM outbox_outboxitem oldest
    WHERE oldest.status = 'PENDING' AND oldest.tenant_id = item.tenant_id
      AND oldest.ordering_key BETWEEN item.ordering_key AND item.ordering_key
    ORDER BY oldest.ordering_key, oldest.id LIMIT 1)"""
_READ = """
    SELECT item.id, item.tenant_id, item.ordering_key, item.next_attempt_at, item.lease
    FROM outbox_outboxitem item
    WHERE item.status = 'PENDING' AND item.parked = 0
      AND item.tenant_id = %(tenant)s AND item.channel = %(channel)s
      AND item.lane BETWEEN %(lane)s AND %(lane)s
    ORDER BY item.lane, item.id LIMIT %(batch)s"""
# With coalesce, what is known by id is found by it: no partial index may be read whole instead.
# The oldest item of a key is locked while others are parked behind it. Whoever ends it waits for
# that, and then sees what has been parked; an oldest item that is being ended parks nothing.
_PARK_BEHIND = f"""
    WITH read AS MATERIALIZED ({_READ}), placed AS MATERIALIZED (
        SELECT item.id, {OLDEST_OF_KEY} AS oldest FROM read item
    ), held AS MATERIALIZED (
        SELECT item.id FROM outbox_outboxitem item
        WHERE coalesce(item.status, '') = 'PENDING'
          AND item.id = ANY(ARRAY(SELECT DISTINCT oldest FROM placed WHERE oldest < id))
        FOR NO KEY UPDATE SKIP LOCKED
    ), behind AS MATERIALIZED (
        SELECT item.id FROM outbox_outboxitem item
        WHERE coalesce(item.status, '') = 'PENDING' AND item.parked = 0 AND item.id = ANY(ARRAY(
            SELECT placed.id FROM placed JOIN held ON held.id = oldest WHERE oldest < placed.id))
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE outbox_outboxitem SET parked = %(behind)s
    WHERE id = ANY(ARRAY(SELECT behind.id FROM behind))
"""  # noqa: S608  # nosec B608
_PARK_UNTIL_DUE = f"""
    WITH read AS MATERIALIZED ({_READ}), early AS MATERIALIZED (
        SELECT item.id FROM outbox_outboxitem item
        WHERE coalesce(item.status, '') = 'PENDING' AND item.parked = 0 AND item.lease IS NULL
          AND item.next_attempt_at > now() AND item.id = ANY(ARRAY(
            SELECT read.id FROM read WHERE read.lease IS NULL AND read.next_attempt_at > now()))
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE outbox_outboxitem SET parked = %(until_due)s
    WHERE id = ANY(ARRAY(SELECT early.id FROM early))
"""  # noqa: S608  # nosec B608
_TAKE_BACK_DUE = """
    UPDATE outbox_outboxitem SET parked = 0 WHERE id = ANY(ARRAY(
        SELECT item.id FROM outbox_outboxitem item
        WHERE item.status = 'PENDING' AND item.parked > 0
          AND item.parked BETWEEN %(until_due)s AND %(until_due)s
          AND item.next_attempt_at <= now()
        ORDER BY item.parked, item.next_attempt_at LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED))
"""
# What is locked is being moved or removed by a transaction that may wait for this one: `repair` has
# another look.
_LET_NEXT_GO = f"""
    UPDATE outbox_outboxitem SET parked = 0 WHERE id = ANY(ARRAY(
        SELECT item.id FROM outbox_outboxitem item
        WHERE coalesce(item.status, '') = 'PENDING' AND item.parked = %(behind)s
          AND item.id = ANY(ARRAY(SELECT {OLDEST_OF_KEY}
            FROM unnest(%(tenants)s::uuid[], %(keys)s::text[]) item (tenant_id, ordering_key)))
        FOR NO KEY UPDATE SKIP LOCKED))
"""  # noqa: S608  # nosec B608
_REPAIR = f"""
    UPDATE outbox_outboxitem SET parked = 0 WHERE id = ANY(ARRAY(
        SELECT item.id FROM outbox_outboxitem item
        WHERE item.status = 'PENDING' AND item.parked > 0 AND item.parked = %(behind)s
          AND item.id = {OLDEST_OF_KEY}
        FOR NO KEY UPDATE SKIP LOCKED))
"""  # noqa: S608  # nosec B608
_MARKS = {"behind": Parked.BEHIND_ANOTHER, "until_due": Parked.UNTIL_DUE, "batch": _BATCH}


def park(queue: Queue) -> int:
    """Park what stands before the eligible items of this queue; returns how many items that are."""
    where = {"tenant": queue.tenant_id, "channel": queue.channel, "lane": queue.lane}
    return _change(_PARK_BEHIND, where) + _change(_PARK_UNTIL_DUE, where)


def take_back_due() -> int:
    """Let claims read again what has become due; returns how many items that are."""
    return _change(_TAKE_BACK_DUE, {})


def let_next_go(ended: Iterable[tuple[UUID, str]]) -> None:
    """Let claims read the oldest open item of each key, given as (tenant, ordering key).

    For the transaction that has ended items of these keys, after it has.
    """
    keys = sorted(set(ended))
    if keys:
        tenants = [tenant for tenant, _ in keys]
        _change(_LET_NEXT_GO, {"tenants": tenants, "keys": [key for _, key in keys]})


def repair() -> int:
    """Take back what is parked behind nothing; returns how many items that were."""
    return _change(_REPAIR, {})


def _change(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, _MARKS | values)
        return int(cursor.rowcount)
