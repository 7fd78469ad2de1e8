"""Refusals of Telegram's calls.

Telegram repeats a call that is not answered with 2xx for a day, and holds back everything else from
the same group meanwhile. So a call that would be refused again each time is answered with 200: the
view does it, after it has looked at the secrets, and counts and logs the refusal. What repetition
cures stays refused: a body that came too slowly, a rate limit, an outage of ours.
"""

from typing import Any

from django.http import HttpResponse

from channels_telegram import metrics
from chatorical.kernel.errors import DomainError
from chatorical.kernel.http import FAULT_OF_REQUEST, error_response, json_response

_PATH = "/v1/telegram/webhook/"


def is_webhook_call(scope: dict[str, Any]) -> bool:
    """Whether a request is one that Telegram would repeat."""
    path: str = scope["path"]
    return scope["method"] == "POST" and path.startswith(_PATH)


def leave_to_view(scope: dict[str, Any], fault: DomainError) -> bool:
    """Hand a lasting fault of a webhook call to the view; False for other calls."""
    if not is_webhook_call(scope):
        return False
    scope[FAULT_OF_REQUEST] = fault
    return True


def answer_to_head(url: bytes, fault: DomainError) -> HttpResponse:
    """The answer to a head that is no request; `url` is as much of its address as was read."""
    is_lasting = fault.http_status in {400, 431}
    if not (is_lasting and url.startswith(_PATH.encode())):
        return error_response(fault)
    metrics.WEBHOOKS.labels(fault.code).inc()
    return json_response({"ok": True})
