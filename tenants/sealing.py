"""Envelope encryption of secrets at rest.

A platform master key wraps each tenant's data key; the data key seals values with AES-256-GCM. The
tenant, table and field are authenticated with the value, so a sealed value copied to another row,
field or tenant does not open. Envelopes name the keys they need, which is what lets both levels
rotate without a pause. See docs/adr/0006-sealed-secrets.md.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from tenants.errors import SealBroken
from tenants.models import PlatformKey, Tenant, TenantKey

_VERSION = "v1"
_NONCE_BYTES = 12
_KEY_BYTES = 32


def master_key_id(key: bytes) -> str:
    """A short public name of a master key: the head of its SHA-256."""
    return hashlib.sha256(b"chatorical master key" + key).hexdigest()[:12]


def seal(*, tenant: Tenant, table: str, field: str, plaintext: str) -> str:
    """`v1.<data key id>.<base64 of nonce and ciphertext>`; needs the tenant's scope."""
    key_id, data_key = _sealing_key(tenant)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(data_key).encrypt(nonce, plaintext.encode(), _bound_to(tenant.pk, table, field))
    return f"{_VERSION}.{key_id.hex}.{urlsafe_b64encode(nonce + sealed).decode()}"


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
    data_key = _opening_key(tenant, data_key_id)
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


def _bound_to(tenant_id: UUID, table: str, field: str) -> bytes:
    return f"{tenant_id}|{table}|{field}".encode()


def _wrap(key: bytes, bound_to: bytes) -> tuple[str, bytes]:
    master = settings.KMS_MASTER_KEYS[0]
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return master_key_id(master), nonce + AESGCM(master).encrypt(nonce, key, bound_to)


def _unwrap(wrapped: bytes, wrapped_by: str, bound_to: bytes) -> bytes:
    for master in settings.KMS_MASTER_KEYS:
        if master_key_id(master) == wrapped_by:
            try:
                return AESGCM(master).decrypt(
                    wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], bound_to
                )
            except InvalidTag:
                raise SealBroken(f"a key wrapped by master key {wrapped_by} was altered") from None
    raise SealBroken(
        f"KMS_MASTER_KEY does not contain master key {wrapped_by}, which sealed this data. "
        "Put it back, after the new one, separated by a comma."
    )


def _sealing_key(tenant: Tenant) -> tuple[UUID, bytes]:
    newest = TenantKey.objects.filter(tenant=tenant).order_by("-created_at").first()
    if newest is None:
        newest = _first_key(tenant)
    return newest.pk, _opening_key(tenant, newest.pk)


@transaction.atomic
def _first_key(tenant: Tenant) -> TenantKey:
    # The tenant's row serialises two first seals; the loser then finds the winner's key.
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    existing = TenantKey.objects.filter(tenant=tenant).order_by("-created_at").first()
    if existing is not None:
        return existing
    wrapped_by, wrapped = _wrap(secrets.token_bytes(_KEY_BYTES), _tenant_bound(tenant.pk))
    return TenantKey.objects.create(tenant=tenant, master_key_id=wrapped_by, wrapped_key=wrapped)


def _tenant_bound(tenant_id: UUID) -> bytes:
    return f"tenant key|{tenant_id}".encode()


def _opening_key(tenant: Tenant, key_id: UUID) -> bytes:
    row = TenantKey.objects.filter(tenant=tenant, pk=key_id).first()
    if row is None:
        raise SealBroken(f"data key {key_id} of tenant {tenant.pk} is gone")
    return _unwrapped(tenant.pk, bytes(row.wrapped_key), row.master_key_id)


@lru_cache(maxsize=1024)
def _unwrapped(tenant_id: UUID, wrapped: bytes, wrapped_by: str) -> bytes:
    return _unwrap(wrapped, wrapped_by, _tenant_bound(tenant_id))


_platform_keys: dict[str, bytes] = {}


def _platform_key(purpose: str) -> bytes:
    known = _platform_keys.get(purpose)
    if known is not None:
        return known
    bound_to = f"platform key|{purpose}".encode()
    wrapped_by, wrapped = _wrap(secrets.token_bytes(_KEY_BYTES), bound_to)
    # get_or_create is atomic here: the primary key lets one of several first callers win.
    row, _ = PlatformKey.objects.get_or_create(
        purpose=purpose, defaults={"master_key_id": wrapped_by, "wrapped_key": wrapped}
    )
    key = _unwrap(bytes(row.wrapped_key), row.master_key_id, bound_to)
    # A key made in a transaction that is taken back must not live on in memory.
    transaction.on_commit(lambda: _platform_keys.setdefault(purpose, key))
    return key


def forget_keys() -> None:
    """Drop unwrapped keys from this process's memory; for tests and after a rotation."""
    _unwrapped.cache_clear()
    _platform_keys.clear()
