"""A tenant's keys for identity tokens: made or taken in, listed, and removed."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from django.db.models import QuerySet

from conversations.errors import IdentityKeyNotFound, TooManyIdentityKeys
from conversations.identity.models import IdentityKey
from conversations.identity.tokens import VerifyingKey
from conversations.sessions.keys import public_key_of
from kernel.errors import InvalidParameter
from tenants import audit
from tenants.audit import Actor
from tenants.crypto import sealing
from tenants.models import Tenant

# Enough to rotate with overlap; each one may be tried for a token.
MAX_KEYS = 4
_PLACE = ("identity_key", "secret")
_SECRET_BYTES = 32
_MAX_PEM = 2_000
_FIELD = "public_key"


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key; the secret of HS256, which nobody can read again, else empty."""

    key: IdentityKey
    secret: str = field(default="", repr=False)


def make_secret(*, tenant: Tenant, actor: Actor) -> MadeKey:
    """A new shared secret, beside the keys that there are; raises TooManyIdentityKeys."""
    _require_room(tenant)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    table, field_name = _PLACE
    sealed = sealing.seal(tenant=tenant, table=table, field=field_name, plaintext=secret)
    algorithm = IdentityKey.Algorithm.HS256
    key = IdentityKey.objects.create(tenant=tenant, algorithm=algorithm, secret_sealed=sealed)
    _note(tenant, key, actor, "added")
    return MadeKey(key, secret)


def add_public_key(*, tenant: Tenant, given: object, actor: Actor) -> MadeKey:
    """The public half of a key pair, as PEM or JWK, beside the keys that there are.

    Raises TooManyIdentityKeys, and InvalidParameter for what is no public key of P-256.
    """
    public_key = _pem_of(given)
    _require_room(tenant)
    key = IdentityKey.objects.create(
        tenant=tenant, algorithm=IdentityKey.Algorithm.ES256, public_key=public_key
    )
    _note(tenant, key, actor, "added")
    return MadeKey(key)


def list_keys(*, tenant: Tenant) -> QuerySet[IdentityKey]:
    """The tenant's keys, the newest first."""
    return IdentityKey.objects.filter(tenant=tenant).order_by("-created_at", "-pk")


def remove_key(*, tenant: Tenant, key_id: UUID, actor: Actor) -> None:
    """Its tokens are refused from now on; raises IdentityKeyNotFound."""
    key = IdentityKey.objects.select_for_update().filter(tenant=tenant, pk=key_id).first()
    if key is None:
        raise IdentityKeyNotFound(key_id=key_id)
    _note(tenant, key, actor, "removed")
    key.delete()


def verifying_keys(*, tenant: Tenant) -> list[VerifyingKey]:
    """All of them, ready to verify with; raises SealBroken."""
    return [
        VerifyingKey(IdentityKey.Algorithm(key.algorithm), key.public_key or _secret(tenant, key))
        for key in list_keys(tenant=tenant)
    ]


def _secret(tenant: Tenant, key: IdentityKey) -> str:
    table, field_name = _PLACE
    return sealing.unseal(tenant=tenant, table=table, field=field_name, envelope=key.secret_sealed)


def _require_room(tenant: Tenant) -> None:
    # The tenant's row is held, so that two who add a key at once count each other's.
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if list_keys(tenant=tenant).count() >= MAX_KEYS:
        raise TooManyIdentityKeys()


def _pem_of(given: object) -> str:
    """The key in one spelling."""
    if isinstance(given, dict):
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key_of(given))
    else:
        key = _read_pem(given)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _read_pem(given: object) -> ec.EllipticCurvePublicKey:
    try:
        text = given.strip() if isinstance(given, str) and len(given) <= _MAX_PEM else ""
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidParameter(
            f"{_FIELD!r} must be a public key of the curve P-256, as PEM or JWK.",
            details={"field": _FIELD},
        )
    return key


def _note(tenant: Tenant, key: IdentityKey, actor: Actor, what: str) -> None:
    audit.record(
        tenant=tenant,
        actor=actor,
        action=f"identity_key.{what}",
        object_type="identity_key",
        object_id=key.pk,
        changes={"algorithm": key.algorithm},
    )
