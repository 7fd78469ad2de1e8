"""Where a customer is: what a page says, and what agents see of it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_telegram.tests.cases import TIMEOUT_SECONDS
from conversations.visitors.models import Visitor
from tenants.models import User
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused
from tests.cast import setting
from tests.conftest import Stage
from tests.keyed_browser import KeyedBrowser
from tests.staff import words

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
