"""What a visitor whom the tenant's server knows has talked about before; it can only be read."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from msgspec import Meta

from conversations.access import Caller, token_scope, verify
from conversations.api.customer.answers import V1Message
from conversations.errors import InvalidToken
from conversations.history import History, Wanted
from conversations.models import Conversation, Message
from conversations.sessions import selectors
from conversations.sessions.earlier import last_messages, list_earlier, require_earlier
from conversations.tokens import TokenClaims
from kernel.clock import iso_ms
from kernel.errors import InvalidParameter
from kernel.http import bytes_response, network_of
from kernel.rest.answers import Answer, Moment, PageJson, encode
from kernel.rest.paging import PageRequest
from tenants import rate_limits
from tenants.models import Tenant
from tenants.rate_limits import Dimension

_LIST = "conversations of a session"
_DEFAULT_ROWS, _MAX_ROWS = 20, 50
_MAX_MESSAGES = 100


class EarlierConversation(Answer, frozen=True, kw_only=True):
    """A conversation in a list, with what a person said last."""

    id: UUID
    status: str
    created_at: Moment
    last_message: Annotated[V1Message | None, Meta(description="Of a person, not of the product.")]

    @classmethod
    def of(
        cls, tenant: Tenant, conversation: Conversation, last: Message | None
    ) -> "EarlierConversation":
        """As its customer sees it."""
        return cls(
            id=conversation.pk,
            status=conversation.status,
            created_at=iso_ms(conversation.created_at),
            last_message=None if last is None else V1Message.of(tenant, last),
        )


def list_conversations(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """GET /v2/sessions/{id}/conversations"""
    claims = _claims(request, session_id)
    wanted = PageRequest.of_query(request.GET, _LIST, default=_DEFAULT_ROWS, maximum=_MAX_ROWS)
    with token_scope(claims) as tenant:
        session = selectors.get_session(tenant=tenant, session_id=session_id)
        page = wanted.take(list_earlier(tenant=tenant, session=session))
        last = last_messages(tenant=tenant, conversations=page.rows)
        rows = [EarlierConversation.of(tenant, each, last.get(each.pk)) for each in page.rows]
    return bytes_response(encode(PageJson(data=rows, next_cursor=page.next_cursor)))


def read(request: HttpRequest, session_id: UUID, conversation_id: UUID) -> HttpResponse:
    """GET /v2/sessions/{id}/conversations/{conversation_id}/messages"""
    claims = _claims(request, session_id)
    before = _before(request.GET.get("before") or "")
    with token_scope(claims) as tenant:
        session = selectors.get_session(tenant=tenant, session_id=session_id)
        require_earlier(tenant=tenant, session=session, conversation_id=conversation_id)
    history = History(
        tenant_id=claims.tenant_id,
        conversation_id=conversation_id,
        wanted=Wanted(before=before, limit=_MAX_MESSAGES),
        show=V1Message.of,
    )
    pieces = []
    while not history.is_complete:
        pieces.append(history.next_piece())
    return bytes_response(b"".join(pieces))


def _claims(request: HttpRequest, session_id: UUID) -> TokenClaims:
    """Of the session's own token; a token of v1 belongs to no session."""
    caller = Caller.of(request)
    claims = verify(caller)
    if claims.session is None or claims.session.id != session_id:
        raise InvalidToken()
    rate_limits.take(claims.tenant_id, [Dimension("history", network_of(caller.address))])
    return claims


def _before(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 10 and int(given) > 0):
        raise InvalidParameter("'before' must be a message's seq.", details={"field": "before"})
    return int(given)
