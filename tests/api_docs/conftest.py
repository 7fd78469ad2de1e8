"""A product of one's own, whose whole API may be called with whatever comes to mind."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.conf import settings

from telegram_simulator.client import running_simulator
from tenants import widget_build
from tests.customer import new_address
from tests.databases import all_rows
from tests.stage import WEBHOOK_SECRET, Stage, open_stage
from tests.template_database import migrated_database

_BOT_TOKEN = "987654321:AAplaygroundplaygroundplayground"
_CHAT_ID = -1009876543210
# A key is another thing in each list.
_KEYS = {
    "/v2/admin/settings/": "support.label",
    "/v2/admin/templates/": "welcome_message",
    "/v2/admin/translations/": "send",
    "/": "",
}
# No call makes these: people get accounts in the console, and join by invitations.
_ACCOUNT = """
    INSERT INTO tenants_user
        (email, full_name, password, is_active, is_staff, is_superuser, date_joined)
    VALUES (%(email)s, '', '!', true, true, false, now())
"""
_MEMBER = """
    INSERT INTO tenants_member (id, tenant_id, user_id, role, created_at)
    SELECT gen_random_uuid(), tenants_tenant.id, tenants_user.id, 'agent', now()
    FROM tenants_tenant, tenants_user
    WHERE slug = %(slug)s AND email = %(email)s
    RETURNING id
"""
_LIMITS = (
    *("START", "SEND", "RENAME", "LOCALE", "HISTORY", "WS", "TELEGRAM_WEBHOOK", "API_KEY"),
    "WIDGET_CONFIG",
    *("SESSION", "SESSION_ADDRESS"),
)


@dataclass
class Playground:
    """Two tenants, the default one and `slug`, with things in it that calls may be about."""

    web: str
    slug: str
    api_key: str
    database: dict[str, str]

    def platform(self, method: str, path: str, body: object = None) -> Any:
        """Call as the operator."""
        answer = requests.request(
            method, f"{self.web}/v2/platform/{path}", json=body, headers=operator(), timeout=30
        )
        assert answer.ok, answer.text
        return answer.json()

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Call as the tenant's server."""
        headers = {"X-API-Key": self.api_key}
        answer = requests.request(
            method, f"{self.web}/v2/admin/{path}", json=body, headers=headers, timeout=30
        )
        assert answer.ok, answer.text
        return answer.json()

    def conversation(self, slug: str) -> tuple[str, str]:
        """A new one of the tenant: its id and token."""
        answer = requests.post(
            f"{self.web}/v1/conversations/start?t={slug}",
            headers={"X-Forwarded-For": new_address()},
            timeout=30,
        )
        assert answer.ok, answer.text
        return answer.json()["conversation_id"], answer.json()["token"]

    def file(self, conversation_id: str, token: str) -> tuple[str, str]:
        """A file of the conversation: its id, and the key of its address."""
        answer = requests.post(
            f"{self.web}/v2/conversations/{conversation_id}/attachments",
            files={"file": ("notes.txt", b"Hello")},
            headers={"Authorization": f"Bearer {token}", "X-Forwarded-For": new_address()},
            timeout=30,
        )
        assert answer.ok, answer.text
        [file] = answer.json()["attachments"]
        return file["id"], file["url"].partition("?key=")[2]

    def known(self, path: str) -> dict[str, str]:
        """What stands for a path's parameters where a call is to find something.

        Made anew each time: calls before may have deleted what they have found.
        """
        name = uuid4()
        wish = {"name": "Victim", "scopes": ["audit:read"]}
        email = f"{name}@playground.example"
        guest = {"email": f"guest-{email}", "role": "viewer"}
        plan = {"code": name.hex, "name": "Team"}
        agent = {"channel_user_id": str(name.int % 2**50), "display_name": "Ana"}
        return {
            "key_id": self.admin("POST", "api-keys", wish)["id"],
            "item_id": str(self.admin("GET", "outbox")["data"][0]["id"]),
            "member_id": self._member(email),
            "agent_id": self.admin("POST", "agents", agent)["id"],
            # A group has few bots.
            "bot_id": self._bot(name.int) if "{bot_id}" in path else "",
            "invitation_id": self.admin("POST", "members/invitations", guest)["id"],
            "code": self.platform("POST", "plans", plan)["code"],
            "interval": "month",
            "slug": "victim",
            "tenant_slug": self.slug,
            "locale": "de",
            "secret": WEBHOOK_SECRET,
            "name": "widget.js",
            "part": next(iter(widget_build.parts())),
            "key": next(key for begin, key in _KEYS.items() if path.startswith(begin)),
        }

    def _bot(self, number: int) -> str:
        token = {"bot_token": f"{number % 10**9 + 10**9}:{'B' * 35}"}
        found: str = self.admin("POST", "channels/telegram/bots", token)["id"]
        return found

    def _member(self, email: str) -> str:
        with all_rows(self.database) as connection:
            connection.execute(_ACCOUNT, {"email": email})
            values = {"email": email, "slug": self.slug}
            [found] = connection.execute(_MEMBER, values)
            return str(found[0])


def operator() -> dict[str, str]:
    """The headers of whoever runs the installation."""
    return {"X-Internal-Auth": settings.SERVICE_TOKEN}


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """In a database of its own, with limits lifted."""
    with migrated_database("playground") as addresses, running_simulator() as simulator:
        environment = {
            **addresses,
            "REDIS_PREFIX": f"{os.environ['REDIS_PREFIX']}-playground",
            **{f"RL_{limit}_POINTS": "0" for limit in _LIMITS},
        }
        simulator.set_pacing(enabled=False)
        simulator.add_support_group(token=_BOT_TOKEN, chat_id=_CHAT_ID, username="play_bot")
        with open_stage(simulator, environment, tmp_path_factory.mktemp("playground")) as stage:
            yield furnished(stage, addresses)


def furnished(stage: Stage, database: dict[str, str]) -> Playground:
    """With a tenant that may be called, and one for the operator's calls."""
    ground = Playground(stage.web, slug="playground", api_key="", database=database)
    ground.platform("POST", "tenants", {"slug": ground.slug, "name": "Playground"})
    ground.platform("POST", "tenants", {"slug": "victim", "name": "Victim"})
    wish = {"name": "All", "scopes": ["admin:write"]}
    ground.api_key = ground.platform("POST", f"tenants/{ground.slug}/api-keys", wish)["key"]
    ground.admin("PUT", "channels/telegram", {"bot_token": _BOT_TOKEN, "chat_id": _CHAT_ID})
    ground.conversation(ground.slug)
    return ground
