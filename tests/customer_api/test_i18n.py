"""The texts of a tenant's widget, as browsers and caches fetch them."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
import requests

from templates_i18n import services
from templates_i18n.catalogs import MESSAGES, WIDGET
from templates_i18n.keys import BUILT_IN, TemplateKey
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_tenant_status
from tests.answers import assert_refused
from tests.cast import Desk, setting, tenant_called
from tests.conftest import Stage
from tests.customer import arrive


@pytest.fixture
def tenant(committed_db: None) -> Iterator[Tenant]:
    """A tenant with texts of nobody else's."""
    yield tenant_called(f"i18n-{uuid4().hex[:12]}")


def fetch(
    web: str, slug: str, locale: str, method: str = "GET", **headers: str
) -> requests.Response:
    return requests.request(
        method, f"{web}/v1/i18n/{slug}/{quote(locale)}", headers=headers, timeout=30
    )


def entries(web: str, slug: str, locale: str) -> dict[str, str]:
    answer = fetch(web, slug, locale)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()["entries"]
    return found


def translate(tenant: Tenant, locale: str, **texts: str) -> None:
    with tenant_scope(tenant.pk) as scoped:
        services.set_translations(tenant=scoped, locale=locale, texts=texts, actor=SYSTEM)


def test_a_widget_key_names_the_tenant_as_its_slug_does(stage: Stage, tenant: Tenant) -> None:
    translate(tenant, "en", title="By key")
    assert entries(stage.web, tenant.widget_key, "en")["title"] == "By key"
    site = {"Origin": "https://shop.example"}
    with setting(tenant, "allowedOrigins", ["https://shop.example"]):
        seen = fetch(stage.web, tenant.widget_key, "en", **site)
    assert seen.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    unknown = fetch(stage.web, f"chat_pub_{uuid4().hex}", "en")
    assert_refused(unknown, 404, "tenant_not_found")


def test_a_new_tenant_has_the_products_texts(stage: Stage, tenant: Tenant) -> None:
    answer = fetch(stage.web, tenant.slug, "en")
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"locale", "entries"}
    assert body["locale"] == "en"
    messages = ("waiting_for_agent", "conversation_reopened", "closed_history_note")
    assert body["entries"] == {
        **WIDGET["en"],
        **{key: MESSAGES["en"][key] for key in (*messages, "closing_message")},
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("lv", "lv"),
        ("LV_lv", "lv"),
        ("de-AT", "de"),
        ("pt-BR", "pt-br"),
        ("pt_br", "pt-br"),
        ("pt", "default"),
        ("default", "default"),
        ("nonsense!", "default"),
        ("🙂", "default"),
        ("lv\x00", "lv"),
    ],
)
def test_any_locale_has_an_answer(stage: Stage, tenant: Tenant, asked: str, found: str) -> None:
    translate(tenant, "pt-BR", send="Enviar")
    answer = fetch(stage.web, tenant.slug, asked)
    assert (answer.status_code, answer.json()["locale"]) == (200, found)
    own = answer.json()["entries"]["send"] == "Enviar"
    assert own == (found == "pt-br")


def test_the_default_tenant_is_named_like_any_other(stage: Stage) -> None:
    assert "closing_message" in entries(stage.web, "default", "lv")


def test_a_change_shows_at_once_in_every_process(stage: Stage, tenant: Tenant) -> None:
    for number in range(5):
        webs = (stage.web, stage.second_web)
        translate(tenant, "lv", send=f"Sūtīt {number}")
        assert [entries(web, tenant.slug, "lv")["send"] for web in webs] == [f"Sūtīt {number}"] * 2
        with tenant_scope(tenant.pk) as scoped:
            template = BUILT_IN[TemplateKey.CLOSING].with_text(f"Viss {number}")
            services.set_template(tenant=scoped, locale="lv", template=template, actor=SYSTEM)
        assert [entries(web, tenant.slug, "lv")["closing_message"] for web in webs] == [
            f"Viss {number}"
        ] * 2


def test_who_holds_the_texts_is_told_so(stage: Stage, tenant: Tenant) -> None:
    first = fetch(stage.web, tenant.slug, "lv")
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    assert first.headers["Cache-Control"] == "public, no-cache"
    # The same words have the same name in every process.
    assert fetch(stage.second_web, tenant.slug, "lv").headers["ETag"] == etag
    assert fetch(stage.web, tenant.slug, "de").headers["ETag"] != etag
    for held in (etag, f"W/{etag}", f'"old", {etag}', f'"old",W/{etag}', "*"):
        answer = fetch(stage.web, tenant.slug, "lv", **{"If-None-Match": held})
        assert (answer.status_code, answer.content) == (304, b""), held
        assert answer.headers["ETag"] == etag
        assert answer.headers["Cache-Control"] == "public, no-cache"
        assert "Content-Type" not in answer.headers
    for held in ('"old"', etag.strip('"'), ""):
        answer = fetch(stage.web, tenant.slug, "lv", **{"If-None-Match": held})
        assert answer.status_code == 200, held
    translate(tenant, "lv", send="Sūtīt")
    changed = fetch(stage.web, tenant.slug, "lv", **{"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_the_head_alone(stage: Stage, tenant: Tenant) -> None:
    whole, head = (fetch(stage.web, tenant.slug, "lv", method) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]
    refused = fetch(stage.web, tenant.slug, "lv", "POST")
    assert_refused(refused, 405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET, HEAD"


def test_who_cannot_be_served(stage: Stage, tenant: Tenant) -> None:
    for slug in ("nobody", "x" * 5000, "a%00b", "%F0%9F%99%82", "..%2F.."):
        answer = fetch(stage.web, slug, "lv")
        code = "not_found" if "%2F" in slug else "tenant_not_found"
        assert_refused(answer, 404, code)
    for path in ("", f"{tenant.slug}", f"{tenant.slug}/", f"{tenant.slug}/lv/x"):
        answer = requests.get(f"{stage.web}/v1/i18n/{path}", timeout=30)
        assert_refused(answer, 404, "not_found")
    other = requests.get(f"{stage.web}/v1/i18n/{tenant.slug}/lv?t=default", timeout=30)
    assert_refused(other, 403, "tenant_mismatch")
    with tenant_scope(tenant.pk) as scoped:
        set_tenant_status(tenant=scoped, status=Tenant.Status.SUSPENDED, actor=SYSTEM)
    for web in (stage.web, stage.second_web):
        assert_refused(fetch(web, tenant.slug, "lv"), 403, "tenant_suspended")


def test_a_locale_of_a_megabyte(stage: Stage, tenant: Tenant) -> None:
    where = urlsplit(stage.web)
    path = f"/v1/i18n/{tenant.slug}/{'x' * 1_000_000}"
    # The head is refused long before its end, and then nobody listens any more.
    with (
        socket.create_connection((where.hostname, where.port), timeout=30) as connection,
        suppress(ConnectionError),
    ):
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 4")
    assert entries(stage.web, tenant.slug, "lv")


def test_one_tenants_words_are_nobody_elses(stage: Stage, tenant: Tenant, acme: Tenant) -> None:
    translate(tenant, "lv", send="Tikai mūsu")
    assert entries(stage.web, tenant.slug, "lv")["send"] == "Tikai mūsu"
    assert entries(stage.web, acme.slug, "lv")["send"] != "Tikai mūsu"


def frame_text(frame: dict[str, Any]) -> str:
    assert frame["type"] == "info_note"
    return str(frame["text"])


def test_the_product_speaks_the_customers_language_from_the_next_message_on(
    stage: Stage, tenant: Tenant
) -> None:
    visitor = arrive(stage.web, tenant=tenant.slug)
    conversation = visitor.socket()
    conversation.say("Hello")
    assert (
        frame_text(conversation.next_where(key="waiting_for_agent"))
        == (MESSAGES["en"]["waiting_for_agent"])
    )
    assert visitor.call("PATCH", "locale", json={"locale": "LV_lv"}).json()["locale"] == "lv"
    conversation.say("Sveiki")
    assert (
        frame_text(conversation.next_where(key="waiting_for_agent"))
        == (MESSAGES["lv"]["waiting_for_agent"])
    )
    assert visitor.call("PATCH", "locale", json={"locale": "nonsense!"}).json()["locale"] == (
        "default"
    )
    conversation.say("Hello")
    assert (
        frame_text(conversation.next_where(key="waiting_for_agent"))
        == (MESSAGES["en"]["waiting_for_agent"])
    )


def test_the_note_below_a_closed_conversation_follows_too(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = arrive(stage.web, locale="de-AT")
    visitor.send("Hallo")
    desk = Desk(visitor.conversation_id, tenant=default_tenant)
    desk.claim()
    desk.close()
    history = visitor.history()
    assert history["closed_note"] == MESSAGES["de"]["closed_history_note"]
    assert history["messages"][-1]["text"] == MESSAGES["de"]["closing_message"]
    visitor.call("PATCH", "locale", json={"locale": "fr"})
    assert visitor.history()["closed_note"] == MESSAGES["fr"]["closed_history_note"]
