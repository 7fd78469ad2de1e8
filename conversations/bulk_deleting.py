"""Deleting very many conversations, in several transactions.

So nobody waits long for a conversation that stays; what is cut off can be begun again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from uuid import UUID

from conversations import selectors, services
from conversations.services.deleting import Deletion
from kernel.rest.paging import PageRequest, Position
from tenants.audit import Actor
from tenants.scope import tenant_scope

_AT_ONCE = 100


def delete_these(*, tenant_id: UUID, conversation_ids: Iterable[UUID], actor: Actor) -> Deletion:
    """Remove conversations, passing over unknown ids and those on legal hold."""
    rest = iter(dict.fromkeys(conversation_ids))
    outcome = Deletion()
    while batch := list(islice(rest, _AT_ONCE)):
        outcome += _delete(tenant_id, batch, actor, only_in=None)
    return outcome


def delete_all_in(*, tenant_id: UUID, statuses: Sequence[str] | None, actor: Actor) -> Deletion:
    """Remove what is in these statuses now (None: in any) and not on legal hold.

    What comes later stays.
    """
    outcome = Deletion()
    for batch in _batches_in(tenant_id, statuses):
        outcome += _delete(tenant_id, batch, actor, only_in=statuses)
    return outcome


def _delete(
    tenant_id: UUID, batch: Collection[UUID], actor: Actor, *, only_in: Sequence[str] | None
) -> Deletion:
    with tenant_scope(tenant_id) as tenant:
        return services.delete_conversations(
            tenant=tenant, conversation_ids=batch, actor=actor, only_in=only_in
        )


def _batches_in(tenant_id: UUID, statuses: Sequence[str] | None) -> Iterator[list[UUID]]:
    position = None
    while True:
        page = PageRequest("bulk delete", _AT_ONCE, position)
        with tenant_scope(tenant_id) as tenant:
            rows = selectors.list_conversations(tenant=tenant, statuses=statuses)
            found = page.take(rows).rows
        if not found:
            return
        yield [row.pk for row in found]
        position = Position(found[-1].created_at, found[-1].pk)
