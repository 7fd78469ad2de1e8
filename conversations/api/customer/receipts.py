"""The receipts of a widget whose socket is blocked."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from conversations import services, validation
from conversations.access import Caller, token_scope, verify_for
from conversations.history import CustomerReceipts
from kernel.http import bytes_response, counted_network, read_json_object
from kernel.rest.answers import encode
from tenants import rate_limits
from tenants.rate_limits import Dimension


def note(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """POST /v2/conversations/{id}/receipts"""
    caller = Caller.of(request)
    claims = verify_for(caller, conversation_id)
    # As many as messages, and beside them: a widget tells them by itself.
    budget = [Dimension("send", str(conversation_id), counter="receipts")]
    network = counted_network(caller.address)
    if network is not None:
        budget.append(Dimension("send_address", network))
    rate_limits.take(claims.tenant_id, budget)
    receipts = validation.receipts(read_json_object(request))
    with token_scope(claims) as tenant:
        conversation = services.note_receipts_of_customer(
            tenant=tenant, conversation_id=conversation_id, receipts=receipts
        )
    return bytes_response(encode(CustomerReceipts.of(conversation)))
