"""Refusals of Telegram's calls.

Telegram repeats a call that is not answered with 2xx for a day, and holds back everything else from
the same group meanwhile. So a call that would be refused again each time is answered with 200: the
view does it, after it has looked at the secrets, and counts and logs the refusal. What repetition
cures stays refused: a body that came too slowly, a rate limit, an outage of ours.
"""

import re
from typing import Any

from django.http import HttpResponse

from channels_telegram import metrics
from channels_telegram.channels import find_tenant_of_secret
from channels_telegram.errors import WebhookNotFound
from kernel.errors import DomainError
from kernel.http import FAULT_OF_REQUEST, error_response, json_response
from kernel.service_threads import in_thread
from tenants.crypto import sealing

_PATH = "/v1/telegram/webhook/"
# What Telegram calls: the path and one secret, spelled as a channel may spell it.
_ADDRESS = re.compile(rb"/v1/telegram/webhook/[A-Za-z0-9_-]+(\?.*)?", re.DOTALL)


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


async def require_known_secret(scope: dict[str, Any]) -> None:
    """Raises WebhookNotFound for a webhook call whose address is no channel's.

    Only a hint, as the view's own: the view compares with the configuration of its transaction.
    """
    secret: str = scope["path"].removeprefix(_PATH)
    if not await in_thread(_is_known, secret):
        metrics.WEBHOOKS.labels("not_found").inc()
        raise WebhookNotFound()


def _is_known(secret: str) -> bool:
    return find_tenant_of_secret(sealing.lookup_hash(secret)) is not None


def answer_to_head(method: bytes, url: bytes, fault: DomainError) -> HttpResponse:
    """The answer to a head that is no request; both are as much of its first line as was read."""
    is_lasting = fault.http_status in {400, 431}
    if not (is_lasting and method == b"POST" and _ADDRESS.fullmatch(url)):
        return error_response(fault)
    metrics.WEBHOOKS.labels(fault.code).inc()
    return json_response({"ok": True})
