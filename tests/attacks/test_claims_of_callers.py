"""What callers say about themselves, and where they try to slip in more than was asked for."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import requests
from django.test import Client

from conversations.models import Conversation
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server, new_key
from tests.answers import assert_refused
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.customer import arrive, new_address

SLEEPS = "1'; SELECT pg_sleep(20); --"
INJECTIONS = [
    "' OR '1'='1",
    "') OR 1=1 --",
    SLEEPS,
    "1) UNION SELECT secret_hash FROM tenants_apikey --",
    "\\'; DROP TABLE conversations_message; --",
    "%27%20OR%201=1",
]


def test_a_tenant_in_the_body_is_nobodys_tenant(stage: Stage, acme: Tenant) -> None:
    body = {"tenant": "acme", "tenant_id": str(acme.pk), "t": "acme", "id": str(acme.pk)}
    address = {"X-Forwarded-For": new_address()}
    started = requests.post(
        f"{stage.web}/v1/conversations/start", json=body, headers=address, timeout=30
    ).json()
    assert started["tenant_id"] != str(acme.pk)
    assert started["conversation_id"] != str(acme.pk)


def test_a_message_cannot_choose_what_it_is(stage: Stage, globex: Tenant) -> None:
    visitor, other = arrive(stage.web, tenant="globex"), arrive(stage.web, tenant="globex")
    sent = visitor.call(
        "POST",
        "messages",
        json={
            "text": "Hello",
            "direction": "OUTBOUND",
            "agent": "Ana",
            "seq": 99,
            "conversation_id": other.conversation_id,
            "tenant_id": "00000000-0000-0000-0000-000000000000",
            "status": "CLOSED",
        },
    ).json()["message"]
    assert (sent["direction"], sent["seq"]) == ("INBOUND", 1)
    with tenant_scope(globex.pk):
        rows = Conversation.objects.in_bulk([visitor.conversation_id, other.conversation_id])
        assert [row.status for row in rows.values()] == ["OPEN_UNCLAIMED"] * 2
        assert sorted(row.last_seq for row in rows.values()) == [0, 1]


def test_a_socket_is_in_its_own_room_whatever_it_asks_for(stage: Stage, globex: Tenant) -> None:
    """Rooms follow from the token; names in the address or in frames are words."""
    visitor, other = arrive(stage.web, tenant="globex"), arrive(stage.web, tenant="globex")
    room = f"&room={other.conversation_id}&conversation_id={other.conversation_id}&group=agents"
    eavesdropper = visitor.socket(query=room)
    for frame in (f'{{"type":"join","room":"{other.conversation_id}"}}', other.conversation_id):
        eavesdropper.say(frame)
        assert eavesdropper.next_message()["text"] == frame
    other.send("for agents only")
    eavesdropper.say("mine")
    assert eavesdropper.next_message()["text"] == "mine"


@pytest.mark.usefixtures("committed_db")
def test_a_key_cannot_be_issued_for_another_tenant(stage: Stage) -> None:
    ours, theirs = (tenant_called(f"writable-{name}") for name in ("ours", "theirs"))
    server = Server(stage.web, ours, new_key(ours, "admin:write"))
    body = {
        "name": "Gift",
        "scopes": ["conversations:read"],
        "tenant": str(theirs.pk),
        "tenant_id": str(theirs.pk),
        "prefix": "0123456789",
        "secret_hash": "x",
    }
    answer = server.post("api-keys", body)
    assert answer.status_code in {201, 400}, answer.text
    listed = Server(stage.web, theirs, new_key(theirs, "admin:write")).get("api-keys").text
    assert "Gift" not in listed


@pytest.mark.parametrize("words", INJECTIONS)
def test_sql_in_queries_is_words(stage: Stage, words: str) -> None:
    visitor = stage.customer()
    visitor.send("Hello")
    began = time.monotonic()
    for name in ("after", "since", "limit", "before"):
        assert_refused(
            visitor.call("GET", "messages", params={name: words}), 400, "invalid_parameter"
        )
    for params in ({"t": words}, {"k": words}):
        answer = requests.post(
            f"{stage.web}/v1/conversations/start",
            params=params,
            headers={"X-Forwarded-For": new_address()},
            timeout=30,
        )
        assert_refused(answer, 404, "tenant_not_found")
    assert time.monotonic() - began < 20, "the database was made to sleep"
    assert visitor.history()["messages"][0]["text"] == "Hello"


@pytest.mark.parametrize("words", INJECTIONS)
def test_sql_in_the_consoles_lists_is_words(console: Client, words: str) -> None:
    for name in ("q", "o", "state", "tenant", "tenant__slug__startswith", "p", "_facets", "e"):
        answer = console.get("/admin/conversations/conversation/", {name: words})
        assert answer.status_code in {200, 302, 400}, name


@pytest.mark.parametrize(
    ("page", "field"),
    [("tenants/member", "user"), ("tenants/apikey", "tenant"), ("billing/subscription", "plan")],
)
def test_a_form_is_not_filled_in_with_what_no_field_could_hold(
    console: Client, page: str, field: str
) -> None:
    for value in ("abc", "9" * 26, "-1", "' OR 1=1"):
        answer = console.get(f"/admin/{page}/add/", {field: value})
        assert answer.status_code == 200, value
    assert console.get(f"/admin/{page}/add/", {field: "\0"}).status_code == 400
    assert console.get("/admin/tenants/tenant/", {"status__exact": "\0"}).status_code == 400


def test_columns_that_are_not_offered_cannot_be_asked_about(console: Client) -> None:
    """Guessing a secret letter by letter through a filter."""
    for path, query in (
        ("tenants/user/", "password__startswith"),
        ("tenants/apikey/", "secret_hash__startswith"),
        ("tenants/apikey/", "created_by__password__startswith"),
        ("conversations/conversation/", "tenant__member__user__password__startswith"),
    ):
        answer = console.get(f"/admin/{path}", {query: "a"})
        assert answer.status_code in {302, 400}, path


def test_a_conversation_that_many_start_at_once_is_nobody_elses(stage: Stage) -> None:
    with ThreadPoolExecutor(8) as pool:
        visitors = list(pool.map(lambda _: stage.customer(), range(8)))
    assert len({v.conversation_id for v in visitors}) == 8
    for visitor, other in pairwise(visitors):
        answer = visitor.call(
            "POST",
            "messages",
            json={"text": "x"},
            headers={"Authorization": f"Bearer {other.token}"},
        )
        assert_refused(answer, 401, "invalid_token")


def test_the_apis_description_shows_no_secret_that_works(stage: Stage) -> None:
    document = requests.get(f"{stage.web}/docs/openapi.yaml", timeout=30).text
    environment = stage.product.environment
    for name in ("SECRET_KEY", "CONVERSATION_JWT_SECRET", "SERVICE_TOKEN", "BOT_TOKEN"):
        assert environment.get(name, "never there") not in document
    assert not re.search(r"chat_live_[0-9A-Za-z]{10}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}", document)
    assert not re.search(r"eyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}", document)
