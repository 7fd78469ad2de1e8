"""Adding items, in SQL: it happens with every message, and the ORM takes three times the CPU.

Moments are the database's, by which claims compare them: a machine whose clock is wrong must not
make an item wait, or be due, for as long as it is wrong.

What it keeps: an item whose idempotency key exists already is left as it is, whatever it says; the
items get their ids in the order given; a new item is eligible at once unless it says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from outbox.models import Lane, OutboxItem


class Payload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an item carries for its handler; each kind has a type of its own."""

    shown: ClassVar[frozenset[str]] = frozenset()
    """The fields that everyone who may list items is shown: they hold nobody's words."""
    logged: ClassVar[Mapping[str, str]] = {}
    """The fields that log lines carry, and under which names."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What to enqueue; see OutboxItem for the meaning of the fields."""

    kind: str
    ordering_key: str
    idempotency_key: str
    lane: Lane
    payload: Payload
    channel: str = ""
    expires_at: datetime | None = None
    not_before: datetime | None = None


# Any moment that has passed: an item is due from the transaction that adds it.
_AT_ONCE = timedelta(days=-1)
_COLUMNS = (
    *("tenant_id", "kind", "payload", "ordering_key", "idempotency_key", "channel", "lane"),
    *("next_attempt_at", "expires_at", "request_id", "created_at", "status", "attempts"),
    "last_error",
)
_VALUES = {
    "next_attempt_at": "greatest(now(), clock_timestamp() + %s)",
    "expires_at": "clock_timestamp() + %s",
    "created_at": "now()",
}
_ROW = f"({', '.join(_VALUES.get(column, '%s') for column in _COLUMNS)})"
_INSERT = f"INSERT INTO outbox_outboxitem ({', '.join(_COLUMNS)}) VALUES "  # noqa: S608  # nosec B608


def insert(tenant_id: UUID, effects: list[Effect], *, request_id: str) -> None:
    """Add an item for each effect, in the running transaction."""
    if not effects:
        return
    now = timezone.now()
    values: list[Any] = [
        value
        for effect in effects
        for value in (
            tenant_id,
            effect.kind,
            Jsonb(effect.payload, dumps=msgspec.json.encode),
            effect.ordering_key,
            effect.idempotency_key,
            effect.channel,
            effect.lane,
            effect.not_before - now if effect.not_before else _AT_ONCE,
            effect.expires_at - now if effect.expires_at else None,
            request_id,
            OutboxItem.Status.PENDING,
            0,
            "",
        )
    ]
    rows = ", ".join([_ROW] * len(effects))
    with connection.cursor() as cursor:
        cursor.execute(f"{_INSERT}{rows} ON CONFLICT DO NOTHING", values)
