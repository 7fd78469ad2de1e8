"""Wrong keys, `/ready` and the API's description are limited by address, and only by that."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests
from django.conf import settings

from tenants.api_keys import key_format, services
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.cast import setting
from tests.conftest import Stage
from tests.customer import new_address
from tests.processes import Product, free_port

WRONG_KEYS = settings.PLATFORM_RATE_LIMITS["wrong_key"][0]
READY = settings.PLATFORM_RATE_LIMITS["ready"][0]
UNKNOWN_NAMES = settings.PLATFORM_RATE_LIMITS["unknown_name"][0]
DOCS = settings.PLATFORM_RATE_LIMITS["docs"][0]


def get(web: str, path: str, address: str, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(web + path, headers={"X-Forwarded-For": address, **named}, timeout=30)


def wrong_keys() -> Iterator[tuple[str, dict[str, str]]]:
    """Calls with something wrong: of every way in, and of every kind."""
    while True:
        unknown = key_format.new_key()[0]
        yield "/v2/admin/tenant", {"X_API_Key": unknown}
        yield "/v2/admin/agents", {"Authorization": f"Bearer {unknown}"}
        yield "/v2/admin/agents", {"Authorization": "Bearer garbage"}
        yield "/v1/i18n/default/en", {"X_API_Key": unknown}
        yield "/v1/admin/agents", {"X_Internal_Auth": "guess"}
        yield "/v2/platform/tenants", {"X_Internal_Auth": unknown}
        yield "/v2/platform/tenants", {"Authorization": "Bearer guess"}


def guess(web: str, address: str, times: int) -> list[int]:
    """What so many calls with wrong keys are answered."""
    calls = wrong_keys()
    return [
        get(web, path, address, **headers).status_code
        for (path, headers), _ in zip(calls, range(times), strict=False)
    ]


@pytest.fixture
def good_key(acme: Tenant) -> str:
    """A key of acme's server that was never used."""
    with tenant_scope(acme.pk) as tenant:
        return services.issue_api_key(
            tenant=tenant, name="Shop", scopes=["admin:read"], actor=SYSTEM
        ).secret


def test_wrong_keys_end_by_address_and_good_ones_go_on(stage: Stage, good_key: str) -> None:
    address = new_address()
    webs = (stage.web, stage.second_web)
    half = WRONG_KEYS // 2
    assert [*guess(webs[0], address, half), *guess(webs[1], address, WRONG_KEYS - half)] == [
        401
    ] * WRONG_KEYS
    for (path, headers), _ in zip(wrong_keys(), range(7), strict=False):
        refused = get(stage.web, path, address, **headers)
        assert_refused(refused, 429, "rate_limited")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert "WWW-Authenticate" not in refused.headers

    # A neighbour behind the same address notices nothing, and so does the operator.
    for web in webs:
        assert get(web, "/v2/admin/tenant", address, X_API_Key=good_key).status_code == 200
        token = settings.SERVICE_TOKEN
        assert get(web, "/v2/platform/tenants", address, X_Internal_Auth=token).status_code == 200
        assert get(web, "/v1/i18n/acme/en", address, X_API_Key=good_key).status_code == 200
    # A call without any key is none with a wrong one; nor are other addresses concerned.
    assert get(stage.web, "/v2/admin/tenant", address).status_code == 401
    assert guess(stage.web, new_address(), 7) == [401] * 7


def unknown_names() -> Iterator[tuple[str, dict[str, str]]]:
    """Calls that name what nobody has: in every place, and each time another."""
    while True:
        nobody = uuid4().hex
        yield f"/v2/widget/config?t={nobody}", {}
        yield f"/v2/widget/config?k=chat_pub_{nobody}", {}
        yield f"/v1/i18n/{nobody}/en", {}
        yield "/v1/i18n/default/en", {"X_Tenant_ID": nobody}
        yield "/v1/i18n/acme/en", {"Origin": f"https://{nobody}.example"}


def test_unknown_names_end_by_address_and_known_ones_go_on(stage: Stage, acme: Tenant) -> None:
    """Each costs queries before any tenant is known whose limits could count."""
    web, address = stage.web, new_address()
    listed, later = "https://listed.example", "https://later.example"

    def is_allowed(origin: str, caller: str) -> bool:
        answer = get(web, "/v1/i18n/acme/en", caller, Origin=origin)
        assert answer.status_code == 200
        return answer.headers.get("Access-Control-Allow-Origin") == origin

    def call_webhook(caller: str) -> requests.Response:
        path = f"{web}/v1/telegram/webhook/{uuid4().hex}"
        return requests.post(path, json={}, headers={"X-Forwarded-For": caller}, timeout=30)

    with setting(acme, "allowedOrigins", [listed, later]):
        assert is_allowed(listed, address)
        named = [
            get(web, path, address, **headers).status_code
            for (path, headers), _ in zip(unknown_names(), range(UNKNOWN_NAMES), strict=False)
        ]
        assert (named.count(404), named.count(200)) == (UNKNOWN_NAMES * 4 // 5, UNKNOWN_NAMES // 5)
        # Telegram's own addresses bring the updates of everybody's bots.
        assert call_webhook(address).status_code == 404
        for (path, headers), _ in zip(unknown_names(), range(4), strict=False):
            refused = get(web, path, address, **headers)
            assert_refused(refused, 429, "rate_limited")
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
        # What this process has found before goes on; a page that it has not is not looked up.
        assert is_allowed(listed, address)
        assert not is_allowed(later, address)
        assert is_allowed(later, new_address())


def test_a_proxy_that_does_not_say_for_whom_it_asks_is_not_counted(stage: Stage) -> None:
    assert guess(stage.web, "127.0.0.1", WRONG_KEYS + 7) == [401] * (WRONG_KEYS + 7)


def test_a_flood_of_ready_is_refused_and_a_load_balancer_never(stage: Stage) -> None:
    address = new_address()
    with ThreadPoolExecutor(8) as pool:
        flood = pool.map(lambda _: get(stage.web, "/ready", address).status_code, range(READY + 20))
        own = pool.map(
            lambda _: requests.get(f"{stage.web}/ready", timeout=30).status_code, range(40)
        )
        assert sorted(flood) == [200] * READY + [429] * 20
        assert set(own) == {200}
    refused = get(stage.web, "/ready", address)
    assert_refused(refused, 429, "rate_limited")
    assert requests.head(
        f"{stage.web}/ready", headers={"X-Forwarded-For": address}, timeout=30
    ).headers["Retry-After"]
    assert get(stage.web, "/ready", new_address()).status_code == 200


def test_the_apis_description_is_limited_by_address(stage: Stage) -> None:
    address = new_address()
    first = get(stage.web, "/docs/openapi.yaml", address)
    again = get(stage.web, "/docs/openapi.yaml", address, If_None_Match=first.headers["ETag"])
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    paths = ("/docs/openapi.yaml", "/docs/")
    answers = [get(stage.web, paths[n % 2], address) for n in range(DOCS - 2)]
    assert {answer.status_code for answer in answers} == {200}
    for path in paths:
        assert_refused(get(stage.web, path, address), 429, "rate_limited")
        assert get(stage.web, path, new_address()).status_code == 200


def test_without_redis_every_process_counts_for_itself(stage: Stage, good_key: str) -> None:
    dead = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with Product({**stage.product.environment, **dead}) as product:
        web = product.web()[1]
        address = new_address()
        assert guess(web, address, WRONG_KEYS + 1) == [401] * WRONG_KEYS + [429]
        assert get(web, "/v2/admin/tenant", address, X_API_Key=good_key).status_code == 200
