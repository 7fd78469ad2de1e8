"""Where a customer is: what a page says, and what agents see of it."""

import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from channels_telegram.tests.cases import TIMEOUT_SECONDS
from conversations.socket.open_sockets import left_of, set_of
from conversations.visitors.models import Visitor
from tenants.models import User
from tenants.redis_client import redis_client
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused
from tests.cast import setting
from tests.conftest import Stage
from tests.customer import Socket
from tests.keyed_browser import KeyedBrowser
from tests.staff import words
from tests.waiting import wait_until

PAGE = "https://maya:secret@Shop.example/basket?token=s3cret#top"
REFERRER = "http://search.example/find?q=shoes"
SAID = {
    "page": PAGE,
    "referrer": REFERRER,
    "time_zone": "Europe/Riga",
    "attributes": {"plan": "<b>pro</b> @everyone /close", "seats": 3, "vip": True, "none": None},
}


def begin(server: Server, **said: object) -> KeyedBrowser:
    return KeyedBrowser(server.base_url, tenant=server.tenant.slug).start(None, **said)


def of(browser: KeyedBrowser) -> str:
    return f"conversations/{browser.started['conversation_id']}"


def visitor(server: Server, browser: KeyedBrowser) -> Any:
    return server.get(of(browser)).json()["visitor"]


def test_agents_see_where_a_customer_is(acme: Server, globex: Server) -> None:
    browser = begin(acme, **SAID, locale="de-AT")
    shown = visitor(acme, browser)
    assert shown["page"] == shown["first_page"] == "https://shop.example/basket"
    assert shown["referrer"] == "http://search.example/find"
    assert (shown["device"], shown["language"]) == ("Chrome on Windows", "German (de-at)")
    assert shown["time_zone"] == "Europe/Riga"
    assert shown["local_time"].endswith(" (Europe/Riga)")
    assert shown["attributes"] == {"plan": "<b>pro</b> @everyone /close", "seats": 3, "vip": True}
    assert shown["ip_address"] is None
    assert_refused(globex.get(of(browser)), 404, "conversation_not_found")
    personal = acme.get(f"{of(browser)}/personal-data").json()
    assert personal["conversation"]["visitor"]["attributes"] == shown["attributes"]
    assert visitor(globex, begin(globex))["page"] is None


def test_pages_are_followed_as_tokens_are_renewed(acme: Server) -> None:
    browser = begin(acme, **SAID)
    version = acme.get(of(browser)).headers["ETag"]
    challenge = browser.challenge()
    signed = {"challenge": challenge, "signature": browser.key.sign(challenge)}
    refused = browser.on_session("token", {**signed, "page": "javascript:alert(1)"})
    assert_refused(refused, 400, "invalid_parameter")
    there = browser.on_session("token", {**signed, "page": "https://shop.example/pay?x#y"})
    assert there.status_code == 200, "the refusal has not used the challenge up"
    shown = visitor(acme, browser)
    assert shown["page"] == "https://shop.example/pay"
    assert shown["first_page"] == "https://shop.example/basket"
    changed = acme.patch(of(browser), {"note": "VIP"}, If_Match=version)
    assert changed.status_code == 200, "another page is no other version of the conversation"


def test_a_second_browser_tells_what_it_knows(acme: Server) -> None:
    browser = begin(acme, **SAID)
    KeyedBrowser(acme.base_url).start(browser.token, page="https://shop.example/b", referrer=PAGE)
    shown = visitor(acme, browser)
    assert (shown["page"], shown["time_zone"]) == ("https://shop.example/b", "Europe/Riga")
    assert shown["referrer"] == "http://search.example/find"
    assert shown["attributes"]["seats"] == 3


def test_an_address_of_the_full_length_is_taken(acme: Server) -> None:
    page = f"https://shop.example/{'a' * 2027}"
    assert len(page) == 2048
    assert visitor(acme, begin(acme, page=page, referrer=page))["page"] == page


def test_query_and_address_are_for_the_tenant_to_ask_for(acme: Server, globex: Server) -> None:
    with setting(acme.tenant, "visitors.pageQuery", True):
        browser = begin(acme, **SAID)
    assert visitor(acme, browser)["page"] == "https://shop.example/basket?token=s3cret"
    with setting(acme.tenant, "visitors.ipAddress", True):
        browser, other = begin(acme), begin(globex)
    assert visitor(acme, browser)["ip_address"] == browser.address
    assert visitor(globex, other)["ip_address"] is None
    KeyedBrowser(acme.base_url).start(browser.token)
    assert visitor(acme, browser)["ip_address"] is None, "not wanted any more"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("page", page) for page in ("javascript:alert(1)", "file:///etc/passwd", "/basket", 7)),
        *(
            ("page", page)
            for page in ("https://", "https:///x", "https://a b.example/", "http://\n")
        ),
        *(
            ("page", page)
            for page in ("https://shop.example/\x00", "https://šhop.example/", "\ud800")
        ),
        ("page", f"https://shop.example/{'a' * 2048}"),
        ("page", f"https://{'a' * 2040}"),
        ("referrer", "android-app://com.example"),
        ("referrer", ["https://shop.example/"]),
        ("time_zone", 2),
        *(
            ("attributes", given)
            for given in ("plan", [1], {"": "x"}, {"a\nb": "x"}, {"a": "x\x00"})
        ),
        *(
            ("attributes", {"a": value})
            for value in ([1], {"b": 1}, 10**400, 1e300, "\u202etxt.exe")
        ),
        ("attributes", {"a": "x" * 201}),
        ("attributes", {"n" * 41: 1}),
        ("attributes", {f"n{number}": 1 for number in range(21)}),
    ],
)
def test_what_no_page_says_is_refused(acme: Server, field: str, value: object) -> None:
    refused = KeyedBrowser(acme.base_url, tenant=acme.tenant.slug).try_start(None, **{field: value})
    assert assert_refused(refused, 400, "invalid_parameter")["details"] == {"field": field}


def test_erasing_the_customer_erases_this_too(acme: Server) -> None:
    browser = begin(acme, **SAID)
    assert acme.post(f"{of(browser)}/erase").status_code == 200
    with tenant_scope(acme.tenant.pk) as tenant:
        assert not Visitor.objects.filter(tenant=tenant).exists()


def test_the_topic_begins_with_it(shop: Server, stage: Stage) -> None:
    browser = begin(shop, **SAID, locale="pt-BR")
    browser.customer().send("Hello")
    topic = stage.group.wait_for_topic(browser.started["codename"], timeout_seconds=TIMEOUT_SECONDS)
    controls = stage.group.wait_for_message(thread_id=topic.thread_id, button="Claim")
    head, known, said = controls.text.split("\n\n")
    assert head == f"New conversation: {browser.started['codename']}\nPress Claim to answer."
    *lines, time = known.splitlines()
    assert lines == [
        "Page: https://shop.example/basket",
        "Came from: http://search.example/find",
        "Browser: Chrome on Windows",
        "Language: Brazilian Portuguese",
    ]
    assert time.startswith("Local time: ") and time.endswith(" (Europe/Riga)")
    assert said == "plan: <b>pro</b> @everyone /close\nseats: 3\nvip: yes"
    *links, code = controls.entities
    assert [link["type"] for link in links] == ["url", "url"]
    assert (code["type"], code["length"]) == ("code", len(said)), "no mention, no command, no link"
    assert code["offset"] == controls.text.index(said)


def test_the_longest_of_all_fits_into_a_post(shop: Server, stage: Stage) -> None:
    long = f"https://shop.example/{'a' * 2000}"
    browser = begin(
        shop, page=long, referrer=long, attributes={f"{n:040}": "🦊" * 200 for n in range(20)}
    )
    browser.customer().send("Hello")
    topic = stage.group.wait_for_topic(browser.started["codename"], timeout_seconds=TIMEOUT_SECONDS)
    controls = stage.group.wait_for_message(thread_id=topic.thread_id, button="Claim")
    assert controls.text.endswith("more in the console") and "aaa…" in controls.text


def test_the_console_shows_it_as_text(acme: Server, console: Client, staff: User) -> None:
    browser = begin(acme, **SAID)
    address = reverse(
        "admin:conversations_conversation_change", args=[browser.started["conversation_id"]]
    )
    page = console.get(address)
    shown = words(page)
    assert "https://shop.example/basket" in shown and "s3cret" not in shown
    assert "Chrome on Windows" in shown and "(Europe/Riga)" in shown and "seats 3" in shown
    assert "&lt;b&gt;pro&lt;/b&gt;" in page.content.decode()


def presence(server: Server, browser: KeyedBrowser) -> Any:
    return server.get(of(browser)).json()["presence"]


def with_socket(browser: KeyedBrowser) -> Socket:
    address = browser.web.replace("http://", "ws://")
    socket = Socket(f"{address}/v1/ws", subprotocols=["chatorical.v2", browser.token])
    assert socket.next() == {"ok": True}
    return socket


def left_long_ago(server: Server, browser: KeyedBrowser) -> None:
    """Once the server knows that the last page was left: as if that had been ten minutes ago."""
    name = left_of(set_of(server.tenant.pk, UUID(browser.started["conversation_id"])))
    wait_until(lambda: redis_client().exists(name), "the last page is left")
    redis_client().set(name, int(time.time()) - 600)


def test_agents_see_that_a_customer_has_left(acme: Server, globex: Server) -> None:
    browser, other = begin(acme), begin(globex)
    nothing = {"state": "unknown", "left_at": None}
    assert presence(acme, browser) == nothing, "no socket so far"
    first, second = with_socket(browser), with_socket(browser)
    assert presence(acme, browser)["state"] == "here"
    first.close()
    assert presence(acme, browser)["state"] == "here", "another tab"
    second.close()
    assert presence(acme, browser)["state"] == "here", "maybe on the way to the next page"
    left_long_ago(acme, browser)
    shown = presence(acme, browser)
    assert shown["state"] == "left" and shown["left_at"].endswith(".000Z")
    assert presence(globex, other) == nothing
    back = with_socket(browser)
    assert presence(acme, browser) == {"state": "here", "left_at": None}
    back.close()
    left_long_ago(acme, browser)
    assert browser.customer().call("GET", "messages").status_code == 200
    assert presence(acme, browser) == nothing, "a browser that reads without a socket"


def test_whom_the_server_has_cut_off_has_not_left(acme: Server) -> None:
    browser = begin(acme)
    socket = with_socket(browser)
    acme.delete(f"{of(browser)}/sessions/{browser.session_id}")
    assert socket.next_where(type="error")["code"] == "session_ended"
    assert socket.close_code() == 1008
    wait_until(lambda: presence(acme, browser)["state"] != "here", "the socket has ended")
    assert presence(acme, browser)["state"] == "unknown"


def test_what_redis_does_not_know_is_unknown(acme: Server) -> None:
    browser = begin(acme)
    socket = with_socket(browser)
    name = set_of(acme.tenant.pk, UUID(browser.started["conversation_id"]))
    (member,) = redis_client().smembers(name)
    redis_client().delete(name)
    assert presence(acme, browser)["state"] == "unknown", "until it is written again"
    redis_client().sadd(name, f"{uuid4().hex}.{uuid4().hex}")
    assert presence(acme, browser)["state"] == "unknown", "of a process that has died"
    redis_client().sadd(name, member)
    assert presence(acme, browser)["state"] == "here"
    socket.close()


def test_an_agent_asks_in_the_topic(shop: Server, stage: Stage) -> None:
    browser = begin(shop, page="https://shop.example/basket", attributes={"plan": "@pro"})
    browser.customer().send("Hello")
    topic = stage.group.wait_for_topic(browser.started["codename"], timeout_seconds=TIMEOUT_SECONDS)
    socket = with_socket(browser)
    stage.group.write("Ana", "/visitor", topic.thread_id)
    told = stage.group.wait_for_message(
        "The customer has the page open.", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )
    assert "Page: https://shop.example/basket" in told.text and "plan: @pro" in told.text
    assert "mention" not in {entity["type"] for entity in told.entities}
    socket.close()
    left_long_ago(shop, browser)
    stage.group.write("Ana", "/visitor", topic.thread_id)
    stage.group.wait_for_message(
        "The customer has left the page", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )
