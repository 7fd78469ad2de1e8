"""Keys are replaced while the product serves; a run that is killed is simply run again."""

import base64
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import requests
from django.db import connection
from django.utils import timezone

from channels_telegram.channels import find_channel
from channels_telegram.models import TelegramChannel
from channels_telegram.services import ChannelConfig, configure_channel
from tenants.audit import SYSTEM
from tenants.crypto import rotation, sealing
from tenants.crypto.kms import master_key_id
from tenants.crypto.rotation import SealedAnew
from tenants.models import TenantKey
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tests.conftest import HEADER_SECRET, WEBHOOK_SECRET
from tests.databases import addresses_of_tests, all_rows, own_database, owners_address
from tests.processes import ROOT, Process, Product, free_port
from tests.waiting import wait_until

TENANTS = 4
_UPDATES = count(1)
# Whose keys are in use when its turn comes has another turn at the end: so may the default tenant.
_LAST_AND_BUSY = "the last as it was, and perhaps the one that is asked all the time"
# Each gets a channel of its own, whose secrets are sealed.
_MORE_TENANTS = """
from channels_telegram.services import ChannelConfig, configure_channel
from tenants.audit import SYSTEM
from tenants.scope import tenant_scope
from tenants.services import create_tenant
for number in range(1, 4):
    tenant = create_tenant(slug=f"shop-{number}", name="Shop", actor=SYSTEM)
    with tenant_scope(tenant.pk) as opened:
        token = f"{number}23456789:AAtesttesttesttesttesttesttesttest"
        config = ChannelConfig(token, -100 - number)
        configure_channel(tenant=opened, config=config, actor=SYSTEM)
"""


@dataclass
class House:
    """A database with four tenants' secrets, sealed under the master key `old`."""

    addresses: dict[str, str]
    old: str
    new: str

    def product(self, *master_keys: str) -> Product:
        """Its processes, with these master keys."""
        return Product(
            {
                **os.environ,
                "ENVIRONMENT": "development",
                **self.addresses,
                "KMS_MASTER_KEY": ",".join(master_keys),
                "BOT_TOKEN": "123456789:AAtesttesttesttesttesttesttesttest",
                "SUPPORT_GROUP_ID": "-1001234567890",
                "WEBHOOK_SECRET": WEBHOOK_SECRET,
                "TELEGRAM_HEADER_SECRET": HEADER_SECRET,
                "REDIS_PREFIX": f"keys-{uuid4().hex}",
            }
        )

    def sql(self) -> AbstractContextManager[psycopg.Connection]:
        """A transaction that sees every tenant's rows."""
        return all_rows(self.addresses)

    def wrapped_by(self) -> dict[str, int]:
        """How many tenants' keys each master key wraps."""
        with self.sql() as connection:
            rows = connection.execute(
                "SELECT master_key_id, count(*) FROM tenants_tenantkey GROUP BY 1"
            )
            return dict(rows.fetchall())

    def keys_and_uses(self) -> tuple[int, int]:
        """How many data keys there are, and how many of them seal something."""
        with self.sql() as connection:
            keys = connection.execute("SELECT count(*) FROM tenants_tenantkey").fetchone()
            used = connection.execute(
                "SELECT count(DISTINCT split_part(bot_token_sealed, '.', 2))"
                " FROM channels_telegram_telegramchannel"
            ).fetchone()
        assert keys is not None and used is not None
        return keys[0], used[0]


@pytest.fixture(scope="module")
def finished_house() -> Iterator[House]:
    """Built once, to be copied."""
    old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    # Key rotations concern all that is in a database.
    with own_database("keys") as addresses:
        house = House(addresses, old, new)
        with house.product(old) as product:
            product.manage("migrate", "--verbosity", "0")
            product.manage("configure_default_channel")
            product.manage("shell", "--verbosity", "0", "--command", _MORE_TENANTS)
        yield house


@pytest.fixture
def house(finished_house: House) -> Iterator[House]:
    """Each test changes its own copy."""
    built = urlsplit(finished_house.addresses["DATABASE_URL"]).path[1:]
    with own_database("keys", template=built) as addresses:
        yield replace(finished_house, addresses=addresses)


def run(product: Product, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=product.environment,
        capture_output=True,
        text=True,
    )


def webhook(web: str, header: str = HEADER_SECRET) -> int:
    """Needs three secrets: the look-up hash, and the channel's own in the clear."""
    return requests.post(
        f"{web}/v1/telegram/webhook/{WEBHOOK_SECRET}",
        json={"update_id": next(_UPDATES)},
        headers={"X-Telegram-Bot-Api-Secret-Token": header},
        timeout=30,
    ).status_code


@contextmanager
def asking_all_the_time(*webs: str) -> Iterator[set[int]]:
    """Telegram delivers to these servers without a pause; yields the statuses it gets."""
    statuses: set[int] = set()
    ends = threading.Event()

    def ask(web: str) -> None:
        while not ends.is_set():
            statuses.add(webhook(web))

    threads = [threading.Thread(target=ask, args=[web]) for web in webs]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        ends.set()
        for thread in threads:
            thread.join()


def wait_until_somebody_waits_for(
    backend_pid: int, database_url: str, *, unless: Callable[[], bool]
) -> None:
    """Return when another connection waits for a lock of this one."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))"
    with psycopg.connect(database_url, autocommit=True) as observer:

        def is_so() -> bool:
            assert not unless(), "it did not wait"
            return observer.execute(waiting, [backend_pid]).fetchone() is not None

        wait_until(is_so, "another connection waits for a lock of this one")


def kill_half_way(house: House, product: Product, table: str, tenant: str, *words: str) -> None:
    """Kill the command while it waits for a row of the last tenant, which we hold."""
    with house.sql() as holder:
        holder.execute(f"SELECT 1 FROM {table} ORDER BY {tenant} DESC LIMIT 1 FOR UPDATE")
        command = Process([sys.executable, "manage.py", *words], product.environment, "")
        command.start_without_waiting()
        wait_until_somebody_waits_for(
            holder.info.backend_pid,
            house.addresses["DATABASE_URL"],
            unless=lambda: not command.is_running,
        )
        command.kill()


def test_the_master_key_is_replaced_while_serving(house: House) -> None:
    old_id, new_id = (master_key_id(base64.b64decode(key)) for key in (house.old, house.new))
    with (
        house.product(house.old) as stale,
        house.product(house.old, house.new) as before,
        house.product(house.new, house.old) as after,
    ):
        stale_web, first, second = stale.web()[1], before.web()[1], after.web()[1]
        assert webhook(stale_web) == 200
        check = run(after, "rotate_master_key", "--check")
        assert check.returncode == 1
        assert f"master key {old_id}, still needed: {TENANTS + 1} keys" in check.stdout
        assert house.wrapped_by() == {old_id: TENANTS}, "looking changes nothing"

        with asking_all_the_time(first, second) as statuses:
            kill_half_way(house, after, "tenants_tenantkey", "tenant_id", "rotate_master_key")
            assert house.wrapped_by() == {new_id: TENANTS - 1, old_id: 1}
            resumed = run(after, "rotate_master_key")
            assert resumed.returncode == 0, resumed.stderr
            assert "0 keys of the platform" in resumed.stdout, "done by the run that was killed"
            assert "1 tenants done" in resumed.stdout
            assert f"master key {old_id}, may be dropped: 0 keys" in resumed.stdout
            assert house.wrapped_by() == {new_id: TENANTS}
        assert statuses == {200}
        assert webhook(second, "not-the-header-secret") == 401

        assert requests.get(f"{first}/ready", timeout=30).status_code == 200
        lacking = requests.get(f"{stale_web}/ready", timeout=30)
        assert lacking.json()["missing"] == ["kms_master_key"]
    with house.product(house.new) as product:
        assert webhook(product.web()[1]) == 200, "without the old one"


def test_data_keys_are_replaced_while_serving(house: House) -> None:
    now = ("rotate_data_keys", "--older-than-hours", "0")
    with house.product(house.old) as product:
        first, second = product.web()[1], product.web()[1]
        with asking_all_the_time(first, second) as statuses:
            kill_half_way(house, product, "tenants_tenant", "id", *now)
            keys, used = house.keys_and_uses()
            left = 2 * TENANTS - keys
            assert left in (1, 2), _LAST_AND_BUSY
            assert used == TENANTS
            with house.sql() as connection:
                connection.execute(
                    "UPDATE tenants_tenantkey SET created_at = created_at - interval '2 days'"
                    " WHERE id NOT IN (SELECT max(id::text)::uuid FROM tenants_tenantkey"
                    "   GROUP BY tenant_id HAVING count(*) > 1)"
                )
            resumed = run(product, "rotate_data_keys")
            assert resumed.returncode == 0, resumed.stderr
            # Of each tenant the bot's token, the path's secret and the header's.
            expected = f"{left} new keys, {3 * left} values sealed anew, 0 keys removed"
            assert expected in resumed.stdout
            assert f"{TENANTS} old keys stay for those still reading" in resumed.stdout
            assert house.keys_and_uses() == (2 * TENANTS, TENANTS)

            with house.sql() as connection:
                connection.execute(
                    "UPDATE tenants_tenantkey SET created_at = created_at - interval '6 minutes'"
                )
            tidied = run(product, "rotate_data_keys")
            assert f"0 new keys, 0 values sealed anew, {TENANTS} keys removed" in tidied.stdout
            assert house.keys_and_uses() == (TENANTS, TENANTS)
        assert statuses == {200}
        one = run(product, *now, "--tenant", "shop-2")
        assert "1 new keys, 3 values sealed anew" in one.stdout
        assert run(product, *now, "--tenant", "nobody").returncode == 1
        assert {webhook(web) for web in (first, second)} == {200}
        assert {webhook(web, "wrong") for web in (first, second)} == {401}


def test_a_lost_master_key_stops_everything_with_one_line(house: House) -> None:
    old_id = master_key_id(base64.b64decode(house.old))
    before = house.keys_and_uses()
    with house.product(house.new) as product:
        for words in (
            ["rotate_master_key"],
            ["rotate_master_key", "--check"],
            ["rotate_data_keys"],
        ):
            refused = run(product, *words)
            assert refused.returncode == 1
            assert refused.stdout == ""
            assert refused.stderr.count("\n") == 1
            assert (
                f"KMS_MASTER_KEY lacks master key {old_id} ({TENANTS + 1} keys)" in refused.stderr
            )
        assert run(product, "migrate").returncode == 1
        for server in (
            ["uvicorn", "chatorical.asgi:application", "--port", str(free_port())],
            ["chatorical.worker", "worker", "-P", "threads", "--loglevel", "ERROR"],
        ):
            stopped = subprocess.run(
                [sys.executable, "-m", *server],
                cwd=ROOT,
                env=product.environment,
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert stopped.returncode == 1, server
            # Celery may have warned before that about the account it runs under.
            last_line = stopped.stderr.splitlines()[-1]
            assert last_line.startswith("chatorical: KMS_MASTER_KEY lacks"), stopped.stderr
            assert "Traceback" not in stopped.stderr
    assert house.keys_and_uses() == before
    assert house.wrapped_by() == {old_id: TENANTS}


def test_a_master_key_that_is_lost_for_good(house: House) -> None:
    """The page's own SQL gives up what it sealed; the secrets are entered again."""
    page = (ROOT / "docs" / "operations.md").read_text()
    _, _, section = page.partition("**The master key is lost")
    statements = section.partition("```sql\n")[2].partition("```")[0]
    old_id = master_key_id(base64.b64decode(house.old))
    with psycopg.connect(owners_address(house.addresses)) as connection:
        connection.execute(statements.replace("<id>", old_id).encode())
    with house.product(house.new) as product:
        web = product.web()[1]
        assert webhook(web) == 404
        product.manage("configure_default_channel")
        assert webhook(web) == 200
        assert webhook(web, "wrong") == 401


def test_a_part_of_the_list_is_not_enough(house: House) -> None:
    """Half of the tenants' keys are wrapped anew when somebody drops the old master key."""
    with house.product(house.new, house.old) as product:
        kill_half_way(house, product, "tenants_tenantkey", "tenant_id", "rotate_master_key")
    for kept, lacking in ((house.new, house.old), (house.old, house.new)):
        with house.product(kept) as product:
            refused = run(product, "rotate_master_key")
            assert refused.returncode == 1
            assert master_key_id(base64.b64decode(lacking)) in refused.stderr


def test_what_is_sealed_meanwhile_is_sealed_anew(committed_db: None) -> None:
    """Somebody changes the bot's token, and has not committed yet, when the rotation comes by."""
    tenant = create_tenant(slug=f"busy-{uuid4().hex}", name="Busy", actor=SYSTEM)
    chat_id = -(uuid4().int % 10**12) - 1
    token = "555{}56789:AAtesttesttesttesttesttesttesttest"
    with tenant_scope(tenant.pk) as opened:
        config = ChannelConfig(token.format(1), chat_id)
        configure_channel(tenant=opened, config=config, actor=SYSTEM)

    def renew() -> SealedAnew:
        try:
            soon = timezone.now() + timedelta(minutes=1)
            return rotation.renew_data_key(tenant.pk, made_before=soon)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(tenant.pk) as opened:
            config = ChannelConfig(token.format(2), chat_id)
            configure_channel(tenant=opened, config=config, actor=SYSTEM)
            renewed = pool.submit(renew)
            wait_until_somebody_waits_for(
                connection.connection.info.backend_pid,
                addresses_of_tests()["DATABASE_URL"],
                unless=renewed.done,
            )
        assert renewed.result() == SealedAnew(has_new_key=True, values=3, kept=1)
    with tenant_scope(tenant.pk) as opened:
        channel = find_channel(tenant=opened)
        assert channel is not None
        assert channel.bot_token == token.format(2)
        newest = TenantKey.objects.order_by("-created_at")[0]
        row = TelegramChannel.objects.get()
        for envelope in (row.bot_token_sealed, row.webhook_secret_sealed):
            assert envelope.startswith(sealing.envelope_head(newest.pk))
