"""Deleting rows that have grown old, of all tenants and of none: how housekeeping does it."""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet

from tenants.scope import platform_scope

Row = TypeVar("Row", bound=Model)

BATCH = 5_000


def delete_old(find: Callable[[], QuerySet[Row]], *, batch: int = BATCH) -> int:
    """Delete the rows that `find` selects, a batch in each transaction; returns how many.

    `find` runs in a platform scope, and anew for each batch, and measures age by the database's
    clock (`Now()`). Rows that another worker deletes at the same time are passed over. A row with
    dependent rows needs a service of its own instead.
    """
    deleted = 0
    while True:
        with platform_scope("pruning"):
            rows = find().select_for_update(skip_locked=True)
            keys = list(rows.values_list("pk", flat=True)[:batch])
            # The model's own rows only: `find` may have joined or sorted.
            rows.model._default_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < batch:
            return deleted
