"""Who may touch which conversation, for every call a customer can make."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest

from conversations import tokens
from conversations.errors import InvalidToken, OriginMismatch, OriginNotAllowed
from conversations.sessions import selectors as sessions
from conversations.tokens import CONVERSATION_AUDIENCE, TokenClaims, TokenSession
from kernel import context, origins
from kernel.http import address_of, bearer_token
from tenants import configuration
from tenants.errors import TenantSuspended
from tenants.models import DEFAULT_TENANT_SLUG, Setting, Tenant
from tenants.rate_limits import Dimension
from tenants.resolution import Hints, resolve
from tenants.scope import platform_scope, tenant_scope
from tenants.settings.keys import ALLOWED_ORIGINS


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller: from where, from which page, with which token and hints."""

    address: str
    origin: str | None
    token: str | None
    hints: Hints

    @classmethod
    def of(cls, request: HttpRequest) -> "Caller":
        """The caller of an HTTP request."""
        return cls(
            address=address_of(request),
            origin=request.headers.get("Origin"),
            token=bearer_token(request),
            hints=Hints.of_request(request),
        )


def verify(caller: Caller, conversation_id: UUID | None = None) -> TokenClaims:
    """The claims of the caller's token; raises InvalidToken, OriginMismatch, TenantMismatch.

    A token for another than the given conversation is refused like a forged one, so that it tells
    nothing about whether the other id exists.
    """
    if caller.token is None:
        raise InvalidToken()
    claims = tokens.verify(caller.token, audiences=(CONVERSATION_AUDIENCE,), address=caller.address)
    if conversation_id not in (None, claims.conversation_id):
        raise InvalidToken()
    require_own_origin(claims, caller.origin)
    resolve(caller.hints, from_token=claims.tenant_id)
    return claims


def verify_for(caller: Caller, conversation_id: UUID) -> TokenClaims:
    """As `verify`, for a call on this conversation."""
    context.note(conversation_id=str(conversation_id))
    return verify(caller, conversation_id)


def require_own_origin(claims: TokenClaims, origin: str | None) -> None:
    """Raises OriginMismatch when a page uses the token of another page's session.

    Calls without an `Origin`, as some of a page to its own server are, name no other one.
    """
    if claims.session is not None and origin is not None:
        require_same_origin(origin, claims.session.origin)


def require_same_origin(origin: str | None, expected: str) -> None:
    """Raises OriginMismatch when a page of another origin than the expected one calls."""
    if origin is not None and origins.normal_form(origin) != expected:
        raise OriginMismatch()


@contextmanager
def customer_scope(tenant_id: UUID) -> Iterator[Tenant]:
    """The scope of a tenant whose customers are served; raises TenantSuspended."""
    with tenant_scope(tenant_id) as tenant:
        if not tenant.is_active:
            raise TenantSuspended(tenant_id=tenant_id)
        yield tenant


@contextmanager
def token_scope(claims: TokenClaims) -> Iterator[Tenant]:
    """As `customer_scope`, for a token; raises also SessionEnded when its session has ended."""
    with customer_scope(claims.tenant_id) as tenant:
        require_not_ended(tenant, claims.session)
        yield tenant


def require_not_ended(tenant: Tenant, session: TokenSession | None) -> None:
    """Raises SessionEnded for the session of a token that was good when it was issued."""
    if session is not None:
        sessions.require_not_ended(tenant=tenant, session_id=session.id)


def history_reader(caller: Caller, conversation_id: UUID) -> tuple[UUID, TokenSession | None]:
    """Whose conversation a history call reads, and by which session's token, if by any.

    In the default tenant the id alone is the permission, and a stray or stale token is ignored.
    Other tenants' conversations need their token; raises InvalidToken when a hint, or an expired
    token of this very conversation, names such a tenant.
    """
    named_by_token = None
    if caller.token is not None:
        try:
            claims = verify_for(caller, conversation_id)
            return claims.tenant_id, claims.session
        except InvalidToken:
            # Stale is normal here: a page sends what it has, and the hints decide.
            named_by_token = tokens.find_tenant_of_expired(caller.token, conversation_id)
    default = configuration.default_tenant_id()
    if resolve(caller.hints) != default or named_by_token not in (None, default):
        raise InvalidToken()
    return default, None


def message_budget(bucket: str, conversation_id: UUID, network: str | None) -> list[Dimension]:
    """What a message counts for, by HTTP (`send`) or as a socket's frame (`ws`).

    Both use up one budget of the conversation, and one of the address where that is known.
    """
    budget = [Dimension(bucket, str(conversation_id), counter="messages")]
    return budget if network is None else [*budget, Dimension("send_address", network)]


def require_allowed_origin(tenant: Tenant, origin: str | None) -> None:
    """Raises OriginNotAllowed for a page that may not talk to the tenant's chat."""
    if origin is None:
        return
    # One of that length is no page's, also where every page is allowed.
    if len(origin) > origins.MAX_LENGTH or not is_origin_allowed(tenant=tenant, origin=origin):
        raise OriginNotAllowed(origin=origin[: origins.MAX_LENGTH])


def is_origin_allowed(*, tenant: Tenant, origin: str) -> bool:
    """Whether pages of this origin may talk to the tenant's chat from a browser."""
    own: list[str] = tenant.setting(ALLOWED_ORIGINS)
    allowed = {
        *settings.CORS_ALLOWED_ORIGINS,
        *map(origins.normal_form, own),
        settings.PUBLIC_ORIGIN,
    }
    if origins.normal_form(origin) in allowed or origins.ANY in allowed:
        return True
    return tenant.slug == DEFAULT_TENANT_SLUG and not settings.IS_PRODUCTION


def is_origin_of_any_tenant(origin: str) -> bool:
    """Whether some tenant lists this origin: all that can be said before a tenant is known."""
    with platform_scope("cors preflight"):
        lists = Setting.objects.filter(key=ALLOWED_ORIGINS.key)
        return lists.filter(
            Q(value__contains=[origins.normal_form(origin)]) | Q(value__contains=[origins.ANY])
        ).exists()
