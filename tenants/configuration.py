"""A tenant with its settings, read once per change and process.

`Tenant.config_version` is a random number that every change of a tenant's configuration replaces
in its own transaction. `tenant_scope` reads it with its first statement, so a cached tenant is used
exactly as long as nothing has changed, whichever process made the change.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import QuerySet

from kernel.database import read_once_more
from tenants import plan_limits
from tenants.models import DEFAULT_TENANT_SLUG, Setting, Tenant
from tenants.settings.specs import SettingSpec
from tenants.widget_keys import is_widget_key

Loaded = TypeVar("Loaded")
Value = TypeVar("Value")

_MAX_CACHED = 5_000
_tenants: OrderedDict[UUID, Tenant] = OrderedDict()
_ids_by_slug: dict[str, UUID] = {}
_slugs_by_id: dict[UUID, str] = {}


def configured_tenant(tenant_id: UUID, *, config_version: int) -> Tenant:
    """The tenant as of `config_version`; call it inside the tenant's scope only."""
    cached = _tenants.get(tenant_id)
    if cached is not None and cached.config_version == config_version:
        return cached
    tenant = Tenant.objects.get(pk=tenant_id)
    rows = Setting._base_manager.filter(tenant_id=tenant_id).values_list("key", "value")
    tenant.__dict__["setting_overrides"] = dict(rows)
    tenant.__dict__["plan_limits"] = plan_limits.read(tenant)
    tenant.__dict__["remembered"] = {}
    # What was read may be newer than the version asked for; it is filed under the older one, so
    # the next scope reads it again rather than trusting a half-seen change.
    tenant.config_version = config_version
    _tenants[tenant_id] = tenant
    while len(_tenants) > _MAX_CACHED:
        _tenants.popitem(last=False)
    return tenant


def find_cached_tenant(tenant_id: UUID) -> Tenant | None:
    """What this process last knew of the tenant, without asking the database."""
    return _tenants.get(tenant_id)


def known_slug(tenant_id: UUID | str) -> str:
    """The tenant's slug as far as this process knows it, without asking the database, or ''.

    For metrics: such a slug is always that of a tenant that exists.
    """
    if isinstance(tenant_id, str):
        if not tenant_id:
            return ""
        tenant_id = UUID(tenant_id)
    tenant = _tenants.get(tenant_id)
    return tenant.slug if tenant is not None else _slugs_by_id.get(tenant_id, "")


def remember(tenant: Tenant, name: str, load: Callable[[], Loaded]) -> Loaded:
    """`load()` once for this version of the tenant's configuration; `name` says what."""
    remembered: dict[str, Any] = tenant.__dict__["remembered"]
    if name not in remembered:
        remembered[name] = load()
    return cast(Loaded, remembered[name])


def of_active_tenants(specs: Sequence[SettingSpec[Value]]) -> dict[UUID, list[Value]]:
    """What these settings are for each active tenant; call it in a platform scope."""
    return _of_tenants(specs, Tenant.objects.filter(status=Tenant.Status.ACTIVE))


def of_all_tenants(specs: Sequence[SettingSpec[Value]]) -> dict[UUID, list[Value]]:
    """As `of_active_tenants`, with the suspended ones."""
    return _of_tenants(specs, Tenant.objects.all())


def _of_tenants(
    specs: Sequence[SettingSpec[Value]], tenants: QuerySet[Tenant]
) -> dict[UUID, list[Value]]:
    own: dict[tuple[UUID, str], Value] = {
        (tenant_id, key): value
        for tenant_id, key, value in Setting.objects.filter(
            key__in=[spec.key for spec in specs]
        ).values_list("tenant_id", "key", "value")
    }
    defaults = [(spec.key, spec.default_value()) for spec in specs]
    return {
        tenant_id: [own.get((tenant_id, key), default) for key, default in defaults]
        for tenant_id in tenants.values_list("pk", flat=True)
    }


def hold(tenant: Tenant) -> None:
    """Let nobody else change the tenant's settings, texts or people before this transaction ends.

    Rows that refer to the tenant can be written meanwhile: customers notice nothing.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)


def invalidate_configuration(tenant: Tenant) -> None:
    """Make every process read the tenant's configuration anew once this transaction commits."""
    Tenant.objects.filter(pk=tenant.pk).update(config_version=secrets.randbits(62))


def find_tenant_id(slug: str) -> UUID | None:
    """The id behind a slug (slugs never change), or None."""
    tenant_id = _ids_by_slug.get(slug)
    if tenant_id is None:
        tenant_id = read_once_more(
            Tenant.objects.filter(slug=slug).values_list("pk", flat=True).first
        )
        if tenant_id is not None:
            _ids_by_slug[slug] = tenant_id
            _slugs_by_id[tenant_id] = slug
    return tenant_id


def find_tenant_id_by_id(tenant_id: UUID) -> UUID | None:
    """The id itself when such a tenant exists, else None."""
    if tenant_id in _tenants or read_once_more(Tenant.objects.filter(pk=tenant_id).exists):
        return tenant_id
    return None


def find_tenant_id_by_widget_key(widget_key: str) -> UUID | None:
    """The id of the tenant with this public key, or None.

    Asked of the database each time, by an index: a key that has been replaced ends at once in every
    process, and remembering it would take a query to confirm it.
    """
    if not is_widget_key(widget_key):
        return None
    return read_once_more(
        Tenant.objects.filter(widget_key=widget_key).values_list("pk", flat=True).first
    )


def default_tenant_id() -> UUID:
    """The id of the tenant that the predecessor's contract belongs to; made by a migration."""
    tenant_id = find_tenant_id(DEFAULT_TENANT_SLUG)
    if tenant_id is None:
        raise Tenant.DoesNotExist("the default tenant is missing: run the migrations")
    return tenant_id


def forget_everything() -> None:
    """Drop what this process knows, as a fresh process would; tests use it."""
    _tenants.clear()
    _ids_by_slug.clear()
    _slugs_by_id.clear()
