"""The product behind a PgBouncer that hands its few sessions on after every transaction."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import environ
import psycopg
import pytest
import requests
from django.db import NotSupportedError, connection, models
from django.db.migrations.loader import MigrationLoader

from kernel.logins import standing_in
from tenants.operations import AddIndexConcurrentlySafely
from tests.customer import Customer, arrive
from tests.pooling.conftest import SESSIONS, Pooled, Shop
from tests.processes import ROOT
from tests.staff import PASSWORD

_CALLERS = 12
_ROUNDS = 4
_POOLER = {"DATABASE_POOLER": "transaction", "DATABASE_ROLE": ""}


def sent_texts(customer: Customer) -> list[str]:
    """What the customer reads of their own."""
    answer = customer.call("GET", "messages")
    assert answer.status_code == 200, answer.text
    messages = answer.json()["messages"]
    return [message["text"] for message in messages if message["direction"] == "INBOUND"]


def test_it_is_ready(pooled: Pooled) -> None:
    assert requests.get(f"{pooled.stage.web}/ready", timeout=30).json()["ok"] is True


def test_a_customer_is_heard_and_answered(pooled: Pooled) -> None:
    visitor = pooled.stage.customer(name="Mara", locale="en")
    socket = visitor.socket()
    socket.say("Do you ship to Riga?")
    group = pooled.stage.group
    topic = group.wait_for_topic(f"Mara — {visitor.codename}")
    controls = group.wait_for_message(thread_id=topic.thread_id, button="Claim")
    group.press("Ana", controls.message_id, "Claim")
    assert socket.next_where(type="agent_joined")
    group.write("Ana", "Yes, within two days.", topic.thread_id)
    assert socket.next_message()["text"] == "Yes, within two days."
    assert visitor.history()["messages"][-1]["text"] == "Yes, within two days."


def test_what_is_longer_than_a_batch_is_exported_whole(pooled: Pooled) -> None:
    shop = pooled.new_shop("exports")
    visitor = arrive(shop.web, tenant=shop.slug)
    texts = [f"Line {number}." for number in range(520)]
    with ThreadPoolExecutor(_CALLERS) as callers:
        list(callers.map(visitor.send, texts))
    one = f"conversations/{visitor.conversation_id}"
    table = shop.get(f"{one}/export.csv").text.splitlines()
    assert sum("INBOUND" in line for line in table) == len(texts)
    messages = shop.get(f"{one}/export.json").json()["messages"]
    written = [message["text"] for message in messages if message["direction"] == "INBOUND"]
    assert sorted(written) == sorted(texts)
    assert shop.get("audit/export.csv").text.count("\n") > 1


@dataclass
class Caller:
    """A customer of one shop, and the shop's server, both busy."""

    shop: Shop
    mark: str

    def work(self) -> None:
        """Write, read, and list, and meet nothing of the other shop."""
        visitor = arrive(self.shop.web, tenant=self.shop.slug, name=self.mark)
        for number in range(_ROUNDS):
            visitor.send(f"{self.mark} {number}")
            assert sent_texts(visitor) == [f"{self.mark} {n}" for n in range(number + 1)]
            listed = self.shop.get("conversations?limit=100").json()["data"]
            assert visitor.conversation_id in {row["id"] for row in listed}
            assert {row["customer_name"] for row in listed} <= {self.mark, None, ""}


def test_callers_of_two_tenants_meet_nothing_of_each_other(pooled: Pooled) -> None:
    """Many more of them at a time than there are sessions."""
    crowd = [
        Caller(pooled.new_shop("acme"), "acme"),
        Caller(pooled.new_shop("globex"), "globex"),
    ] * (_CALLERS // 2)
    with ThreadPoolExecutor(_CALLERS) as callers:
        for done in [callers.submit(caller.work) for caller in crowd]:
            done.result()
    sessions = {client.info.backend_pid for client in all_sessions(pooled)}
    assert len(sessions) == SESSIONS


def test_staff_look_at_the_console(pooled: Pooled) -> None:
    pooled.stage.product.environment["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    pooled.stage.product.manage("createsuperuser", "--no-input", "--email", "staff@pooled.example")
    pooled.stage.customer(name="Milton").send("Where is my stapler?")
    with requests.Session() as browser:
        login = f"{pooled.stage.web}/admin/login/"
        browser.get(login, timeout=30)
        form = {
            "username": "staff@pooled.example",
            "password": PASSWORD,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        browser.post(login, data=form, timeout=30)
        for page in ("", "conversations/conversation/", "tenants/member/add/"):
            answer = browser.get(f"{pooled.stage.web}/admin/{page}", timeout=30)
            assert (answer.status_code, "/login/" in answer.url) == (200, False), page
        listed = browser.get(f"{pooled.stage.web}/admin/conversations/conversation/", timeout=30)
        assert "Milton" in listed.text


def all_sessions(pooled: Pooled) -> Iterator[psycopg.Connection]:
    """Clients that keep every session of the pool busy, each in a transaction."""
    with ExitStack() as held:
        for _ in range(SESSIONS):
            yield held.enter_context(pooled.bouncer.connect())


def test_a_session_handed_on_carries_no_tenant_and_the_products_limits(pooled: Pooled) -> None:
    # Somebody has just worked on them.
    shop = pooled.new_shop("leaver")
    visitor = arrive(shop.web, tenant=shop.slug)
    with ThreadPoolExecutor(_CALLERS) as callers:
        list(callers.map(visitor.send, ["Hello"] * _CALLERS))
    found = [
        client.execute(
            "SELECT pg_backend_pid(), coalesce(current_setting('app.tenant_id', true), ''), "
            "coalesce(current_setting('app.tenant_proof', true), ''), "
            "coalesce(current_setting('app.platform', true), ''), current_setting('role'), "
            "current_setting('lock_timeout'), current_setting('statement_timeout'), "
            "current_setting('idle_in_transaction_session_timeout')"
        ).fetchone()
        for client in all_sessions(pooled)
    ]
    assert len({row[0] for row in found if row}) == SESSIONS
    assert {row[1:] for row in found if row} == {("", "", "", "none", "4s", "30s", "1min")}


def test_whoever_opens_no_scope_there_sees_no_rows(pooled: Pooled) -> None:
    for client in all_sessions(pooled):
        assert client.execute("SELECT count(*) FROM conversations_message").fetchone() == (0,)


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("DATABASE_ROLE", {"DATABASE_ROLE": "somebody"}),
        ("DATABASE_URL", {"DATABASE_URL": "postgres://me@localhost/it?options=-c%20role%3Dyou"}),
    ],
)
def test_what_would_be_left_in_a_session_stops_the_start(
    name: str, environment: dict[str, str]
) -> None:
    given = {**os.environ, **_POOLER, "DATABASE_URL": "postgres://me@localhost/it"}
    done = subprocess.run(
        [sys.executable, "-c", "import chatorical.settings"],
        cwd=ROOT,
        env={**given, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"chatorical: {name} asks for a session's settings")
    assert "docs/operations.md" in done.stderr


def test_migrating_says_when_the_poolers_sessions_are_unlimited(pooled: Pooled) -> None:
    """As with a PgBouncer whose `connect_query` was forgotten; here without any."""
    # Where the tests' own login has to step down, that is left out: it is not what this is about.
    plain, _, _ = os.environ["DATABASE_URL"].partition("options=")
    unpooled = {**os.environ, **_POOLER, "DATABASE_URL": plain}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=unpooled,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "tenants.W004" in done.stderr and "lock_timeout" in done.stderr
    pooled.stage.product.manage("check", "--database", "default", "--fail-level", "WARNING")


@pytest.mark.django_db
def test_no_index_is_built_concurrently_through_the_pooler(pooled: Pooled) -> None:
    state = MigrationLoader(None).project_state()
    index = models.Index(fields=["created_at"], name="never_built")
    operation = AddIndexConcurrentlySafely("message", index)
    address = environ.Env.db_url_config(pooled.bouncer.url)
    with (
        standing_in({**address, "OPTIONS": {"prepare_threshold": None}}),
        connection.schema_editor(atomic=False) as editor,
        pytest.raises(NotSupportedError, match="MIGRATE_DATABASE_URL"),
    ):
        operation.database_forwards("conversations", editor, state, state)
