"""Calling the webhook as Telegram does, or as nobody should."""

import json
from itertools import count
from typing import Any

import requests

from channels_telegram.models import InboxUpdate
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import HEADER_SECRET, Stage

HEADER = "X-Telegram-Bot-Api-Secret-Token"
_update_ids = count(7_000_000_000)


def new_update_id() -> int:
    """One that no simulated update has."""
    return next(_update_ids)


def deliver(
    stage: Stage,
    body: bytes | dict[str, Any],
    *,
    secret: str | None = HEADER_SECRET,
    url: str = "",
    web: str = "",
) -> requests.Response:
    """POST a body to the webhook, with this header secret (None: without any)."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = url or stage.webhook_url
    return requests.post(
        address.replace(stage.web, web) if web else address,
        data=raw,
        headers={"Content-Type": "application/json", **({HEADER: secret} if secret else {})},
        timeout=30,
    )


def message_update(stage: Stage, thread_id: int, text: str, /, **more: Any) -> dict[str, Any]:
    """What Telegram sends when Ana writes in a topic."""
    update_id = new_update_id()
    message = {
        "message_id": update_id % 2**31,
        "date": 1700000000,
        "chat": {"id": stage.group.chat_id, "type": "supergroup", "is_forum": True},
        "from": {"id": 7001, "is_bot": False, "first_name": "Ana", "username": "ana"},
        "message_thread_id": thread_id,
        "is_topic_message": True,
        "text": text,
    }
    return {"update_id": update_id, "message": {**message, **more}}


def is_stored(tenant: Tenant, update_id: int) -> bool:
    """Whether the inbox knows this update."""
    with tenant_scope(tenant.pk) as scoped:
        return InboxUpdate.objects.filter(tenant=scoped, update_id=update_id).exists()
