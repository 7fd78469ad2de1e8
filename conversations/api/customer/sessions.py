"""The calls of a browser that comes back: a session begins, proves its key, and ends."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from conversations import tokens, validation
from conversations.access import (
    Caller,
    customer_scope,
    require_allowed_origin,
    require_same_origin,
    token_scope,
    verify,
)
from conversations.api.customer.answers import IssuedChallenge, IssuedToken, StartedSession
from conversations.errors import InvalidToken
from conversations.identity.services import read_identity
from conversations.sessions import keys, selectors
from conversations.sessions import services as sessions
from conversations.sessions.beginning import Browser, begin_session
from conversations.sessions.challenges import CHALLENGE_SECONDS, issue_challenge, read_challenge
from conversations.sessions.devices import device_of
from conversations.sessions.models import Session
from conversations.tokens import SESSION_TOKEN_SECONDS, TokenSession
from conversations.visitors import services as visitors
from conversations.visitors.page_reports import PageReport, web_address
from kernel import origins
from kernel.http import (
    bytes_response,
    counted_network,
    network_of,
    optional_text,
    read_json_object,
    require_text,
)
from kernel.rest.answers import encode
from templates_i18n.locales import fallbacks
from tenants import rate_limits, use_limits
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.rate_limits import Dimension
from tenants.resolution import resolve


def start(request: HttpRequest) -> HttpResponse:
    """POST /v2/sessions"""
    caller = Caller.of(request)
    claims = None if caller.token is None else verify(caller)
    tenant_id = claims.tenant_id if claims else resolve(caller.hints, may_default=False)
    rate_limits.take(tenant_id, [Dimension("start", network_of(caller.address))])
    body = read_json_object(request)
    browser = Browser(
        public_key=keys.public_key_of(body.get("public_key")),
        origin=origins.normal_form(caller.origin or ""),
        device=device_of(request.headers.get("User-Agent", "")),
        address=caller.address,
        claims=claims,
        name=validation.optional_name_at_start(body.get("name")),
        locale=fallbacks(optional_text(body, "locale"))[0],
        report=PageReport.of(body),
    )
    with (
        use_limits.room_for(tenant_id, Limit.STARTS) as room,
        token_scope(claims) if claims else customer_scope(tenant_id) as tenant,
    ):
        require_allowed_origin(tenant, caller.origin)
        identity = read_identity(tenant=tenant, given=body.get("identity"))
        session = begin_session(tenant=tenant, browser=browser, identity=identity, room=room)
        conversation = session.conversation
    assert conversation is not None
    answer = StartedSession(
        session_id=session.pk,
        conversation_id=conversation.pk,
        codename=conversation.codename,
        token=_token(caller, session),
        expires_in=SESSION_TOKEN_SECONDS,
        challenge=issue_challenge(session),
    )
    return bytes_response(encode(answer), status=201)


def challenge(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """POST /v2/sessions/{id}/challenge"""
    caller = Caller.of(request)
    tenant_id = _tenant_of(caller, session_id)
    with customer_scope(tenant_id) as tenant:
        session = _session(tenant, caller, session_id)
    answer = IssuedChallenge(challenge=issue_challenge(session), expires_in=CHALLENGE_SECONDS)
    return bytes_response(encode(answer))


def token(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """POST /v2/sessions/{id}/token"""
    caller = Caller.of(request)
    tenant_id = _tenant_of(caller, session_id)
    body = read_json_object(request)
    text, signature = require_text(body, "challenge"), require_text(body, "signature")
    page = web_address(body, "page")
    with customer_scope(tenant_id) as tenant:
        session = _session(tenant, caller, session_id)
        sessions.prove_key(
            tenant=tenant,
            session=session,
            challenge=read_challenge(text, session_id=session_id, tenant_id=tenant_id),
            text=text,
            signature=signature,
        )
        if session.conversation_id is not None:
            visitors.note_page(tenant=tenant, conversation_id=session.conversation_id, page=page)
    answer = IssuedToken(token=_token(caller, session), expires_in=SESSION_TOKEN_SECONDS)
    return bytes_response(encode(answer))


def forget(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """DELETE /v2/sessions/{id}"""
    caller = Caller.of(request)
    claims = verify(caller)
    if claims.session is None or claims.session.id != session_id:
        raise InvalidToken()
    with token_scope(claims) as tenant:
        sessions.forget_browser(
            tenant=tenant, conversation_id=claims.conversation_id, session_id=session_id
        )
    return HttpResponse(status=204)


def _tenant_of(caller: Caller, session_id: UUID) -> UUID:
    """Whose session it is: its id names the tenant, as a token does.

    Counted first, by address, and there by session, so that floods end before the database: one who
    has copied a session's id uses up nothing of its owner's.
    """
    counted = [Dimension("session", f"{session_id}|{network_of(caller.address)}")]
    network = counted_network(caller.address)
    if network is not None:
        counted.append(Dimension("session_address", network))
    rate_limits.take(None, counted)
    tenant_id = selectors.get_tenant_of_session(session_id)
    return resolve(caller.hints, from_token=tenant_id)


def _session(tenant: Tenant, caller: Caller, session_id: UUID) -> Session:
    """The session, for a caller on its own page, which the tenant still allows."""
    session = selectors.get_session(tenant=tenant, session_id=session_id)
    require_same_origin(caller.origin, session.origin)
    require_allowed_origin(tenant, caller.origin)
    selectors.require_usable(session)
    return session


def _token(caller: Caller, session: Session) -> str:
    assert session.conversation_id is not None
    return tokens.issue_conversation_token(
        tenant_id=session.tenant_id,
        conversation_id=session.conversation_id,
        address=caller.address,
        seconds=SESSION_TOKEN_SECONDS,
        session=TokenSession(session.pk, session.origin),
    )
