"""Days on which servers fill up, move and are restored, as an operator has to expect them."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from channels_telegram.tests.cases import Case, open_case
from devtools.postgres import APPLICATION_DATABASE, EmbeddedPostgres
from telegram_simulator.client import running_simulator
from tests.chaos.kinds.processes import standing_still
from tests.frail import TIMEOUT_SECONDS
from tests.gamedays.servers import (
    Sentinel,
    Standby,
    TcpRedis,
    need_small_disk,
    postgres_program,
    small_disk,
)
from tests.links import Link
from tests.processes import ROOT, Product
from tests.stage import Stage, open_stage
from tests.waiting import wait_until
from tests.writer import Writer

pytestmark = pytest.mark.xdist_group("game days")


@dataclass
class Site:
    """A stage whose PostgreSQL has a standby and whose Redis has a replica and a Sentinel."""

    stage: Stage
    primary: EmbeddedPostgres
    standby: Standby
    redis: TcpRedis
    replica: TcpRedis
    links: list[Link]
    disk: Path | None


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder / "disk"))
        primary = stack.enter_context(EmbeddedPostgres(folder / "disk" / "pg", durable=False))
        first = stack.enter_context(TcpRedis(folder / "redis-1"))
        second = stack.enter_context(TcpRedis(folder / "redis-2", follows=first.port))
        sentinel = stack.enter_context(Sentinel(folder / "sentinel", first.port))
        simulator = stack.enter_context(running_simulator())
        simulator.set_pacing(enabled=False)
        simulator.set_delivery(delay_scale=0.05)
        telegram = Link(("127.0.0.1", urlsplit(simulator.base_url).port or 0))
        standby = Standby(folder / "standby" / "pg", primary)
        servers = [Link(one.socket_directory / ".s.PGSQL.5432") for one in (primary, standby)]
        links = [stack.enter_context(link) for link in (telegram, *servers)]
        # The standby first: it answers, and takes no writes.
        hosts = ",".join(f"127.0.0.1:{link.port}" for link in reversed(links[1:]))
        environment = {
            **primary.addresses_at(hosts),
            "REDIS_URL": sentinel.url,
            "OUTBOX_LEASE_SECONDS": "3",
            "RL_SEND_POINTS": "0",
            "RL_SEND_ADDRESS_POINTS": "0",
        }
        Product(environment).manage("migrate", "--verbosity", "0")
        stack.enter_context(standby)
        opened = open_stage(simulator, environment, folder)
        stage = stack.enter_context(opened)
        yield Site(stage, primary, standby, first, second, links, disk)


def is_ready(site: Site) -> bool:
    return all(
        requests.get(f"{web}/ready", timeout=30).status_code == 200
        for web in (site.stage.web, site.stage.second_web)
    )


def missing(site: Site) -> list[str]:
    found: list[str] = requests.get(f"{site.stage.web}/ready", timeout=30).json().get("missing", [])
    return found


def claimed(site: Site) -> Case:
    case = open_case(site.stage)
    case.claim()
    return case


def inbound(case: Case) -> list[str]:
    return texts_of(case, "INBOUND")


def answers_in(case: Case) -> list[str]:
    return texts_of(case, "OUTBOUND")


def texts_of(case: Case, direction: str) -> list[str]:
    messages = case.customer.history()["messages"]
    return [message["text"] for message in messages if message["direction"] == direction]


def test_a_slow_and_lossy_network_only_makes_everybody_wait(site: Site) -> None:
    case = claimed(site)
    for link in site.links:
        link.delay_seconds, link.loss = 0.02, 0.03
    try:
        with Writer(case.customer, site.stage.web) as writer:
            writer.wait_for(5)
        case.write("Ana", "slowly")
        wait_until(lambda: answers_in(case) == ["slowly"], "the agent's answer arrives")
        case.told(f": {writer.confirmed[-1]}", timeout_seconds=TIMEOUT_SECONDS)
        assert is_ready(site)
    finally:
        for link in site.links:
            link.restore()
    assert writer.refusals == 0
    assert case.customer_lines() == [case.first_line, *writer.confirmed]


def test_redis_moves_and_the_sentinels_say_where(site: Site) -> None:
    case = claimed(site)
    far = case.customer.socket(web=site.stage.second_web)
    site.redis.kill()
    with Writer(case.customer, site.stage.web) as writer:
        writer.wait_for(5)
        wait_until(lambda: is_ready(site), "the product finds the new primary")
        writer.wait_for(5)
    assert writer.refusals == 0, "sends do not need Redis"
    case.told(f": {writer.confirmed[-1]}", timeout_seconds=TIMEOUT_SECONDS)
    # Pushes go from process to process again.
    shown = [far.next_where(direction="INBOUND")["text"] for _ in writer.confirmed]
    assert shown == writer.confirmed
    assert case.customer_lines() == [case.first_line, *writer.confirmed]


def test_a_full_disk_takes_nothing_and_loses_nothing(site: Site) -> None:
    disk = need_small_disk(site.disk)
    case = claimed(site)
    filler = disk / "filler"
    kept: list[str] = []
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 20)):
                continue
        except OSError:
            pass
    for number in range(200):
        text = f"{number} {'x' * 3900}"
        answer = case.customer.call("POST", "messages", json={"text": text, "client_id": text[:40]})
        if answer.status_code != 200:
            assert answer.status_code == 503, answer.text
            assert answer.json()["error"]["code"] == "unavailable"
            break
        kept.append(text)
    else:
        pytest.fail("the disk is not full")
    wait_until(lambda: missing(site) == ["database"], "/ready says so")
    case.write("Ana", "meanwhile")
    filler.unlink()
    site.primary.start()
    again = {"text": "there is room again", "client_id": "again"}
    wait_until(lambda: case.customer.call("POST", "messages", json=again).ok, "there is room again")
    site.stage.simulator.retry_now()
    wait_until(lambda: "meanwhile" in answers_in(case), "Telegram repeats the update")
    assert inbound(case) == [case.first_line, *kept, "there is room again"]
    case.told(": there is room again", timeout_seconds=TIMEOUT_SECONDS)
    assert len(case.customer_lines()) == len(kept) + 2


def test_a_backup_is_restored_by_the_words_of_the_manual(site: Site, tmp_path: Path) -> None:
    claimed(site)
    wait_until(lambda: not open_items(site.primary), "nothing changes any more")
    manual = (ROOT / "docs" / "operations.md").read_text()
    chapter = manual.partition("\n## Backups\n")[2].partition("\n## ")[0]
    dump, restore = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)
    site.stage.beat.stop()
    try:
        before = contents(site.primary, APPLICATION_DATABASE)
        in_shell(site.primary, dump, tmp_path, APPLICATION_DATABASE)
    finally:
        site.stage.beat.start()
    in_shell(site.primary, restore, tmp_path, "postgres")
    assert contents(site.primary, "restored") == before
    own = {
        name: url.replace(f"/{APPLICATION_DATABASE}?", "/restored?")
        for name, url in site.primary.addresses.items()
    }
    restored = Product({**site.stage.product.environment, **own})
    restored.manage("migrate", "--verbosity", "0")
    # Everything is there for the application's role, and the schema is the present one.
    restored.manage("migrate", "--check")
    restored.manage("check", "--database", "default", "--fail-level", "WARNING")


def in_shell(server: EmbeddedPostgres, commands: str, folder: Path, database: str) -> None:
    programs = Path(postgres_program("psql")).parent
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": str(server.socket_directory),
        "PGUSER": "postgres",
        "DATABASE_URL": f"postgres://postgres@/{database}?host={server.socket_directory}",
    }
    done = subprocess.run(
        ["sh", "-euc", commands], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def contents(server: EmbeddedPostgres, database: str) -> dict[str, object]:
    """Every row of every table, and every policy."""
    with server.connect(database) as connection:
        tables = connection.execute(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()
        found: dict[str, object] = {"tables": tables}
        for name, *_ in tables:
            row = f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
            found[name] = connection.execute(row.encode()).fetchone()
        policies = (
            "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
        )
        found["policies"] = connection.execute(policies.encode()).fetchall()
        return found


def open_items(server: EmbeddedPostgres) -> list[tuple[object, ...]]:
    with server.connect(APPLICATION_DATABASE) as connection:
        query = "SELECT kind FROM outbox_outboxitem WHERE status = 'PENDING' AND expires_at IS NULL"
        return connection.execute(query).fetchall()


def test_a_standby_takes_over_while_redis_hangs(site: Site) -> None:
    case = claimed(site)
    with site.primary.connect() as connection:
        # What customers were told is on both servers, as operations.md asks for.
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        connection.execute("SELECT pg_reload_conf()")
    hanging = psutil.Process(site.replica.pid)
    with Writer(case.customer, site.stage.web) as writer, standing_still([hanging]):
        writer.wait_for(5)
        site.primary.kill()
        case.write("Ana", "from the other side")
        site.standby.promote()
        writer.wait_for(5)
        wait_until(
            lambda: answers_in(case) == ["from the other side"], "Telegram repeats the update"
        )
    wait_until(lambda: is_ready(site), "both are found")
    confirmed = writer.confirmed
    history = [
        m["text"] for m in case.customer.history()["messages"] if m["direction"] == "INBOUND"
    ]
    assert history == [case.first_line, *confirmed]
    case.told(f": {confirmed[-1]}", timeout_seconds=TIMEOUT_SECONDS)
    assert list(dict.fromkeys(case.customer_lines())) == history


def test_simulated_telegram_was_always_asked_correctly(site: Site) -> None:
    assert site.stage.simulator.violations() == []
