"""PostgreSQL that is there and refuses: writes, room, locks, time.

Sends are refused so that they are repeated, what only reads goes on, Telegram repeats its updates,
and all of it goes on by itself afterwards.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import count

import pytest
import requests
from psycopg import sql

from devtools.postgres import APPLICATION_DATABASE, EmbeddedPostgres
from tests.answers import assert_refused
from tests.customer import Customer, new_address
from tests.frail import TIMEOUT_SECONDS, Frail, frail_stage
from tests.operator import Operator
from tests.sockets.typed import typed
from tests.stage import CHAT_ID, HEADER_SECRET
from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("states of postgres")
EMAIL, PASSWORD = "staff@frail.example", "a long enough passphrase"
UNAVAILABLE = "unavailable"
WEBHOOK_HEADERS = {"X-Telegram-Bot-Api-Secret-Token": HEADER_SECRET}
# Far from those that the simulator gives.
UPDATE_IDS = count(1_000_000_000)
MESSAGE_OF_ANA = {
    "message_id": 999_999,
    "date": 1_700_000_000,
    "text": "never stored",
    "is_topic_message": True,
    "chat": {"id": CHAT_ID, "type": "supergroup", "is_forum": True},
    "from": {"id": 4711, "is_bot": False, "first_name": "Ana"},
}

State = Callable[[EmbeddedPostgres], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frail]:
    with frail_stage(tmp_path_factory.mktemp("postgres-states"), OUTBOX_LEASE_SECONDS="20") as it:
        it.stage.product.environment["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
        it.stage.product.manage("createsuperuser", "--no-input", "--email", EMAIL)
        yield it


@contextmanager
def read_only(server: EmbeddedPostgres) -> Iterator[None]:
    """As behind an address that leads to a standby for a while.

    Sessions keep what they began with: those of the outage stay read-only when it has ended.
    """
    with server.connect() as connection:
        database = sql.Identifier(APPLICATION_DATABASE)
        setting = sql.SQL("ALTER DATABASE {} {} default_transaction_read_only {}")
        connection.execute(setting.format(database, sql.SQL("SET"), sql.SQL("= on")))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (APPLICATION_DATABASE,),
        )
        try:
            yield
        finally:
            connection.execute(setting.format(database, sql.SQL("RESET"), sql.SQL("")))


def refusing(sqlstate: str) -> State:
    """The server refuses to store messages, with this SQLSTATE."""

    @contextmanager
    def state(server: EmbeddedPostgres) -> Iterator[None]:
        with server.connect(APPLICATION_DATABASE) as connection:
            connection.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END $$;"
                "CREATE TRIGGER refuse BEFORE INSERT ON conversations_message "
                "EXECUTE FUNCTION refuse()"
            )
            try:
                yield
            finally:
                connection.execute("DROP FUNCTION refuse CASCADE")

    return state


@contextmanager
def locked(server: EmbeddedPostgres) -> Iterator[None]:
    """A rollout or an operator holds the table of messages longer than anybody waits."""
    with server.connect(APPLICATION_DATABASE) as connection, connection.transaction():
        connection.execute("LOCK TABLE conversations_message IN EXCLUSIVE MODE")
        yield


STATES: dict[str, State] = {
    "read-only": read_only,
    "locked": locked,
    "disk full": refusing("53100"),
    "out of memory": refusing("53200"),
    "timed out": refusing("57014"),
    "deadlock": refusing("40P01"),
    "serialization": refusing("40001"),
    "not read": refusing("58030"),
    "recovering": refusing("55000"),
}


def is_sent(customer: Customer, text: str) -> bool:
    answer = customer.call("POST", "messages", json={"text": text, "client_id": text})
    if answer.status_code == 200:
        return True
    assert_refused(answer, 503, "unavailable")
    return False


def texts_of(customer: Customer) -> list[str]:
    messages = customer.history()["messages"]
    return [m["text"] for m in messages if m["direction"] in {"INBOUND", "OUTBOUND"}]


@pytest.mark.parametrize("name", STATES)
def test_what_cannot_be_stored_is_refused_and_repeated(frail: Frail, name: str) -> None:
    stage = frail.stage
    customer = stage.customer()
    customer.send("before")
    topic = stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
    observer = customer.socket(web=stage.second_web)
    stage.group.write("Ana", "/claim", topic.thread_id)
    observer.next_where(type="agent_joined")
    plain = customer.socket()
    with typed(customer) as by_type, STATES[name](frail.postgres):
        assert_refused(customer.call("POST", "messages", json={"text": "no"}), 503, UNAVAILABLE)
        assert "before" in texts_of(customer), "what only reads goes on"
        plain.say("nor by socket")
        plain.next_where(error=UNAVAILABLE)
        assert plain.close_code() == 1013
        assert by_type.message("nor typed")["code"] == UNAVAILABLE
        assert by_type.close_code() == 1013
        stage.group.write("Ana", "an answer", topic.thread_id)
        update = {
            "update_id": next(UPDATE_IDS),
            "message": MESSAGE_OF_ANA | {"message_thread_id": topic.thread_id},
        }
        refused = requests.post(stage.webhook_url, json=update, headers=WEBHOOK_HEADERS, timeout=30)
        assert_refused(refused, 503, UNAVAILABLE)

    assert stage.worker.is_running
    wait_until(lambda: is_sent(customer, "again"), "a message is stored")
    stage.simulator.retry_now()
    wait_until(lambda: "an answer" in texts_of(customer), "the update is repeated")
    assert sorted(texts_of(customer)) == ["again", "an answer", "before"]
    stage.group.wait_for_message(": again", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)


def test_a_database_that_only_reads_is_named_and_read(frail: Frail) -> None:
    stage = frail.stage
    customer = stage.customer(locale="lv")
    customer.send("Hello")
    operator = Operator(stage.web)
    with read_only(frail.postgres), requests.Session() as browser:
        wait_until(lambda: missing(stage.web) == ["database"], "/ready names it")
        for web in (stage.web, stage.second_web):
            assert "Hello" in texts_of(replace(customer, web=web))
        for page in ("/widget.js", "/v1/i18n/default/lv", "/health"):
            assert requests.get(stage.web + page, timeout=30).status_code == 200, page
        opened = customer.socket()
        assert operator.call("GET", "/v1/conversations").status_code == 200
        closing = operator.call(
            "POST", "/v1/moderation/close", json={"id": customer.conversation_id}
        )
        assert_refused(closing, 503, UNAVAILABLE)
        assert_refused(start(stage.web), 503, UNAVAILABLE)

        login = f"{stage.web}/admin/login/"
        assert browser.get(login, timeout=30).status_code == 200
        form = {
            "username": EMAIL,
            "password": PASSWORD,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        signed_in = browser.post(login, data=form, timeout=30)
        assert signed_in.status_code == 503
        assert "briefly unavailable" in signed_in.text
        assert int(signed_in.headers["Retry-After"]) > 0
    wait_until(lambda: missing(stage.web) == [], "ready afterwards")
    customer.send("and again")
    opened.next_where(text="and again")


def start(web: str) -> requests.Response:
    return requests.post(
        f"{web}/v1/conversations/start", headers={"X-Forwarded-For": new_address()}, timeout=30
    )


def missing(web: str) -> list[str]:
    found: list[str] = requests.get(f"{web}/ready", timeout=30).json().get("missing", [])
    return found


def test_a_delivery_under_way_is_noted_when_the_database_takes_writes_again(frail: Frail) -> None:
    stage = frail.stage
    customer = stage.customer()
    customer.send("first")
    topic = stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
    stage.group.wait_for_message(": first", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
    stage.simulator.add_fault("slow", method="sendMessage", delay_ms=2000, times=1)
    mark = stage.simulator.last_call
    customer.send("under way")
    wait_until(
        lambda: any(call.fault for call in stage.simulator.calls("sendMessage", after=mark)),
        "the call is under way",
    )
    stage.worker.skip_log()
    with read_only(frail.postgres):
        stage.worker.wait_for_log("outcomes_kept", timeout_seconds=TIMEOUT_SECONDS)
    wait_until(lambda: is_sent(customer, "after"), "a message is stored")
    stage.group.wait_for_message(": after", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
    seen = stage.group.texts(topic.thread_id)
    prefix = f"{customer.codename}: "
    assert [text.removeprefix(prefix) for text in seen if text.startswith(prefix)] == [
        "first",
        "under way",
        "after",
    ]


def test_simulated_telegram_was_always_asked_correctly(frail: Frail) -> None:
    assert frail.stage.simulator.violations() == []
