"""From a request's headers to the key that it holds.

The key is looked up anew for each call, by an index and before any tenant is known, so that a
revoked one is refused everywhere from the moment of the commit.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from django.db import Error
from django.db.models import Q
from django.utils import timezone

from kernel import context
from kernel.database import is_lost, is_outage
from kernel.errors import Unauthorized
from tenants import rate_limits
from tenants.api_keys import key_format, scopes
from tenants.api_keys.models import ApiKey
from tenants.api_keys.principal import Principal
from tenants.errors import InvalidApiKey
from tenants.rate_limits import Dimension
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)

_NOTE_USE_EVERY = timedelta(minutes=1)
# Compared with when nobody has the prefix, so that this takes as long as a wrong secret.
_NOBODYS_HASH = key_format.hash_of("nobody has this key")


def authenticate(headers: Mapping[str, str], *, address: str | None) -> Principal:
    """Who calls, by `Authorization: Bearer` or `X-API-Key`; counts the call.

    `headers` are asked for lower-case names; `address` is the caller's. Raises Unauthorized when
    there is no key or there are two, InvalidApiKey for one that does not work, whatever the reason,
    and RateLimited.
    """
    bearer, named = _bearer(headers), _named(headers)
    key = _the_one(bearer, named)
    if key is None:
        raise Unauthorized("Send an API key: Authorization: Bearer <key>.")
    return authenticate_key(key, address=address)


def recognisable_key(headers: Mapping[str, str]) -> str | None:
    """The API key among the headers of a call that can also carry other tokens.

    Raises Unauthorized for two different ones.
    """
    bearer = _bearer(headers)
    is_key = bearer is not None and key_format.looks_like_a_key(bearer)
    return _the_one(bearer if is_key else None, _named(headers))


def authenticate_key(key: str, *, address: str | None) -> Principal:
    """As `authenticate`, with the key in hand.

    Calls with wrong keys are counted by address, after the key was looked at: a good key works
    while others at its address are refused. RateLimited then takes the place of InvalidApiKey.
    """
    given_hash = key_format.hash_of(key)
    prefix = key_format.prefix_of(key)
    row = None if prefix is None else _find(prefix)
    is_right = hmac.compare_digest(given_hash, _NOBODYS_HASH if row is None else row.secret_hash)
    now = timezone.now()
    if row is None or not is_right or not row.is_valid_at(now):
        rate_limits.take_for_address("wrong_key", address)
        raise InvalidApiKey()
    context.note(tenant_id=str(row.tenant_id))
    rate_limits.take(
        row.tenant_id, [Dimension("api_key", str(row.pk), points=row.rate_limit_points)]
    )
    _note_use(row, now)
    return Principal(tenant_id=row.tenant_id, key_id=row.pk, scopes=scopes.expand(row.scopes))


def _find(prefix: str) -> ApiKey | None:
    with platform_scope("api key look-up"):
        return ApiKey.objects.filter(prefix=prefix).first()


def _note_use(row: ApiKey, now: datetime) -> None:
    """Once a minute, in a transaction of its own: many calls at once must not queue for the row."""
    long_ago = now - _NOTE_USE_EVERY
    if row.last_used_at is not None and row.last_used_at > long_ago:
        return
    try:
        with tenant_scope(row.tenant_id):
            ApiKey.objects.filter(
                Q(last_used_at__isnull=True) | Q(last_used_at__lte=long_ago), pk=row.pk
            ).update(last_used_at=now)
    except Error as error:
        # A call that only reads goes on: a database that takes no writes can still answer it.
        if not is_outage(error) or is_lost(error):
            raise
        logger.warning("api_key_use_not_noted", error=type(error).__name__)


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _named(headers: Mapping[str, str]) -> str | None:
    return headers.get("x-api-key", "").strip() or None


def _the_one(bearer: str | None, named: str | None) -> str | None:
    if bearer is not None and named is not None and bearer != named:
        raise Unauthorized("Authorization and X-API-Key hold two different keys. Send one.")
    return bearer if named is None else named
