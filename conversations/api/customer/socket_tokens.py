"""A token for one socket, so that the conversation's own need not stand in an address."""

from django.http import HttpRequest, HttpResponse

from conversations import selectors, tokens
from conversations.access import Caller, customer_scope
from conversations.errors import InvalidToken
from conversations.tokens import CONVERSATION_AUDIENCE, SOCKET_TOKEN_SECONDS
from kernel.http import json_response
from tenants.resolution import resolve


def issue(request: HttpRequest) -> HttpResponse:
    """POST /v2/ws/token"""
    caller = Caller.of(request)
    if caller.token is None:
        raise InvalidToken()
    claims = tokens.verify(caller.token, audiences=(CONVERSATION_AUDIENCE,), address=caller.address)
    resolve(caller.hints, from_token=claims.tenant_id)
    with customer_scope(claims.tenant_id) as tenant:
        selectors.get_conversation(tenant=tenant, conversation_id=claims.conversation_id)
    token = tokens.issue_socket_token(
        tenant_id=claims.tenant_id, conversation_id=claims.conversation_id, address=caller.address
    )
    return json_response({"token": token, "expires_in": SOCKET_TOKEN_SECONDS})
