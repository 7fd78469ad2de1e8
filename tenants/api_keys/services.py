"""Issuing, rotating and revoking API keys."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kernel.clock import iso_ms
from kernel.errors import Forbidden, InvalidParameter
from tenants import audit, quotas
from tenants.api_keys import key_format, scopes, selectors
from tenants.api_keys.models import ApiKey
from tenants.api_keys.principal import Principal
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.errors import ApiKeyNotActive, ApiKeyNotFound, InsufficientScope
from tenants.models import Tenant
from tenants.names import checked_name
from tenants.plan_limits import Limit

MAX_NAME = 80
MAX_OVERLAP_SECONDS = 30 * 86_400
MAX_POINTS = 1_000_000


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which nobody can ever read again."""

    key: ApiKey
    secret: str = field(repr=False)


@transaction.atomic
def issue_api_key(
    *,
    tenant: Tenant,
    name: str,
    scopes: Iterable[str],
    actor: Actor,
    expires_at: datetime | None = None,
    rate_limit_points: int | None = None,
    granted_by: Principal | None = None,
) -> IssuedKey:
    """A new key.

    `granted_by` is the key that asks for it, where one does: it cannot give away what it does not
    hold, and its own end and limit hold for the new key where nothing is said. Raises
    InvalidParameter, InsufficientScope, Forbidden for a key that would outlive it or may call more
    often, and OverLimit for one more than the plan allows; keys that have ended, and old ones in
    their overlap, do not count.
    """
    quotas.require_room(
        tenant,
        Limit.API_KEYS,
        count=selectors.list_lasting(tenant=tenant, moment=timezone.now()).count,
    )
    maker = _maker(tenant, granted_by)
    ends_at, points = _future(expires_at), _points(rate_limit_points)
    if maker is not None:
        ends_at = ends_at or maker.expires_at
        points = (maker.rate_limit_points or None) if points is None else points
        _require_within(maker, ends_at, points)
    issued = _create(
        tenant=tenant,
        name=checked_name(name, maximum=MAX_NAME),
        scopes=_grantable(scopes, granted_by),
        actor=actor,
        expires_at=ends_at,
        rate_limit_points=points,
    )
    audit.record(
        tenant=tenant,
        actor=actor,
        action="api_key.issued",
        object_type="api_key",
        object_id=issued.key.pk,
        changes={
            "name": issued.key.name,
            "prefix": issued.key.prefix,
            "scopes": issued.key.scopes,
            "expires_at": ends_at.isoformat() if ends_at else None,
            "rate_limit_points": points,
        },
    )
    return issued


@transaction.atomic
def rotate_api_key(
    *,
    tenant: Tenant,
    key_id: UUID,
    overlap_seconds: int,
    actor: Actor,
    granted_by: Principal | None = None,
) -> IssuedKey:
    """Another key with the same name, scopes, limit and lifetime.

    It ends with `granted_by` at the latest, so that no key prolongs its own life.
    The old one goes on working for `overlap_seconds`, 0 to 30 days, or until its own end if that
    comes first; one that it had replaced itself, and that works still, ends at once, so that keys
    do not multiply. Raises ApiKeyNotFound, ApiKeyNotActive for one that has ended or been replaced,
    InvalidParameter, and InsufficientScope or Forbidden when `granted_by` may not hold such a key.
    """
    if not 0 <= overlap_seconds <= MAX_OVERLAP_SECONDS:
        raise InvalidParameter(
            f"The overlap must be 0 to {MAX_OVERLAP_SECONDS} seconds.",
            details={"field": "overlap_seconds"},
        )
    now = timezone.now()
    # Locked, so that of two rotations at once one wins and no key is left without an end.
    old = ApiKey.objects.select_for_update().filter(tenant=tenant, pk=key_id).first()
    if old is None:
        raise ApiKeyNotFound(key_id=key_id)
    if not old.is_valid_at(now) or old.replaced_by_id is not None:
        raise ApiKeyNotActive(key_id=key_id)
    maker = _maker(tenant, granted_by)
    scopes_of_new = _grantable(old.scopes, granted_by)
    if maker is not None:
        _require_within(maker, old.expires_at, old.rate_limit_points)
    issued = _create(
        tenant=tenant,
        name=old.name,
        scopes=scopes_of_new,
        actor=actor,
        expires_at=_renewed_end(old, now, maker),
        rate_limit_points=old.rate_limit_points,
    )
    ends_at = now + timedelta(seconds=overlap_seconds)
    old.expires_at = min(old.expires_at, ends_at) if old.expires_at else ends_at
    old.replaced_by = issued.key
    old.save(update_fields=["expires_at", "replaced_by"])
    ApiKey.objects.filter(tenant=tenant, replaced_by=old, expires_at__gt=now).update(expires_at=now)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="api_key.rotated",
        object_type="api_key",
        object_id=old.pk,
        changes={
            "replaced_by": str(issued.key.pk),
            "prefix": [old.prefix, issued.key.prefix],
            "expires_at": old.expires_at.isoformat(),
        },
    )
    return issued


@transaction.atomic
def revoke_api_key(
    *, tenant: Tenant, key_id: UUID, actor: Actor, revoked_by: Principal | None = None
) -> bool:
    """End a key at once and for good; False when it is revoked already.

    Raises ApiKeyNotFound, and InsufficientScope when the key may do more than `revoked_by`.
    """
    key = selectors.get_api_key(tenant=tenant, key_id=key_id)
    if revoked_by is not None and key.pk != revoked_by.key_id:
        _require_all(key.scopes, revoked_by, "A key cannot revoke one that may do more than itself")
    revoked = ApiKey.objects.filter(tenant=tenant, pk=key.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )
    if revoked:
        audit.record(
            tenant=tenant,
            actor=actor,
            action="api_key.revoked",
            object_type="api_key",
            object_id=key.pk,
            changes={"name": key.name, "prefix": key.prefix},
        )
    return bool(revoked)


def _create(
    *,
    tenant: Tenant,
    name: str,
    scopes: list[Scope],
    actor: Actor,
    expires_at: datetime | None,
    rate_limit_points: int | None,
) -> IssuedKey:
    secret, prefix = key_format.new_key()
    key = ApiKey.objects.create(
        tenant=tenant,
        name=name,
        prefix=prefix,
        secret_hash=key_format.hash_of(secret),
        scopes=[scope.value for scope in scopes],
        created_by_kind=actor.kind,
        created_by_id=actor.id,
        expires_at=expires_at,
        rate_limit_points=rate_limit_points,
    )
    return IssuedKey(key=key, secret=secret)


def _grantable(wanted: Iterable[str], granted_by: Principal | None) -> list[Scope]:
    valid = scopes.validate(list(wanted))
    if granted_by is not None:
        _require_all(valid, granted_by, "A key cannot give away what it does not hold")
    return valid


def _maker(tenant: Tenant, granted_by: Principal | None) -> ApiKey | None:
    if granted_by is None:
        return None
    return selectors.get_api_key(tenant=tenant, key_id=granted_by.key_id)


def _require_within(maker: ApiKey, ends_at: datetime | None, points: int | None) -> None:
    """Raises Forbidden for an end and a limit beyond the maker's own, where it has them."""
    if maker.expires_at is not None and (ends_at is None or ends_at > maker.expires_at):
        raise Forbidden(
            "A key cannot give away a later end than its own.",
            details={"field": "expires_at", "maximum": iso_ms(maker.expires_at)},
        )
    # For a key without a number of its own the tenant's holds, which may be greater.
    if maker.rate_limit_points and not 0 < (points or 0) <= maker.rate_limit_points:
        raise Forbidden(
            "A key cannot give away more calls than its own.",
            details={"field": "rate_limit_points", "maximum": maker.rate_limit_points},
        )


def _renewed_end(old: ApiKey, now: datetime, maker: ApiKey | None) -> datetime | None:
    if old.expires_at is None:
        return None
    ends_at = now + (old.expires_at - old.created_at)
    return min(ends_at, maker.expires_at) if maker and maker.expires_at else ends_at


def _require_all(wanted: Iterable[str], holder: Principal, otherwise: str) -> None:
    beyond = sorted(scopes.expand(wanted) - holder.scopes)
    if beyond:
        raise InsufficientScope(f"{otherwise}: {', '.join(beyond)}.", details={"missing": beyond})


def _future(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= timezone.now():
        raise InvalidParameter("The end must lie in the future.", details={"field": "expires_at"})
    return moment


def _points(points: int | None) -> int | None:
    is_whole = isinstance(points, int) and not isinstance(points, bool)
    if points is not None and not (is_whole and 0 <= points <= MAX_POINTS):
        raise InvalidParameter(
            f"The limit must be 0 to {MAX_POINTS} calls.",
            details={"field": "rate_limit_points"},
        )
    return points
