"""Calls from pages of other websites."""

from base64 import b64encode
from collections.abc import Iterator
from uuid import uuid4

import jwt
import pytest
import requests
import yaml
from django.conf import settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tenants.api_keys.scopes import Scope
from tenants.api_keys.services import issue_api_key
from tenants.audit import SYSTEM
from tenants.models import DEFAULT_TENANT_SLUG, Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.cast import setting, tenant_called
from tests.conftest import Stage
from tests.customer import Customer, arrive, new_address
from tests.processes import Product

SHOP = "https://shop.example"
PUBLIC = "https://chat.example"
PARTNER = "https://partner.example"


@pytest.fixture(scope="module")
def production(stage: Stage) -> Iterator[str]:
    """A web process as an installation runs it."""
    environment = {
        **stage.product.environment,
        "ENVIRONMENT": "production",
        "SECRET_KEY": "s" * 50,
        "CONVERSATION_JWT_SECRET": "c" * 50,
        "SERVICE_TOKEN": "t" * 50,
        # It serves the stage's database, whose secrets these keys seal.
        "KMS_MASTER_KEY": ",".join(b64encode(key).decode() for key in settings.KMS_MASTER_KEYS),
        "PUBLIC_ORIGIN": f"{PUBLIC}:443",
        "ALLOWED_ORIGINS": f"{PARTNER}:443/,https://ANOTHER.example, https://пример.рф",
    }
    with Product(environment) as product:
        yield product.web()[1]


def preflight(
    web: str,
    path: str,
    origin: str,
    method: str = "PATCH",
    tenant: str | None = None,
    asked: str = "authorization,content-type",
) -> requests.Response:
    return requests.options(
        web + path,
        params={"t": tenant} if tenant else None,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": asked,
        },
        timeout=30,
    )


def names(listed: str) -> set[str]:
    return {name.strip().lower() for name in listed.split(",")}


def cors_headers(answer: requests.Response) -> set[str]:
    return {name for name in answer.headers if name.lower().startswith("access-control-")}


def assert_allowed(answer: requests.Response, origin: str) -> None:
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "origin" in names(answer.headers["Vary"])


def assert_withheld(answer: requests.Response) -> None:
    assert cors_headers(answer) == set()
    assert "origin" in names(answer.headers["Vary"])


def test_a_preflight_lists_by_name_what_pages_send(stage: Stage) -> None:
    visitor = stage.customer()
    for what, method in (("name", "PATCH"), ("locale", "PATCH"), ("messages", "POST")):
        path = f"/v1/conversations/{visitor.conversation_id}/{what}"
        answer = preflight(stage.web, path, SHOP, method)
        assert (answer.status_code, answer.content) == (204, b"")
        assert_allowed(answer, SHOP)
        assert method.lower() in names(answer.headers["Access-Control-Allow-Methods"])
        allowed = names(answer.headers["Access-Control-Allow-Headers"])
        assert {"authorization", "content-type", "x-tenant-id"} <= allowed
        assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "asked",
    [
        "traceparent,tracestate,baggage",
        "sentry-trace, baggage, authorization",
        "X-Datadog-Trace-Id,x-datadog-parent-id,x-datadog-origin",
        "newrelic",
        "x_odd.name~1",
    ],
)
def test_an_allowed_page_may_send_the_headers_that_it_asks_for(stage: Stage, asked: str) -> None:
    answer = preflight(stage.web, "/v1/conversations/start", SHOP, "POST", asked=asked)
    assert answer.status_code == 204
    allowed = names(answer.headers["Access-Control-Allow-Headers"])
    assert names(asked) | {"authorization", "content-type", "x-tenant-id"} <= allowed
    assert "access-control-request-headers" in names(answer.headers["Vary"])


def test_what_is_no_name_of_a_header_is_not_given_back(stage: Stage) -> None:
    for asked in ("a b", "x<script>", "ä", "x" * 5000, ",,", "x-api-key", "X-Internal-Auth"):
        answer = preflight(
            stage.web, "/v1/conversations/start", SHOP, "POST", asked=f"{asked},traceparent"
        )
        allowed = names(answer.headers["Access-Control-Allow-Headers"])
        assert allowed == names(
            "authorization,content-type,x-tenant-id,x-widget-key,x-request-id,if-none-match,"
            "traceparent"
        )
    many = ",".join(f"x-{number}" for number in range(4000))
    answer = preflight(stage.web, "/v1/conversations/start", SHOP, "POST", asked=many)
    assert len(names(answer.headers["Access-Control-Allow-Headers"])) <= 64


def test_other_pages_may_not_send_what_they_ask_for(stage: Stage, acme: Tenant) -> None:
    path = "/v1/conversations/start"
    with setting(acme, "allowedOrigins", [SHOP]):
        evil = "https://evil.example"
        assert_withheld(preflight(stage.web, path, evil, "POST", "acme", "traceparent"))


def test_renaming_from_another_origin(stage: Stage) -> None:
    visitor = stage.customer()
    answer = visitor.call("PATCH", "name", json={"name": "Mara"}, headers={"Origin": SHOP})
    assert answer.status_code == 200
    assert_allowed(answer, SHOP)
    assert "x-request-id" in names(answer.headers["Access-Control-Expose-Headers"])


def test_refusals_can_be_read_by_the_page_too(stage: Stage) -> None:
    visitor = stage.customer()
    nobody = {"Origin": SHOP, "Authorization": None}
    refused = visitor.call("POST", "messages", json={"text": "Hello"}, headers=nobody)
    assert_refused(refused, 401, "invalid_token")
    assert_allowed(refused, SHOP)


def test_a_call_from_no_page_is_told_nothing(stage: Stage) -> None:
    assert cors_headers(stage.customer().call("GET", "messages")) == set()


def test_each_tenant_has_its_own_pages(stage: Stage, acme: Tenant, globex: Tenant) -> None:
    with setting(acme, "allowedOrigins", [SHOP]):
        visitor = arrive(stage.web, tenant="acme")
        path = f"/v1/conversations/{visitor.conversation_id}/name"
        assert_allowed(preflight(stage.web, path, SHOP, tenant="acme"), SHOP)
        assert_withheld(preflight(stage.web, path, "https://evil.example", tenant="acme"))
        assert_withheld(preflight(stage.web, path, SHOP, tenant="globex"))
        # Without a hint the token says whose conversation it is.
        answer = visitor.call("GET", "messages", headers={"Origin": SHOP})
        assert_allowed(answer, SHOP)
        assert_withheld(visitor.call("GET", "messages", headers={"Origin": "https://evil.example"}))
        other = arrive(stage.web, tenant="globex")
        assert_withheld(other.call("GET", "messages", headers={"Origin": SHOP}))


def test_a_tenant_may_allow_every_page(stage: Stage) -> None:
    tenant = tenant_called("open-house")
    with setting(tenant, "allowedOrigins", ["*"]):
        visitor = arrive(stage.web, tenant=tenant.slug)
        answer = visitor.call("GET", "messages", headers={"Origin": SHOP})
        assert_allowed(answer, SHOP)


@pytest.mark.parametrize(
    ("listed", "sent"),
    [
        (f"{SHOP}:443/", SHOP),
        ("HTTPS://Shop.Example.", SHOP),
        (SHOP, f"{SHOP}."),
        ("http://shop.example:080", "http://shop.example"),
        ("https://пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
        ("http://[0:0::1]:3000", "http://[::1]:3000"),
    ],
)
def test_a_website_is_known_however_it_is_spelled(stage: Stage, listed: str, sent: str) -> None:
    """For calls, for preflights without a token, and for sockets."""
    tenant = tenant_called(f"spelled-{uuid4().hex[:12]}")
    with setting(tenant, "allowedOrigins", [listed]):
        visitor = arrive(stage.web, tenant=tenant.slug)
        assert_allowed(visitor.call("GET", "messages", headers={"Origin": sent}), sent)
        path = f"/v1/conversations/{visitor.conversation_id}/name"
        assert_allowed(preflight(stage.web, path, sent, tenant=tenant.slug), sent)
        with connect(_socket(visitor), origin=Origin(sent)) as socket:
            assert socket.recv(timeout=60) == '{"ok":true}'
        other = "https://other.example"
        assert_withheld(visitor.call("GET", "messages", headers={"Origin": other}))


@pytest.mark.parametrize("hint", ["nobody", "\x00", "default\x00"])
def test_a_hint_that_names_nobody_allows_nobody(stage: Stage, hint: str) -> None:
    assert_withheld(preflight(stage.web, "/v1/conversations/start", SHOP, "POST", hint))


@pytest.mark.parametrize(
    "origin", [PARTNER, "https://another.example", "https://xn--e1afmkfd.xn--p1ai", PUBLIC]
)
def test_production_serves_the_platforms_list(production: str, origin: str) -> None:
    answer = start(production, origin)
    assert answer.status_code == 200
    assert_allowed(answer, origin)
    visitor = Customer(web=production, address=new_address(), **answer.json())
    with connect(_socket(visitor), origin=Origin(origin)) as socket:
        assert socket.recv(timeout=60) == '{"ok":true}'


@pytest.mark.parametrize("origin", [SHOP, "null", "http://partner.example", f"{PUBLIC}.evil"])
def test_production_refuses_other_pages(production: str, origin: str) -> None:
    answer = start(production, origin)
    assert answer.status_code == 200, "the page is not shown what its visitor may well ask for"
    assert_withheld(answer)
    path = "/v1/conversations/start"
    assert_withheld(preflight(production, path, origin, "POST", DEFAULT_TENANT_SLUG))
    visitor = Customer(web=production, address=new_address(), **answer.json())
    with pytest.raises(InvalidStatus) as caught, connect(_socket(visitor), origin=Origin(origin)):
        pass
    assert caught.value.response.status_code == 403


def test_production_takes_the_default_tenants_own_list(
    production: str, default_tenant: Tenant
) -> None:
    fifth = "https://fifth.example"
    with setting(default_tenant, "allowedOrigins", [fifth]):
        assert_allowed(start(production, fifth), fifth)


def start(web: str, origin: str) -> requests.Response:
    return requests.post(
        f"{web}/v1/conversations/start",
        headers={"Origin": origin, "X-Forwarded-For": new_address()},
        timeout=30,
    )


def _socket(visitor: Customer) -> str:
    return f"{visitor.web.replace('http', 'ws')}/v1/ws?token={visitor.token}"


def test_a_tenants_page_may_ask_before_it_can_say_whose_it_is(
    production: str, acme: Tenant
) -> None:
    """A preflight carries no token: it is answered for every origin that some tenant lists."""
    origin, path = "https://preflight.acme.example", f"/v1/conversations/{uuid4()}/name"
    with setting(acme, "allowedOrigins", [origin]):
        answer = preflight(production, path, origin)
    assert answer.headers["access-control-allow-origin"] == origin
    assert "authorization" in names(answer.headers["access-control-allow-headers"])


def test_texts_are_for_the_pages_of_the_tenant_in_the_address(
    production: str, acme: Tenant, globex: Tenant
) -> None:
    def fetch(slug: str, origin: str, **headers: str) -> requests.Response:
        return requests.get(
            f"{production}/v1/i18n/{slug}/lv", headers={"Origin": origin, **headers}, timeout=30
        )

    page = f"https://texts-{uuid4().hex}.example"
    with setting(acme, "allowedOrigins", [page]):
        answer = fetch("acme", page)
        assert_allowed(answer, page)
        assert "etag" in names(answer.headers["Access-Control-Expose-Headers"])
        held = fetch("acme", page, **{"If-None-Match": answer.headers["ETag"]})
        assert held.status_code == 304
        assert_allowed(held, page)
        path = "/v1/i18n/acme/lv"
        assert_allowed(preflight(production, path, page, "GET"), page)
        assert_withheld(fetch("globex", page))
        assert_withheld(fetch("default", page))
        assert_withheld(fetch("nobody", page))


def test_no_page_calls_with_a_servers_key(stage: Stage, acme: Tenant) -> None:
    """One that is pasted into a page is of no use there, and whoever did it notices."""
    with setting(acme, "allowedOrigins", [SHOP]):
        with tenant_scope(acme.pk) as scoped:
            key = issue_api_key(
                tenant=scoped, name="Pasted", scopes=[Scope.SETTINGS_READ], actor=SYSTEM
            )
        for path in servers_paths(stage.web):
            assert not cors_headers(preflight(stage.web, path, SHOP, "GET", tenant=acme.slug)), path
        answer = requests.get(
            f"{stage.web}/v2/admin/settings",
            headers={"Origin": SHOP, "Authorization": f"Bearer {key.secret}"},
            timeout=30,
        )
        assert answer.status_code == 200, "the key itself is good"
        assert not cors_headers(answer)


def servers_paths(web: str) -> list[str]:
    """Every documented call that takes a key of a server."""
    described = yaml.safe_load(requests.get(f"{web}/docs/openapi.yaml", timeout=30).content)
    paths = [
        path.replace("{", "").replace("}", "")
        for path, calls in described["paths"].items()
        for call in calls.values()
        if isinstance(call, dict)
        and any(set(each) - {"conversationToken"} for each in call.get("security", []))
    ]
    assert len(paths) > 50
    return sorted(set(paths))


def test_the_description_is_for_pages_of_every_origin(stage: Stage) -> None:
    answer = requests.get(f"{stage.web}/docs/openapi.yaml", headers={"Origin": SHOP}, timeout=30)
    assert answer.raw.headers.getlist("Access-Control-Allow-Origin") == ["*"]


def test_a_widget_key_says_whose_list_of_websites_counts(
    stage: Stage, acme: Tenant, globex: Tenant
) -> None:
    site = f"https://{uuid4().hex}.example"

    def begin(tenant: Tenant, *, in_header: bool) -> requests.Response:
        key = tenant.widget_key
        return requests.post(
            f"{stage.web}/v1/conversations/start",
            params=None if in_header else {"k": key},
            headers={
                "Origin": site,
                "X-Forwarded-For": new_address(),
                "X-Widget-Key": key if in_header else None,
            },
            timeout=30,
        )

    with setting(acme, "allowedOrigins", [site]):
        for in_header in (False, True):
            assert_allowed(begin(acme, in_header=in_header), site)
            assert_withheld(begin(globex, in_header=in_header))
        # Keys of the other kind are for servers: no page is allowed to send one.
        asked = preflight(stage.web, "/v1/conversations/start", site, "POST", tenant="acme")
        assert "x-widget-key" in names(asked.headers["Access-Control-Allow-Headers"])
        assert "x-api-key" not in names(asked.headers["Access-Control-Allow-Headers"])


def test_a_page_cannot_borrow_another_tenants_list(
    production: str, acme: Tenant, globex: Tenant
) -> None:
    """Whatever decides whose list counts also decides whose chat it is."""
    site = f"https://{uuid4().hex}.example"
    forged = jwt.encode({"t": str(globex.pk)}, "n" * 32, algorithm="HS256")

    def begin(query: list[tuple[str, str]], **headers: str) -> requests.Response:
        return requests.post(
            f"{production}/v1/conversations/start",
            params=query,
            headers={"Origin": site, "X-Forwarded-For": new_address(), **headers},
            timeout=30,
        )

    with setting(globex, "allowedOrigins", [site]):
        assert_allowed(begin([("t", globex.slug)]), site)
        assert_withheld(begin([("t", globex.slug), ("t", acme.slug)]))
        assert_withheld(begin([("t", acme.slug), ("t", globex.slug)]))
        assert_withheld(begin([("k", globex.widget_key), ("k", acme.widget_key)]))
        bearer = f"Bearer {forged}"
        assert_withheld(begin([("k", acme.widget_key)], Authorization=bearer))
        assert_withheld(begin([], **{"Authorization": bearer, "X-Widget-Key": acme.widget_key}))
        assert_withheld(begin([], Authorization=bearer))
