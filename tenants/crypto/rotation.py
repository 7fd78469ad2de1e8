"""Replacing keys while everything goes on: master keys by wrapping anew, data keys by sealing anew.

Each step is one tenant in one short transaction, and says by itself whether it is still to be done.
So a run that ends half-way needs no notes: the next one does what is left. See
docs/adr/0009-key-rotation.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from tenants import audit, configuration
from tenants.crypto import sealing
from tenants.crypto.kms import key_management
from tenants.crypto.sealed_fields import SealedField, sealed_fields
from tenants.models import PlatformKey, Tenant, TenantKey
from tenants.scope import platform_scope, platform_tables, tenant_scope

# A reader of an envelope looks for its key within the same transaction, and no transaction
# lives that long (see the time limits in chatorical/settings.py).
READERS_FINISH_WITHIN = timedelta(minutes=5)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class SealedAnew:
    """What became of one tenant's data keys. Counts of keys, values and keys."""

    has_new_key: bool = False
    values: int = 0
    removed: int = 0
    kept: int = 0


def count_by_master_key() -> dict[str, int]:
    """How many keys each master key has wrapped, by the master keys' ids."""
    counts: dict[str, int] = {}
    with platform_scope("key rotation"):
        for model in (TenantKey, PlatformKey):
            rows = model._default_manager.order_by().values_list("master_key_id")
            for master_key_id, number in rows.annotate(Count("pk")):
                counts[master_key_id] = counts.get(master_key_id, 0) + number
    return counts


def find_lost_master_keys() -> dict[str, int]:
    """Master keys that are needed and not there: their ids, and how many keys each has wrapped."""
    known = key_management().known_ids
    return {name: number for name, number in count_by_master_key().items() if name not in known}


def tenants_to_wrap_anew() -> Iterator[UUID]:
    """Tenants with keys that another than the first master key has wrapped."""
    return _tenants(key_management().wrapping_id)


def tenants_with_data_keys() -> Iterator[UUID]:
    """Every tenant that has ever sealed something."""
    return _tenants(wrapped_by_another_than="")


def _tenants(wrapped_by_another_than: str) -> Iterator[UUID]:
    """In the order of their ids, a batch per transaction, so that a long run holds nothing."""
    after = UUID(int=0)
    while True:
        with platform_scope("key rotation"):
            rows = TenantKey.objects.exclude(master_key_id=wrapped_by_another_than)
            tenants = rows.filter(tenant_id__gt=after).order_by("tenant_id")
            batch = list(tenants.values_list("tenant_id", flat=True).distinct()[:_BATCH])
        if not batch:
            return
        yield from batch
        after = batch[-1]


def wrap_tenant_keys_anew(tenant_id: UUID) -> int:
    """Wrap the tenant's data keys with the first master key; returns how many were others'.

    Values stay as they are: the data keys themselves do not change. Raises SealBroken.
    """
    with tenant_scope(tenant_id) as tenant:
        return sum(
            _wrap_anew(row, sealing.tenant_key_context(tenant.pk))
            for row in sealing.lock_keys(tenant)
        )


def wrap_platform_keys_anew() -> int:
    """The same for the platform's own keys. Raises SealBroken."""
    with platform_tables("platform keys"):
        return sum(
            _wrap_anew(row, sealing.platform_key_context(row.purpose))
            for row in PlatformKey.objects.select_for_update().order_by("purpose")
        )


def _wrap_anew(row: TenantKey | PlatformKey, context: bytes) -> int:
    keys = key_management()
    if row.master_key_id == keys.wrapping_id:
        return 0
    data_key = keys.unwrap(bytes(row.wrapped_key), row.master_key_id, context)
    row.master_key_id, row.wrapped_key = keys.wrap(data_key, context)
    row.save(update_fields=["master_key_id", "wrapped_key"])
    return 1


def renew_data_key(tenant_id: UUID, *, made_before: datetime) -> SealedAnew:
    """Give the tenant a new data key unless its newest is younger, and seal everything with it.

    Keys that seal nothing any more go once nobody can be about to use them. All or nothing; raises
    SealBroken when a value does not open, and OperationalError when another transaction holds what
    it needs.
    """
    with tenant_scope(tenant_id) as tenant:
        # The only lock that is waited for, and the first: so nobody can be waiting for us in turn.
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        keys = sealing.lock_keys(tenant, nowait=True)
        if not keys:
            return SealedAnew()
        newest = keys[0]
        is_due = newest.created_at < made_before
        if is_due:
            newest = sealing.make_data_key(tenant, newer_than=newest)
            keys.insert(0, newest)
        values = sum(_seal_anew(tenant, field, newest) for field in sealed_fields())
        removed = _remove_unused(tenant, keys)
        if is_due or values or removed:
            configuration.invalidate_configuration(tenant)
            audit.record(
                tenant=tenant,
                actor=audit.SYSTEM,
                action="data_key.renewed" if is_due else "data_key.tidied",
                object_type="data_key",
                object_id=newest.pk,
                changes={"sealed_anew": values, "removed": removed},
            )
        return SealedAnew(is_due, values, removed, len(keys) - 1 - removed)


def _seal_anew(tenant: Tenant, field: SealedField, newest: TenantKey) -> int:
    head, sealed_anew = sealing.envelope_head(newest.pk), 0
    rows = (
        field.model._default_manager.filter(tenant=tenant)
        .exclude(**{field.attribute: ""})
        .exclude(**{f"{field.attribute}__startswith": head})
        .order_by("pk")
        .select_for_update(nowait=True)
    )
    # The lock first, then the value: it is the one that was last committed.
    for key, envelope in rows.values_list("pk", field.attribute):
        place = {"table": field.table, "field": field.field}
        plaintext = sealing.unseal(tenant=tenant, envelope=envelope, **place)
        anew = sealing.seal(tenant=tenant, plaintext=plaintext, **place)
        field.model._default_manager.filter(tenant=tenant, pk=key).update(**{field.attribute: anew})
        sealed_anew += 1
    return sealed_anew


def _remove_unused(tenant: Tenant, keys: list[TenantKey]) -> int:
    """`keys`: newest first and locked, so that nobody seals with one of them meanwhile."""
    removed = 0
    for successor, key in pairwise(keys):
        is_left_alone = successor.created_at < timezone.now() - READERS_FINISH_WITHIN
        if is_left_alone and not _is_used(tenant, key):
            key.delete()
            removed += 1
    return removed


def _is_used(tenant: Tenant, key: TenantKey) -> bool:
    head = sealing.envelope_head(key.pk)
    return any(
        field.model._default_manager.filter(tenant=tenant)
        .filter(**{f"{field.attribute}__startswith": head})
        .exists()
        for field in sealed_fields()
    )
