"""A product whose every way to the database leads through PgBouncer."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.conf import settings

from telegram_simulator.client import running_simulator
from tests.databases import own_database
from tests.pooling.bouncer import PgBouncer
from tests.processes import Product
from tests.stage import Stage, open_stage

# For each login; far fewer than the connections that the product's four processes open.
SESSIONS = 3
_LIMITS = ("START", "SEND", "HISTORY", "API_KEY")


@dataclass
class Shop:
    """A tenant, and what its server may do."""

    web: str
    slug: str
    api_key: str

    def get(self, path: str) -> requests.Response:
        """Read from the v2 admin API."""
        answer = requests.get(
            f"{self.web}/v2/admin/{path}", headers={"X-API-Key": self.api_key}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        return answer


@dataclass
class Pooled:
    """A stage behind the pooler."""

    stage: Stage
    bouncer: PgBouncer

    def new_shop(self, name: str) -> Shop:
        """A tenant that nobody else has."""
        slug = f"{name}-{uuid4().hex[:12]}"
        self._platform("tenants", {"slug": slug, "name": name})
        wish: dict[str, object] = {"name": "All", "scopes": ["admin:write"]}
        key = self._platform(f"tenants/{slug}/api-keys", wish)["key"]
        return Shop(self.stage.web, slug, key)

    def _platform(self, path: str, body: dict[str, object]) -> Any:
        answer = requests.post(
            f"{self.stage.web}/v2/platform/{path}",
            json=body,
            headers={"X-Internal-Auth": settings.SERVICE_TOKEN},
            timeout=60,
        )
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture(scope="package")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pooled]:
    """In a database of its own."""
    folder: Path = tmp_path_factory.mktemp("pooled")
    with (
        own_database("pooled") as addresses,
        PgBouncer(folder / "pb", upstream=addresses, servers=SESSIONS) as bouncer,
        running_simulator() as simulator,
    ):
        simulator.set_pacing(enabled=False)
        environment = {
            **bouncer.addresses,
            "DATABASE_POOLER": "transaction",
            "REDIS_PREFIX": f"{os.environ['REDIS_PREFIX']}-pooled",
            **{f"RL_{limit}_POINTS": "0" for limit in _LIMITS},
        }
        Product(environment).manage("migrate", "--verbosity", "0")
        with open_stage(simulator, environment, folder) as stage:
            yield Pooled(stage, bouncer)
