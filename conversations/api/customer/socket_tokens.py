"""A token for one socket, so that the conversation's own need not stand in an address."""

from django.http import HttpRequest, HttpResponse

from conversations import selectors, tokens
from conversations.access import Caller, token_scope, verify
from conversations.tokens import SOCKET_TOKEN_SECONDS
from kernel.http import json_response, network_of
from tenants import rate_limits
from tenants.rate_limits import Dimension


def issue(request: HttpRequest) -> HttpResponse:
    """POST /v2/ws/token"""
    caller = Caller.of(request)
    claims = verify(caller)
    network = network_of(caller.address)
    rate_limits.take(claims.tenant_id, [Dimension("ws_token", network)])
    with token_scope(claims) as tenant:
        selectors.get_conversation(tenant=tenant, conversation_id=claims.conversation_id)
    token = tokens.issue_socket_token(
        tenant_id=claims.tenant_id,
        conversation_id=claims.conversation_id,
        address=caller.address,
        session=claims.session,
    )
    return json_response({"token": token, "expires_in": SOCKET_TOKEN_SECONDS})
