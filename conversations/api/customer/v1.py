"""The customer's HTTP calls."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from conversations import services, tokens, validation
from conversations.access import (
    Caller,
    customer_scope,
    history_reader,
    message_budget,
    token_scope,
    verify_for,
)
from conversations.api.customer.answers import V1Message
from conversations.bans import services as bans
from conversations.bans.marks import mark_of_network
from conversations.history import History, Wanted
from conversations.identity.services import require_no_identity_needed
from conversations.setting_keys import V1_TOKEN_SECONDS
from conversations.socket.presence import note_seen
from kernel.errors import InvalidParameter
from kernel.http import (
    bytes_response,
    counted_network,
    json_response,
    network_of,
    optional_text,
    read_json_object,
)
from kernel.long_answer_slots import SLOTS, claims_of
from kernel.rest.answers import encode
from kernel.rest.streaming import LongBody, hang_up_of, long_response
from kernel.service_threads import in_thread_of
from templates_i18n.locales import language_subtag
from tenants import rate_limits, use_limits
from tenants.plan_limits import Limit
from tenants.rate_limits import Dimension
from tenants.resolution import resolve

_NUMBERS = {
    "after": "'after' must be a message's seq.",
    "before": "'before' must be a message's seq.",
    "limit": "'limit' must be a number of messages, at least 1.",
}


def start(request: HttpRequest) -> HttpResponse:
    """POST /v1/conversations/start"""
    caller = Caller.of(request)
    tenant_id = resolve(caller.hints)
    rate_limits.take(tenant_id, [Dimension("start", network_of(caller.address))])
    body = read_json_object(request)
    customer_name = validation.optional_name_at_start(body.get("name"))
    locale = _locale(body)
    with (
        use_limits.room_for(tenant_id, Limit.STARTS) as room,
        customer_scope(tenant_id) as tenant,
    ):
        require_no_identity_needed(tenant)
        network_mark = mark_of_network(tenant_id, caller.address)
        bans.require_not_banned(tenant=tenant, marks=[network_mark])
        conversation = services.start_conversation(
            tenant=tenant,
            customer_name=customer_name,
            locale=locale,
            network_mark=network_mark,
            room=room,
        )
        seconds = tenant.setting(V1_TOKEN_SECONDS)
    token = tokens.issue_conversation_token(
        tenant_id=tenant_id,
        conversation_id=conversation.pk,
        address=caller.address,
        seconds=seconds,
    )
    return json_response(
        {
            "conversation_id": str(conversation.pk),
            "token": token,
            "codename": conversation.codename,
            "tenant_id": str(tenant_id),
        }
    )


async def history(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """GET /v1/conversations/{id}/messages"""
    caller = Caller.of(request)
    begun, beginning = await in_thread_of(
        conversation_id, _begin_history, request, caller, conversation_id
    )
    if begun.is_complete:
        return bytes_response(beginning)
    claims = claims_of(counted_network(caller.address), begun.tenant_id, conversation_id)
    slot = await SLOTS.wait_for(claims)
    slot.hang_up = hang_up_of(request)
    body = LongBody(beginning, begun.fetch, slot, conversation_id)
    return long_response(body, content_type="application/json")


def _begin_history(
    request: HttpRequest, caller: Caller, conversation_id: UUID
) -> tuple[History, bytes]:
    tenant_id, session = history_reader(caller, conversation_id)
    rate_limits.take(tenant_id, [Dimension("history", network_of(caller.address))])
    if session is not None:
        note_seen(tenant_id=tenant_id, conversation_id=conversation_id)
    wanted = Wanted(
        after=_number(request, "after"),
        before=_number(request, "before"),
        since=_since(request.GET.get("since")),
        limit=_number(request, "limit", minimum=1),
        with_deleted=session is not None,
    )
    begun = History(
        tenant_id=tenant_id,
        conversation_id=conversation_id,
        wanted=wanted,
        show=V1Message.of,
        session=session,
    )
    return begun, begun.next_piece()


def send(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """POST /v1/conversations/{id}/messages"""
    caller = Caller.of(request)
    claims = verify_for(caller, conversation_id)
    budget = message_budget("send", conversation_id, counted_network(caller.address))
    rate_limits.take(claims.tenant_id, budget)
    body = read_json_object(request)
    text = validation.message_text(body.get("text"))
    client_id = validation.client_id(body.get("client_id"))
    with (
        use_limits.room_for(claims.tenant_id, Limit.MESSAGES) as room,
        token_scope(claims) as tenant,
    ):
        message = services.add_customer_message(
            tenant=tenant,
            conversation_id=conversation_id,
            text=text,
            client_id=client_id,
            room=room,
        )
        return bytes_response(encode({"ok": True, "message": V1Message.of(tenant, message)}))


def rename(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """PATCH /v1/conversations/{id}/name"""
    claims = verify_for(Caller.of(request), conversation_id)
    name = validation.customer_name(read_json_object(request).get("name"))
    # Counted last, so that a refused name does not use up one of the few changes a day.
    rate_limits.take(claims.tenant_id, [Dimension("rename", str(conversation_id))])
    with token_scope(claims) as tenant:
        conversation = services.rename_customer(
            tenant=tenant, conversation_id=conversation_id, name=name
        )
    return json_response({"id": str(conversation.pk), "customerName": conversation.customer_name})


def change_locale(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """PATCH /v1/conversations/{id}/locale"""
    claims = verify_for(Caller.of(request), conversation_id)
    rate_limits.take(claims.tenant_id, [Dimension("locale", str(conversation_id))])
    locale = _locale(read_json_object(request))
    with token_scope(claims) as tenant:
        conversation = services.change_locale(
            tenant=tenant, conversation_id=conversation_id, locale=locale
        )
    return json_response({"id": str(conversation.pk), "locale": conversation.locale})


def _locale(body: dict[str, Any]) -> str:
    return language_subtag(optional_text(body, "locale"))


def _number(request: HttpRequest, name: str, *, minimum: int = 0) -> int | None:
    value = request.GET.get(name)
    if value is None or value == "":
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > 9 or int(value) < minimum:
        raise InvalidParameter(_NUMBERS[name], details={"field": name})
    return int(value)


def _since(value: str | None) -> datetime | None:
    """ISO 8601, or milliseconds since 1970."""
    if value is None or value == "":
        return None
    try:
        if value.isascii() and value.isdigit():
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        # An unescaped "+" of a time zone arrives as a blank.
        moment = datetime.fromisoformat(value.replace(" ", "+", 1) if "T" in value else value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise InvalidParameter(
            "'since' must be an ISO 8601 time or milliseconds since 1970.",
            details={"field": "since"},
        ) from None
