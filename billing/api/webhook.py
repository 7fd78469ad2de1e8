"""Where Stripe delivers events. Answered 200 only after the commit."""

import time

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from billing import metrics
from billing.stripe import inbox, signature
from kernel.errors import DomainError, PayloadTooLarge
from kernel.http import json_response


def receive(request: HttpRequest) -> HttpResponse:
    """POST /v1/stripe/webhook"""
    started = time.perf_counter()
    outcome = "failed"
    try:
        outcome = "recorded" if _record(request) else "repeated"
    except DomainError:
        outcome = "refused"
        raise
    finally:
        metrics.STRIPE_WEBHOOKS.labels(outcome).inc()
        metrics.STRIPE_WEBHOOK_SECONDS.observe(time.perf_counter() - started)
    return json_response({"received": True})


def _record(request: HttpRequest) -> bool:
    try:
        payload = request.body
    except RequestDataTooBig:
        raise PayloadTooLarge() from None
    signature.require_signed(
        payload,
        request.headers.get("Stripe-Signature", ""),
        secrets=settings.STRIPE_WEBHOOK_SECRETS,
        now=time.time(),
    )
    return inbox.record(inbox.read_event(payload))
