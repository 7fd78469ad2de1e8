"""Claiming an idempotency key, and keeping the answer with what the call has written."""

import hashlib
import re
from datetime import timedelta
from uuid import UUID

import msgspec
from django.db.models.functions import Now

from kernel.errors import InvalidParameter
from kernel.rest.answers import encode
from tenants import pruning
from tenants.crypto import sealing
from tenants.errors import IdempotencyKeyReused
from tenants.idempotency.models import PLACE, IdempotentResponse
from tenants.models import Tenant

KEEP = timedelta(hours=24)
_PLACE = dict(zip(("table", "field"), PLACE, strict=True))
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def validate_key(key: str) -> str:
    """The key itself; raises InvalidParameter for what is no plain word of up to 255 characters."""
    if _KEY.fullmatch(key) is None:
        raise InvalidParameter(
            "Idempotency-Key must be 1 to 255 characters of plain ASCII without blanks.",
            details={"field": "Idempotency-Key"},
        )
    return key


def fingerprint_of(*, method: str, address: str, body: bytes) -> str:
    """What tells two different calls apart. `address` is the path with its query."""
    digest = hashlib.sha256()
    for part in (method.encode(), address.encode(), body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def claim(*, tenant: Tenant, caller_id: UUID, key: str, fingerprint: str) -> IdempotentResponse:
    """The row of this key, in the transaction of the call; `status` 0 means: go ahead.

    A second call that comes while the first one works waits for it, and then finds its answer, or
    nothing when that one has failed and taken everything back. Raises IdempotencyKeyReused when
    the key was used for another call.
    """
    kept, _ = IdempotentResponse.objects.get_or_create(
        tenant=tenant,
        caller_id=caller_id,
        idempotency_key=key,
        defaults={"fingerprint": fingerprint},
    )
    if kept.fingerprint != fingerprint:
        raise IdempotencyKeyReused()
    return kept


def keep(*, tenant: Tenant, kept: IdempotentResponse, status: int, body: object) -> None:
    """Remember what the call was answered; commits together with what it has done."""
    kept.status = status
    kept.sealed_body = sealing.seal(tenant=tenant, plaintext=encode(body).decode(), **_PLACE)
    kept.save(update_fields=["status", "sealed_body"])


def body_of(*, tenant: Tenant, kept: IdempotentResponse) -> object:
    """The body that was kept."""
    body: object = msgspec.json.decode(
        sealing.unseal(tenant=tenant, envelope=kept.sealed_body, **_PLACE)
    )
    return body


def forget_old() -> int:
    """Delete answers that are older than KEEP; returns how many."""
    return pruning.delete_old(
        lambda: IdempotentResponse.objects.filter(created_at__lt=Now() - KEEP)
    )
