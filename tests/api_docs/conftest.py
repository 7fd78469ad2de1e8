"""A product of one's own, whose whole API may be called with whatever comes to mind."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
import requests
from django.conf import settings

from channels_telegram.simulator.client import running_simulator
from tests.customer import new_address
from tests.processes import Product
from tests.stage import Stage, open_stage

_BOT_TOKEN = "987654321:AAplaygroundplaygroundplayground"
_CHAT_ID = -1009876543210
_LIMITS = ("START", "SEND", "RENAME", "LOCALE", "HISTORY", "WS", "TELEGRAM_WEBHOOK", "API_KEY")


@dataclass
class Playground:
    """Two tenants, the default one and `slug`, with things in it that calls may be about."""

    web: str
    slug: str
    api_key: str
    # What stands for a path's parameter where a call is to find something.
    known: dict[str, str] = field(default_factory=dict)

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


def operator() -> dict[str, str]:
    """The headers of whoever runs the installation."""
    return {"X-Internal-Auth": settings.SERVICE_TOKEN}


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """In a database of its own, with limits lifted."""
    name = f"playground_{uuid4().hex[:12]}"
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    environment = {
        "DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}")),
        "REDIS_PREFIX": f"{os.environ['REDIS_PREFIX']}-playground",
        **{f"RL_{limit}_POINTS": "0" for limit in _LIMITS},
    }
    with running_simulator() as simulator:
        simulator.set_pacing(enabled=False)
        simulator.add_support_group(token=_BOT_TOKEN, chat_id=_CHAT_ID, username="play_bot")
        Product(environment).manage("migrate", "--verbosity", "0")
        with open_stage(simulator, environment, tmp_path_factory.mktemp("playground")) as stage:
            yield furnished(stage)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def furnished(stage: Stage) -> Playground:
    """With a thing of each kind."""
    ground = Playground(stage.web, slug="playground", api_key="")
    ground.platform("POST", "tenants", {"slug": ground.slug, "name": "Playground"})
    ground.platform("POST", "tenants", {"slug": "victim", "name": "Victim"})
    wish = {"name": "All", "scopes": ["admin:write"]}
    ground.api_key = ground.platform("POST", f"tenants/{ground.slug}/api-keys", wish)["key"]
    ground.admin("PUT", "channels/telegram", {"bot_token": _BOT_TOKEN, "chat_id": _CHAT_ID})
    key = ground.admin("POST", "api-keys", {"name": "Victim", "scopes": ["audit:read"]})
    ground.conversation(ground.slug)
    ground.known = {
        "key_id": key["id"],
        "item_id": str(ground.admin("GET", "outbox")["data"][0]["id"]),
        "slug": "victim",
        "tenant_slug": ground.slug,
        "locale": "de",
    }
    return ground
