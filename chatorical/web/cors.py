"""Which websites may call us from a browser.

Answers without these headers are withheld from the page by its browser; the call itself is carried
out all the same, so this protects visitors, not data: tokens do that.
"""

import re
from dataclasses import fields
from functools import partial
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import jwt
from django.conf import settings

from conversations.access import is_origin_allowed, is_origin_of_any_tenant
from kernel import origins
from kernel.database import is_outage
from kernel.errors import DomainError, RateLimited
from kernel.http import address_of_scope
from kernel.service_threads import in_thread
from tenants import unknown_names
from tenants.resolution import Hints, resolve
from tenants.scope import tenant_scope
from tenants.widget_keys import is_widget_key

Headers = list[tuple[bytes, bytes]]

_START = "/v1/conversations/start"
_METHODS = b"GET, POST, PATCH, PUT, DELETE, OPTIONS"
# Of ours, whatever a page asks for.
_OWN_HEADERS = (
    "authorization",
    "content-type",
    "x-tenant-id",
    "x-widget-key",
    "x-request-id",
    "if-none-match",
)
# Keys of servers; a page that has one must not send it.
_KEYS_OF_SERVERS = frozenset({"x-api-key", "x-internal-auth"})
# More names than any page adds, so that what is echoed stays small.
_MAX_NAMES = 64
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]{1,100}")
_EXPOSED = b"x-request-id, retry-after, etag, link, x-next-cursor"
_API_KEY_HEADERS = (b"authorization", b"x-api-key")
_REMEMBER_SECONDS = 5.0
_MAX_REMEMBERED = 10_000
# Longer than any origin, slug, key or host of ours; what is remembered must stay small.
_MAX_LENGTH = 255

_decisions: dict[tuple[str, Hints, str | None, bool], tuple[bool, float]] = {}


async def cors_headers(scope: dict[str, Any]) -> Headers:
    """The headers to add to an answer: `Vary` alone without an `Origin` that is allowed.

    Also without any: a cache would hand an answer to no page on to pages, which could not read it.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    vary = (b"vary", b"Origin")
    if origin is None:
        return [vary]
    if not await _is_allowed(scope, headers, origin.decode("latin-1")):
        return [vary]
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", _EXPOSED),
        vary,
    ]


def preflight_headers(scope: dict[str, Any], allowed: Headers) -> Headers:
    """What a preflight adds for an allowed origin; nothing for others.

    An allowed page may send the headers that it asks for: its own scripts, such as those that trace
    requests, add some to every call that the widget makes.
    """
    if len(allowed) < 2:
        return allowed
    return [
        *allowed,
        (b"vary", b"Access-Control-Request-Headers"),
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", ", ".join(_allowed_names(scope)).encode()),
        (b"access-control-max-age", b"600"),
    ]


def _allowed_names(scope: dict[str, Any]) -> list[str]:
    """Ours, then what is asked for beyond them, as far as it can be the name of a header."""
    lines = (v for k, v in scope["headers"] if k == b"access-control-request-headers")
    asked = b",".join(lines).decode("latin-1").lower().split(",")
    names = dict.fromkeys((*_OWN_HEADERS, *(name.strip() for name in asked)))
    return [name for name in names if _NAME.fullmatch(name) and name not in _KEYS_OF_SERVERS][
        :_MAX_NAMES
    ]


async def _is_allowed(scope: dict[str, Any], headers: dict[bytes, bytes], origin: str) -> bool:
    listed = settings.CORS_ALLOWED_ORIGINS
    if origins.ANY in listed or origins.normal_form(origin) in listed:
        return True
    query = parse_qs(scope["query_string"].decode("latin-1"))
    in_path = _tenant_in_path(scope["path"])
    if in_path is not None:
        name = "k" if is_widget_key(in_path) else "t"
        query[name] = [in_path, *query.get(name, [])]
    # API keys are for servers: a page that sends one is no more allowed for it.
    named = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in headers.items()
        if name not in _API_KEY_HEADERS
    }
    try:
        hints = Hints.of(query=query, headers=named, address=None)
    except DomainError:
        return False
    is_preflight = scope["method"] == "OPTIONS"
    # A start looks at no token, so neither does what is decided about it.
    claimed = None if scope["path"] == _START else _tenant_in_token(headers)
    said = (origin, claimed, *(getattr(hints, field.name) for field in fields(hints)))
    if any(len(value) > _MAX_LENGTH for value in said if value is not None):
        return False
    key = (origin, hints, claimed, is_preflight)
    known = _decisions.get(key)
    if known is not None and known[1] > monotonic():
        return known[0]
    try:
        is_allowed = await in_thread(_decide_for, address_of_scope(scope), *key)
    except RateLimited:
        # Not remembered: it is about the caller, and not about the page.
        return False
    except Exception as error:
        if known is None or not is_outage(error):
            raise
        # The database is away: a page that could read our answers goes on reading them.
        return known[0]
    if len(_decisions) >= _MAX_REMEMBERED:
        _decisions.clear()
    _decisions[key] = (is_allowed, monotonic() + _REMEMBER_SECONDS)
    return is_allowed


def _tenant_in_path(path: str) -> str | None:
    """The tenant, by slug or widget key, of an address of texts: `/v1/i18n/<name>/<locale>`."""
    _, is_public_text, rest = path.partition("/v1/i18n/")
    return rest.partition("/")[0][:64] or None if is_public_text else None


def _tenant_in_token(headers: dict[bytes, bytes]) -> str | None:
    """The tenant a token claims, unverified: it picks a list of origins and grants nothing."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        claimed = jwt.decode(token.strip(), options={"verify_signature": False}).get("t")
    except jwt.PyJWTError:
        return None
    return claimed if isinstance(claimed, str) else None


def _decide_for(
    address: str, origin: str, hints: Hints, claimed: str | None, is_preflight: bool
) -> bool:
    """`_decide`; pages that are not allowed are counted. Raises RateLimited."""
    decide = partial(_decide, origin, hints, claimed, is_preflight)
    return bool(unknown_names.look_up(decide.args, lambda: decide() or None, address=address))


def _decide(origin: str, hints: Hints, claimed: str | None, is_preflight: bool) -> bool:
    try:
        if claimed is not None and not _names_a_tenant(hints):
            hints = Hints(header=claimed, host=hints.host)
        with tenant_scope(resolve(hints)) as tenant:
            if is_origin_allowed(tenant=tenant, origin=origin):
                return True
    except DomainError:
        return False
    # A browser asks before it may say whose token it has; the call itself is decided by that.
    is_anonymous = is_preflight and not (hints.query_slug or hints.query_widget_key)
    return is_anonymous and is_origin_of_any_tenant(origin)


def _names_a_tenant(hints: Hints) -> bool:
    """Whether a page says itself whose it is, beside the address that it calls."""
    return any((hints.query_slug, hints.header, hints.query_widget_key, hints.header_widget_key))
