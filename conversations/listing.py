"""All conversations of a list as one JSON array, in memory that does not grow with them."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.contrib.postgres.aggregates.mixins import OrderableAggMixin
from django.db.models import Aggregate, BinaryField, QuerySet

from conversations.models import Conversation
from kernel.rest.answers import Answer, encode
from tenants.scope import tenant_scope

BATCH = 200
_ID_BYTES = 16

ShowRow = Callable[[Conversation], Answer]


def ids_in_order(rows: QuerySet[Conversation]) -> bytes:
    """The ids of all `rows`, the newest activity first, 16 bytes each.

    Which ones there are and in which order is settled by this: what changes while the answer is on
    its way would otherwise move past the reader.
    """
    found = rows.select_related(None).aggregate(ids=_Packed("pk", order_by=("-updated_at", "-pk")))
    return bytes(found["ids"] or b"")


def json_pieces(tenant_id: UUID, ids: bytes, show: ShowRow) -> Iterator[bytes]:
    """The array of the conversations with these ids, but for those that are gone by then."""
    yield b"["
    separator = b"\n"
    for start in range(0, len(ids), BATCH * _ID_BYTES):
        shown = [encode(show(row)) for row in _batch(tenant_id, ids, start)]
        if shown:
            yield separator + b",\n".join(shown)
            separator = b",\n"
    yield b"\n]\n"


class _Packed(OrderableAggMixin, Aggregate):
    """The bytes of all ids, one after another."""

    template = "string_agg(uuid_send(%(expressions)s), ''::bytea %(order_by)s)"
    output_field = BinaryField()


def _batch(tenant_id: UUID, ids: bytes, start: int) -> list[Conversation]:
    end = min(start + BATCH * _ID_BYTES, len(ids))
    wanted = [UUID(bytes=ids[at : at + _ID_BYTES]) for at in range(start, end, _ID_BYTES)]
    with tenant_scope(tenant_id) as tenant:
        found = Conversation.objects.filter(tenant=tenant).select_related("assigned_agent")
        by_id = found.in_bulk(wanted)
    return [by_id[one] for one in wanted if one in by_id]
