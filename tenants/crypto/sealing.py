"""Envelope encryption of secrets at rest.

A platform master key wraps each tenant's data key; the data key seals values with AES-256-GCM. The
tenant, table and field are authenticated with the value, so a sealed value copied to another row,
field or tenant does not open. Envelopes name the keys they need, which is what lets both levels
rotate without a pause. See docs/adr/0006-sealed-secrets.md and 0009-key-rotation.md.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction
from django.utils import timezone

from tenants import configuration
from tenants.crypto.kms import key_management
from tenants.crypto.sealed_fields import sealed_places
from tenants.errors import SealBroken
from tenants.models import PlatformKey, Tenant, TenantKey
from tenants.scope import platform_tables

_VERSION = "v1"
_NONCE_BYTES = 12
_KEY_BYTES = 32


def seal(*, tenant: Tenant, table: str, field: str, plaintext: str) -> str:
    """`v1.<data key id>.<base64 of nonce and ciphertext>`; needs the tenant's scope.

    Holds the tenant's keys until the transaction ends, so that none is replaced or removed before
    the envelope is there to be seen. Raises LookupError for a place that no SealedTextField names.
    """
    if (table, field) not in sealed_places():
        raise LookupError(f"no SealedTextField has the place ({table!r}, {field!r})")
    key_id = (_hold_newest_key(tenant) or _first_key(tenant)).pk
    nonce, data_key = secrets.token_bytes(_NONCE_BYTES), _data_key(tenant, key_id)
    sealed = AESGCM(data_key).encrypt(nonce, plaintext.encode(), _bound_to(tenant.pk, table, field))
    return f"{envelope_head(key_id)}{urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(*, tenant: Tenant, table: str, field: str, envelope: str) -> str:
    """The plaintext; raises SealBroken when keys, place or content do not fit."""
    version, _, rest = envelope.partition(".")
    key_id, _, body = rest.partition(".")
    try:
        data_key_id, raw = UUID(key_id), urlsafe_b64decode(body)
    except ValueError:
        raw = b""
    if version != _VERSION or len(raw) <= _NONCE_BYTES:
        raise SealBroken(f"{table}.{field} does not hold a sealed value")
    data_key = _data_key(tenant, data_key_id)
    try:
        plain = AESGCM(data_key).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(tenant.pk, table, field)
        )
    except InvalidTag:
        raise SealBroken(f"{table}.{field} of tenant {tenant.pk} does not open") from None
    return plain.decode()


def lookup_hash(secret: str) -> str:
    """A keyed hash under which a row can be found by its secret without storing the secret."""
    return hmac.new(_platform_key("lookup"), secret.encode(), hashlib.sha256).hexdigest()


def envelope_head(key_id: UUID) -> str:
    """What every envelope begins with that this data key has sealed."""
    return f"{_VERSION}.{key_id.hex}."


def make_data_key(tenant: Tenant, *, newer_than: TenantKey | None = None) -> TenantKey:
    """A fresh data key, which seals from now on, also where this machine's clock is slow."""
    wrapped_by, wrapped = key_management().wrap(
        secrets.token_bytes(_KEY_BYTES), tenant_key_context(tenant.pk)
    )
    created_at = timezone.now()
    if newer_than is not None:
        created_at = max(created_at, newer_than.created_at + timedelta(microseconds=1))
    return TenantKey.objects.create(
        tenant=tenant, master_key_id=wrapped_by, wrapped_key=wrapped, created_at=created_at
    )


def tenant_key_context(tenant_id: UUID) -> bytes:
    """What a tenant's wrapped data key is bound to."""
    return f"tenant key|{tenant_id}".encode()


def platform_key_context(purpose: str) -> bytes:
    """What a wrapped key of the platform is bound to."""
    return f"platform key|{purpose}".encode()


def lock_keys(tenant: Tenant, *, nowait: bool = False) -> list[TenantKey]:
    """The tenant's data keys, newest first, held until the transaction ends.

    With `nowait`, raises OperationalError when another transaction is sealing at this moment.
    """
    ordered = TenantKey.objects.filter(tenant=tenant).order_by("-created_at")
    keys = ordered.select_for_update(nowait=nowait)
    # Once more, because a key may have been added while we waited for the lock on the others.
    return list(keys.all()) and list(keys.all())


def _bound_to(tenant_id: UUID, table: str, field: str) -> bytes:
    return f"{tenant_id}|{table}|{field}".encode()


def _hold_newest_key(tenant: Tenant) -> TenantKey | None:
    """The newest key, shared with others who seal, and kept from a rotation meanwhile."""
    while True:
        with connection.cursor() as cursor:
            # Django has no words for FOR SHARE.
            cursor.execute(
                "SELECT id FROM tenants_tenantkey WHERE tenant_id = %s"
                " ORDER BY created_at DESC FOR SHARE",
                [tenant.pk],
            )
            held = {row[0] for row in cursor.fetchall()}
        newest = TenantKey.objects.filter(tenant=tenant).order_by("-created_at").first()
        # A key that came while we waited is not held yet.
        if newest is None or newest.pk in held:
            return newest


@transaction.atomic
def _first_key(tenant: Tenant) -> TenantKey:
    # The tenant's row serialises two first seals; the loser then finds the winner's key.
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    return _hold_newest_key(tenant) or make_data_key(tenant)


def _data_key(tenant: Tenant, key_id: UUID) -> bytes:
    """Unwrapped once per version of the tenant's configuration, and forgotten with it.

    A data key never changes under its id, whichever master key wraps it.
    """

    def unwrap() -> bytes:
        row = TenantKey.objects.filter(tenant=tenant, pk=key_id).first()
        if row is None:
            raise SealBroken(f"data key {key_id} of tenant {tenant.pk} is gone")
        context = tenant_key_context(tenant.pk)
        return key_management().unwrap(bytes(row.wrapped_key), row.master_key_id, context)

    return configuration.remember(tenant, f"data key {key_id}", unwrap)


_platform_keys: dict[str, bytes] = {}


def _platform_key(purpose: str) -> bytes:
    known = _platform_keys.get(purpose)
    if known is not None:
        return known
    keys, context = key_management(), platform_key_context(purpose)
    wrapped_by, wrapped = keys.wrap(secrets.token_bytes(_KEY_BYTES), context)
    with platform_tables("platform keys"):
        # get_or_create is atomic here: the primary key lets one of several first callers win.
        row, _ = PlatformKey.objects.get_or_create(
            purpose=purpose, defaults={"master_key_id": wrapped_by, "wrapped_key": wrapped}
        )
        key = keys.unwrap(bytes(row.wrapped_key), row.master_key_id, context)
        # A key made in a transaction that is taken back must not live on in memory.
        transaction.on_commit(lambda: _platform_keys.setdefault(purpose, key))
    return key


def forget_keys() -> None:
    """Drop the platform's unwrapped keys from this process's memory; tests use it."""
    _platform_keys.clear()
