"""Who may ask how often, and how callers behind proxies are told apart."""

import pytest
import requests

from tenants.models import Tenant
from tests.answers import assert_refused
from tests.cast import setting, tenant_called
from tests.conftest import Stage
from tests.customer import arrive, new_address


def start(web: str, chain: str, tenant: str | None = None) -> requests.Response:
    return requests.post(
        f"{web}/v1/conversations/start",
        params={"t": tenant} if tenant else None,
        headers={"X-Forwarded-For": chain},
        timeout=30,
    )


def test_twenty_starts_a_minute_from_one_address(stage: Stage) -> None:
    address, other = new_address(), new_address()
    for number in range(20):
        web = (stage.web, stage.second_web)[number % 2]
        assert start(web, address).status_code == 200

    refused = start(stage.web, address)
    assert_refused(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert_refused(start(stage.second_web, address), 429, "rate_limited")

    # Whatever stands further left was written by the caller and helps nobody.
    for chain in (
        f"{other}, {address}",
        f"{other},{new_address()}, {address}",
        f"127.0.0.1, {address}",
        f"{other}, {address}, 127.0.0.1",
        f"nonsense, {address}",
        f"::ffff:{address}",
    ):
        assert_refused(start(stage.web, chain), 429, "rate_limited")
    assert start(stage.web, f"{address}, {other}").status_code == 200
    assert start(stage.web, f"{address}, ::ffff:{other}").status_code == 200


def test_starts_of_tenants_are_counted_apart(stage: Stage, acme: Tenant, globex: Tenant) -> None:
    address = new_address()
    with setting(acme, "rl.start.points", 2), setting(acme, "rl.start.durationSec", 7):
        arrive(stage.web, tenant="acme")
        assert [start(stage.web, address, "acme").status_code for _ in range(3)] == [200, 200, 429]
        refused = start(stage.web, address, "acme")
        assert_refused(refused, 429, "rate_limited")
        assert 1 <= int(refused.headers["Retry-After"]) <= 7
        assert start(stage.web, address, "globex").status_code == 200


def test_no_limit_is_a_limit_too(stage: Stage) -> None:
    tenant = tenant_called("generous")
    with setting(tenant, "rl.start.points", 0):
        arrive(stage.web, tenant=tenant.slug)
        address = new_address()
        assert {start(stage.web, address, tenant.slug).status_code for _ in range(25)} == {200}


@pytest.mark.usefixtures("committed_db")
def test_sends_are_counted_by_conversation(stage: Stage) -> None:
    visitor, other = stage.customer(), stage.customer()
    other.address = visitor.address
    for number in range(30):
        visitor.send(f"{number}", web=(stage.web, stage.second_web)[number % 2])

    refused = visitor.call("POST", "messages", json={"text": "one more"})
    assert_refused(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    other.send("from the same house")
    assert len(visitor.history()["messages"]) == 30


def test_locale_changes_are_counted(stage: Stage, acme: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    with setting(acme, "rl.locale.points", 1):
        visitor.call("GET", "messages")
        answers = [visitor.call("PATCH", "locale", json={"locale": "lv"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]


def test_a_tenants_history_can_be_limited(stage: Stage, acme: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    with setting(acme, "rl.history.points", 2):
        visitor.call("POST", "messages", json={"text": "Hello"})
        answers = [visitor.call("GET", "messages") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
