"""Everybody who calls, in this process and with the product's own code."""

import json
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client

from channels_telegram.services import ChannelConfig, configure_channel
from conversations import tokens
from tenants.api_keys.services import issue_api_key
from tenants.audit import SYSTEM
from tenants.scope import tenant_scope
from tests.plans.crowd import CHAT_ID, named
from tests.stage import BOT_TOKEN, HEADER_SECRET, WEBHOOK_SECRET

LARGE = named("tenant 0")
_ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Desk:
    """Callers of the large tenant; each call must succeed."""

    api_key: str

    @classmethod
    def open(cls) -> "Desk":
        """Give the tenant an API key and a Telegram channel."""
        with tenant_scope(LARGE) as tenant:
            issued = issue_api_key(
                tenant=tenant,
                name="Tests",
                scopes=["admin:write"],
                actor=SYSTEM,
                rate_limit_points=0,
            )
            channel = ChannelConfig(BOT_TOKEN, CHAT_ID, WEBHOOK_SECRET, HEADER_SECRET)
            configure_channel(tenant=tenant, config=channel, actor=SYSTEM)
        return cls(issued.secret)

    def server(self, method: str, path: str, body: object = None) -> Any:
        """The tenant's server; `path` is what follows /v2/admin/."""
        return _call(method, f"/v2/admin/{path}", {"Authorization": f"Bearer {self.api_key}"}, body)

    def operator(self, method: str, path: str, body: object = None) -> Any:
        """Whoever has the service token; `path` is what follows /v1/."""
        return _call(method, f"/v1/{path}", {"X-Internal-Auth": settings.SERVICE_TOKEN}, body)

    def customer(self, method: str, conversation: int, what: str, body: object = None) -> Any:
        """The customer of the conversation with this number."""
        conversation_id = named(f"conversation {conversation}")
        place = f"/v1/conversations/{conversation_id}/{what}"
        token = tokens.issue_conversation_token(
            tenant_id=LARGE, conversation_id=conversation_id, address=_ADDRESS
        )
        return _call(method, place, {"Authorization": f"Bearer {token}"}, body)

    def telegram(self, update: dict[str, Any]) -> None:
        """Telegram, delivering an update."""
        answer = Client().post(
            f"/v1/telegram/webhook/{WEBHOOK_SECRET}",
            update,
            content_type="application/json",
            headers={"X-Telegram-Bot-Api-Secret-Token": HEADER_SECRET},
        )
        assert answer.status_code == 200, answer.content


def _call(method: str, path: str, headers: dict[str, str], body: object) -> Any:
    answer = Client().generic(
        method,
        path,
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code < 300, (path, answer.content)
    if answer.streaming:
        return async_to_sync(_read)(answer)
    return answer.json() if answer.content else None


async def _read(answer: Any) -> bytes:
    return b"".join([piece async for piece in answer])
