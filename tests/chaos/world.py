"""What the faults break: servers, processes and links of a run's own, and the shops using them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from devtools.postgres import APPLICATION_DATABASE, EmbeddedPostgres
from devtools.redis import EmbeddedRedis
from telegram_simulator.client import SimulatorClient, SupportGroup, running_simulator
from tests.links import Link
from tests.processes import Process, Product, free_port

SERVICE_TOKEN = "service-token-of-the-chaos-test-0123456789"
LEASE_SECONDS = 5
READ_TIMEOUT_SECONDS = 3
_SETTINGS = {
    "ENVIRONMENT": "development",
    "SERVICE_TOKEN": SERVICE_TOKEN,
    "TELEGRAM_GROUP_POINTS": "100000",
    "TELEGRAM_READ_TIMEOUT_SEC": str(READ_TIMEOUT_SECONDS),
    "TELEGRAM_PROBE_SEC": "1",
    "OUTBOX_LEASE_SECONDS": str(LEASE_SECONDS),
    "DB_STATEMENT_TIMEOUT_SEC": "10",
    "RL_HISTORY_POINTS": "0",
    "RL_START_POINTS": "0",
    "RL_SEND_POINTS": "0",
    "WS_MSGS_PER_WINDOW": "0",
    "LOG_LEVEL": "INFO",
}
_BOT_TOKENS = {
    "acme": "200000001:AAacmeacmeacmeacmeacmeacmeacmeacme",
    "globex": "200000002:AAglobexglobexglobexglobexglobexgl",
    "noisy": "200000003:AAnoisynoisynoisynoisynoisynoisyno",
}
AUDITED = ("acme", "globex")
# Who floods is held by the limits that everybody has.
NOISY = "noisy"
_NOISY_LIMITS = {"rl.send.points": 30, "rl.ws.points": 30}


@dataclass
class Shop:
    """A tenant, its group as it is now, and those that the group has been."""

    slug: str
    group: SupportGroup
    former: list[SupportGroup] = field(default_factory=list)
    has_bot: bool = True
    """False from before the bot is kicked until after it is back."""

    @property
    def groups(self) -> list[SupportGroup]:
        """Every chat that this tenant's agents have looked at."""
        return [*self.former, self.group]

    def upgrade(self) -> None:
        """Telegram gives the group another id."""
        former, self.group = self.group, self.group.upgrade()
        self.former.append(former)


@dataclass
class World:
    """Everything that can be broken."""

    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    simulator: SimulatorClient
    webs: list[Process]
    workers: list[Process]
    beat: Process
    addresses: list[str]
    to_postgres: Link
    to_redis: Link
    to_telegram: Link
    shops: dict[str, Shop]

    @property
    def processes(self) -> list[Process]:
        """All of the product's."""
        return [*self.webs, *self.workers, self.beat]

    def audited(self) -> list[Shop]:
        """The shops whose customers and agents are counted."""
        return [self.shops[slug] for slug in AUDITED]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database, past every policy and every link."""
        with self.postgres.connect(APPLICATION_DATABASE) as connection:
            found = connection.execute(query.encode(), values)
            return found.fetchall() if found.description else []

    def open_items(self) -> list[tuple[Any, ...]]:
        """What the outbox still has to do, or has given up."""
        return self.rows(
            "SELECT kind, status, attempts, last_error FROM outbox_outboxitem "
            "WHERE status NOT IN ('DONE', 'DISCARDED') AND expires_at IS NULL ORDER BY id"
        )


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """Servers, links, two web processes, two workers, beat and three shops."""
    with ExitStack() as stack:
        postgres = stack.enter_context(EmbeddedPostgres(folder / "pg", durable=False))
        redis = stack.enter_context(EmbeddedRedis(folder / "redis", keep=False))
        simulator = stack.enter_context(running_simulator())
        simulator.set_pacing(enabled=False)
        # Telegram's waits of minutes between two deliveries would only make the run longer.
        simulator.set_delivery(delay_scale=0.05, timeout_seconds=8.0)
        telegram = urlsplit(simulator.base_url)
        to_telegram = stack.enter_context(Link(("127.0.0.1", telegram.port or 0)))
        to_postgres = stack.enter_context(Link(postgres.socket_directory / ".s.PGSQL.5432"))
        to_redis = stack.enter_context(Link(redis.socket_path))
        ports = [free_port(), free_port()]
        environment = {
            **_SETTINGS,
            "PUBLIC_ORIGIN": f"http://127.0.0.1:{ports[0]}",
            **postgres.addresses_at(f"127.0.0.1:{to_postgres.port}"),
            "REDIS_URL": f"redis://127.0.0.1:{to_redis.port}/0",
            "TELEGRAM_API_URL": f"http://127.0.0.1:{to_telegram.port}",
        }
        product = stack.enter_context(Product(environment))
        product.manage("migrate", "--verbosity", "0")
        webs, workers, beat = _start(product, ports, folder)
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        yield World(
            *(postgres, redis, simulator, webs, workers, beat, addresses),
            *(to_postgres, to_redis, to_telegram),
            {slug: _open_shop(simulator, addresses[0], slug) for slug in _BOT_TOKENS},
        )


def _start(
    product: Product, ports: list[int], folder: Path
) -> tuple[list[Process], list[Process], Process]:
    with ThreadPoolExecutor(5) as pool:
        webs = [pool.submit(product.web, port) for port in ports]
        workers = [pool.submit(product.worker) for _ in range(2)]
        beat = pool.submit(product.beat, folder / "schedule")
        return (
            [web.result()[0] for web in webs],
            [worker.result() for worker in workers],
            beat.result(),
        )


def _open_shop(simulator: SimulatorClient, web: str, slug: str) -> Shop:
    """A tenant with its bot and group, made as an operator's own server makes one."""
    token, number = _BOT_TOKENS[slug], list(_BOT_TOKENS).index(slug) + 1
    chat_id = -(1_002_000_000_000 + number)
    group = simulator.add_support_group(token=token, chat_id=chat_id, username=f"{slug}_bot")
    operator = {"X-Internal-Auth": SERVICE_TOKEN}
    _call("POST", f"{web}/v2/platform/tenants", {"slug": slug, "name": slug.title()}, operator)
    wish = {"name": "Chaos", "scopes": ["admin:write"]}
    issued = _call("POST", f"{web}/v2/platform/tenants/{slug}/api-keys", wish, operator)
    server = {"X-API-Key": issued["key"]}
    before = simulator.last_call
    channel = {"bot_token": token, "chat_id": chat_id}
    _call("PUT", f"{web}/v2/admin/channels/telegram", channel, server)
    for key, points in (_NOISY_LIMITS if slug == NOISY else {}).items():
        _call("PUT", f"{web}/v2/admin/settings/{key}", {"value": points}, server)
    simulator.wait_for_call("setMyCommands", after=before, status=200, timeout_seconds=30)
    return Shop(slug, group)


def _call(method: str, url: str, body: object, headers: dict[str, str]) -> Any:
    answer = requests.request(method, url, json=body, headers=headers, timeout=30)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()
