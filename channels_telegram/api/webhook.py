"""Where Telegram delivers updates. Answered 200 only after the commit."""

import hmac
import re
from collections.abc import Hashable, Mapping
from time import perf_counter
from uuid import UUID

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from channels_telegram import metrics
from channels_telegram.channels import (
    DecryptedChannel,
    find_tenant_of_secret,
    forget_secret,
    list_bots,
)
from channels_telegram.errors import WebhookNotFound, WebhookUnauthorized
from channels_telegram.inbound import dispatch
from channels_telegram.updates import UnreadableUpdate, Update, parse_update
from kernel.errors import RateLimited
from kernel.http import fault_of_request, json_response
from tenants import rate_limits
from tenants.crypto import sealing
from tenants.models import Tenant
from tenants.rate_limits import Dimension
from tenants.resolution import Hints, resolve
from tenants.scope import tenant_scope

_TOPIC = re.compile(rb'"message_thread_id"\s*:\s*(\d{1,19})')

logger = structlog.get_logger(__name__)


def topic_of(request: HttpRequest, parameters: Mapping[str, object]) -> Hashable | None:
    """Which topic an update is about, as far as its bytes tell without being read as JSON.

    Updates of one topic wait for one conversation. A large body is left to the view.
    """
    try:
        topic = _TOPIC.search(request.body)
    except RequestDataTooBig:
        return None
    return topic and (parameters["secret"], topic[1])


def receive(request: HttpRequest, secret: str) -> HttpResponse:
    """POST /v1/telegram/webhook/{secret}"""
    started = perf_counter()
    outcome = "failed"
    try:
        outcome = _receive(request, secret)
    except WebhookNotFound:
        outcome = "not_found"
        raise
    except WebhookUnauthorized:
        outcome = "unauthorized"
        raise
    except RateLimited:
        outcome = "rate_limited"
        raise
    finally:
        metrics.WEBHOOKS.labels(outcome).inc()
        metrics.WEBHOOK_SECONDS.observe(perf_counter() - started)
    return json_response({"ok": True})


def _receive(request: HttpRequest, secret: str) -> str:
    secret_hash = sealing.lookup_hash(secret)
    tenant_id = find_tenant_of_secret(secret_hash)
    if tenant_id is None:
        raise WebhookNotFound()
    hints = Hints.of_request(request)
    resolve(hints, from_token=tenant_id)
    try:
        return _receive_for(tenant_id, secret_hash, request)
    except dispatch.UpdateFailed as failure:
        logger.exception("update_failed", update_id=failure.update.update_id)
        with tenant_scope(tenant_id) as tenant:
            dispatch.note_failed(tenant=tenant, failure=failure)
        return "crashed"


def _receive_for(tenant_id: UUID, secret_hash: str, request: HttpRequest) -> str:
    with tenant_scope(tenant_id) as tenant:
        # Compared with the configuration as of this transaction: a rotated secret ends at once.
        for bot in list_bots(tenant=tenant):
            if hmac.compare_digest(bot.webhook_secret_hash, secret_hash):
                _check_header(request, bot)
                return _act(tenant, bot, request)
    forget_secret(secret_hash)
    raise WebhookNotFound()


def _check_header(request: HttpRequest, channel: DecryptedChannel) -> None:
    given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    expected = channel.header_secret
    if expected and not hmac.compare_digest(given.encode(), expected.encode()):
        raise WebhookUnauthorized()


def _act(tenant: Tenant, channel: DecryptedChannel, request: HttpRequest) -> str:
    fault = fault_of_request(request)
    if fault is not None:
        # The same call would meet the same limit; the group must not wait for it.
        logger.warning("webhook_call_refused", code=fault.code)
        return fault.code
    rate_limits.take(tenant.pk, [Dimension("telegram_webhook", str(channel.row_id))])
    try:
        # Not `body`, which has the limit of all other calls.
        update: Update = parse_update(request.read())
    except UnreadableUpdate as error:
        # Telegram would repeat it until the end of its patience; a repetition reads no better.
        logger.warning("update_unreadable", reason=str(error))
        return "unreadable"
    if not tenant.is_active:
        logger.info("update_ignored_while_suspended", update_id=update.update_id)
        return "suspended"
    is_new = dispatch.act_once(tenant=tenant, channel=channel, update=update)
    return "acted" if is_new else "repeated"
