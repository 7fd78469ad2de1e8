"""The widget's public configuration, as pages and caches fetch it."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import requests

from templates_i18n import services
from templates_i18n.catalogs import WIDGET
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_tenant_status
from tests.answers import assert_refused
from tests.cast import setting, tenant_called
from tests.conftest import Stage
from tests.customer import new_address

SHOP = "https://shop.example"


@pytest.fixture
def tenant(committed_db: None) -> Iterator[Tenant]:
    """A tenant with settings of nobody else's."""
    yield tenant_called(f"look-{uuid4().hex[:12]}")


def fetch(
    web: str, method: str = "GET", *, headers: dict[str, str], **query: str
) -> requests.Response:
    return requests.request(
        method,
        f"{web}/v2/widget/config",
        params=query,
        headers={"X-Forwarded-For": new_address(), **headers},
        timeout=30,
    )


def read(stage: Stage, **query: str) -> requests.Response:
    answer = fetch(stage.web, headers={}, **query)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_new_tenant_has_the_products_look_and_words(stage: Stage, tenant: Tenant) -> None:
    answer = read(stage, t=tenant.slug, locale="en")
    assert answer.headers["Content-Type"] == "application/json"
    assert "Set-Cookie" not in answer.headers
    body = answer.json()
    strings = body.pop("strings")
    assert {key: strings[key] for key in WIDGET["en"]} == WIDGET["en"]
    assert "closing_message" in strings
    assert body == {
        "tenant": tenant.slug,
        "locale": "en",
        "branding": {
            "brand": None,
            "colors": None,
            "scheme": "auto",
            "position": "auto",
            "radius": 12,
            "font": None,
            "contact": None,
        },
        "features": {
            "sound_toggle": True,
            "sound_default_on": False,
            "vibration_toggle": True,
            "vibration_default_on": False,
            "attachments": True,
        },
        "hours": None,
        "limits": {
            "message_length": 4000,
            "frame_length": 4096,
            "frame_bytes": 16384,
            "name_min_length": 2,
            "name_max_length": 32,
            "attachment_bytes": 10 * 1024 * 1024,
            "attachment_kinds": ["image", "document", "audio", "video"],
        },
        "identity": {"mode": "off"},
    }


def test_what_the_tenant_sets_shows_in_every_process(stage: Stage, tenant: Tenant) -> None:
    with (
        setting(tenant, "widget.brand", "#b3261e"),
        setting(tenant, "widget.position", "left"),
        setting(tenant, "widget.contact", "help@shop.example"),
        setting(tenant, "widget.showSoundToggle", False),
    ):
        for web in (stage.web, stage.second_web):
            body = fetch(web, headers={}, t=tenant.slug).json()
            assert body["branding"]["brand"] == "#b3261e"
            assert body["branding"]["colors"]["light"]["--brand-ink"] == "#ffffff"
            assert body["branding"]["position"] == "left"
            assert body["branding"]["contact"] == "help@shop.example"
            assert body["features"]["sound_toggle"] is False
    assert read(stage, t=tenant.slug).json()["branding"]["brand"] is None


@pytest.mark.parametrize(
    ("asked", "kept", "send"),
    [
        ("pt-BR", "pt-BR", "Enviar"),
        ("pt_br", "pt-BR", "Enviar"),
        ("pt-PT", "pt-PT", "Dispatch"),
        ("lv-LV", "lv-LV", "Sūti"),
        ("sr-latn-rs", "sr-Latn-RS", "Dispatch"),
        ("en_US.UTF-8", "en", "Dispatch"),
        ("", "default", "Dispatch"),
        ("nonsense!", "default", "Dispatch"),
        ("🙂", "default", "Dispatch"),
    ],
)
def test_the_whole_tag_counts(
    stage: Stage, tenant: Tenant, asked: str, kept: str, send: str
) -> None:
    with tenant_scope(tenant.pk) as scoped:
        for place, text in (("pt-BR", "Enviar"), ("lv", "Sūti"), ("default", "Dispatch")):
            services.set_translations(
                tenant=scoped, locale=place, texts={"send": text}, actor=SYSTEM
            )
    body = read(stage, t=tenant.slug, locale=asked).json()
    assert (body["locale"], body["strings"]["send"]) == (kept, send)


def test_who_holds_it_is_told_so(stage: Stage, tenant: Tenant) -> None:
    first = read(stage, t=tenant.slug, locale="lv")
    etag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Origin" in first.headers["Vary"], "a cache must not hand it to a page as it is"
    second = fetch(stage.second_web, headers={}, t=tenant.slug, locale="lv")
    assert (second.headers["ETag"], second.content) == (etag, first.content)
    held = {"If-None-Match": f'"old", W/{etag}', "Origin": SHOP}
    with setting(tenant, "allowedOrigins", [SHOP]):
        answer = fetch(stage.web, headers=held, t=tenant.slug, locale="lv")
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert fetch(stage.web, headers=held, t=tenant.slug, locale="de").status_code == 200
    with setting(tenant, "widget.radius", 4):
        assert fetch(stage.web, headers=held, t=tenant.slug, locale="lv").status_code == 200


def test_the_head_alone(stage: Stage, tenant: Tenant) -> None:
    whole = read(stage, t=tenant.slug)
    head = fetch(stage.web, "HEAD", headers={}, t=tenant.slug)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Length", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]
    refused = fetch(stage.web, "POST", headers={}, t=tenant.slug)
    assert_refused(refused, 405, "method_not_allowed")


def test_only_allowed_pages_may_read_it(stage: Stage, tenant: Tenant, acme: Tenant) -> None:
    with setting(tenant, "allowedOrigins", [SHOP]):
        for name, value in (("t", tenant.slug), ("k", tenant.widget_key)):
            answer = fetch(stage.web, headers={"Origin": SHOP}, **{name: value})
            assert answer.headers["Access-Control-Allow-Origin"] == SHOP
            assert "Access-Control-Allow-Credentials" not in answer.headers
        for headers, slug in (
            ({"Origin": "https://evil.example"}, tenant.slug),
            ({"Origin": SHOP}, acme.slug),
        ):
            answer = fetch(stage.web, headers=headers, t=slug)
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert "Origin" in answer.headers["Vary"]


def test_the_tenant_has_to_be_named(stage: Stage, tenant: Tenant, acme: Tenant) -> None:
    assert_refused(fetch(stage.web, headers={}), 400, "tenant_required")
    assert_refused(fetch(stage.web, headers={}, t="nobody"), 404, "tenant_not_found")
    unknown = fetch(stage.web, headers={}, k=f"chat_pub_{uuid4().hex}")
    assert_refused(unknown, 404, "tenant_not_found")
    both = fetch(stage.web, headers={}, t=tenant.slug, k=acme.widget_key)
    assert_refused(both, 403, "tenant_mismatch")
    assert read(stage, k=tenant.widget_key).json()["tenant"] == tenant.slug
    assert read(stage, t="default").json()["tenant"] == "default"
    # No cache looks at the header, so none may keep the answer.
    by_header = fetch(stage.web, headers={"X-Tenant-ID": tenant.slug})
    assert by_header.json()["tenant"] == tenant.slug
    assert by_header.headers["Cache-Control"] == "no-store"


def test_a_suspended_tenant_has_none(stage: Stage, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk) as scoped:
        set_tenant_status(tenant=scoped, status=Tenant.Status.SUSPENDED, actor=SYSTEM)
    refused = fetch(stage.web, headers={}, t=tenant.slug)
    assert_refused(refused, 403, "tenant_suspended")
    assert refused.headers["Cache-Control"] == "no-store"


def test_one_address_asks_so_often_and_others_go_on(stage: Stage, tenant: Tenant) -> None:
    read(stage, t=tenant.slug)
    with setting(tenant, "rl.widget_config.points", 2):
        read(stage, t=tenant.slug)
        address = {"X-Forwarded-For": new_address()}
        codes = [fetch(stage.web, headers=address, t=tenant.slug).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        read(stage, t=tenant.slug)
