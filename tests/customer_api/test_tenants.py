"""Which tenant a request is for, and who may not be served."""

from collections.abc import Iterator

import pytest
import requests
from django.conf import settings
from websockets.exceptions import InvalidStatus

from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_tenant_status
from tests.answers import assert_refused
from tests.cast import Desk, setting, tenant_called
from tests.conftest import Stage
from tests.customer import Customer, arrive, new_address
from tests.forging import forge
from tests.processes import Product


def start(web: str, *, host: str | None = None, **hints: str | None) -> requests.Response:
    headers = {"X-Forwarded-For": new_address(), "X-Tenant-ID": hints.get("header")}
    if host:
        headers["Host"] = host
    return requests.post(
        f"{web}/v1/conversations/start",
        params={"t": hints["query"]} if hints.get("query") else None,
        headers=headers,
        timeout=30,
    )


@pytest.fixture(scope="module")
def strict(stage: Stage) -> Iterator[str]:
    """A web process that insists on hints, has subdomains, binds tokens to addresses, and has
    begun to sign with a new secret."""
    environment = {
        **stage.product.environment,
        "FEATURE_TENANT_CONTEXT_ENFORCED": "true",
        "BASE_DOMAIN": "chat.example",
        "UNBIND_JWT_FROM_IP": "false",
        "CONVERSATION_JWT_SECRET": ",".join(
            ["a new secret that signs from today on", *settings.CONVERSATION_JWT_SECRETS]
        ),
    }
    with Product(environment) as product:
        yield product.web()[1]


@pytest.mark.parametrize(
    "hints", [{"query": "acme"}, {"header": "acme"}, {"query": "ACME", "header": "acme"}]
)
def test_a_hint_names_the_tenant(stage: Stage, acme: Tenant, hints: dict[str, str]) -> None:
    assert start(stage.web, **hints).json()["tenant_id"] == str(acme.pk)


def test_a_tenants_id_is_understood_too(stage: Stage, acme: Tenant) -> None:
    for hints in ({"query": str(acme.pk)}, {"header": str(acme.pk), "query": "acme"}):
        assert start(stage.web, **hints).json()["tenant_id"] == str(acme.pk)


def test_no_hint_is_the_default_tenant(stage: Stage, default_tenant: Tenant) -> None:
    assert start(stage.web).json()["tenant_id"] == str(default_tenant.pk)


def test_hints_that_disagree(stage: Stage, acme: Tenant, globex: Tenant) -> None:
    assert_refused(start(stage.web, query="acme", header="globex"), 403, "tenant_mismatch")
    assert_refused(start(stage.web, query="acme", header="nobody"), 404, "tenant_not_found")
    assert_refused(start(stage.web, query="nobody"), 404, "tenant_not_found")
    assert_refused(start(stage.web, header="nobody"), 404, "tenant_not_found")


def test_a_token_outranks_hints_and_must_agree_with_them(
    stage: Stage, acme: Tenant, globex: Tenant
) -> None:
    visitor = arrive(stage.web, tenant="acme")
    for what, body in (("messages", {"text": "Hello"}), ("locale", {"locale": "lv"})):
        method = "POST" if what == "messages" else "PATCH"
        assert visitor.call(method, what, json=body).status_code == 200
        assert visitor.call(method, what, json=body, params={"t": "acme"}).status_code == 200
        for hint in ("globex", "default"):
            refused = visitor.call(method, what, json=body, params={"t": hint})
            assert_refused(refused, 403, "tenant_mismatch")
            refused = visitor.call(method, what, json=body, headers={"X-Tenant-ID": hint})
            assert_refused(refused, 403, "tenant_mismatch")
    refused = visitor.call("GET", "messages", params={"t": "globex"})
    assert_refused(refused, 403, "tenant_mismatch")


def test_a_token_that_names_another_tenant_opens_nothing(
    stage: Stage, acme: Tenant, globex: Tenant
) -> None:
    visitor = arrive(stage.web, tenant="acme")
    token = forge(visitor, t=str(globex.pk))
    refused = visitor.call(
        "POST", "messages", json={"text": "Hello"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert_refused(refused, 404, "conversation_not_found")


def test_an_expired_token_for_another_tenants_history(stage: Stage, acme: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    headers = {"Authorization": f"Bearer {forge(visitor, exp_in=-10)}"}
    for params in (None, {"t": "acme"}):
        refused = visitor.call("GET", "messages", params=params, headers=headers)
        assert_refused(refused, 401, "invalid_token")


def test_with_hints_enforced_nobody_is_the_default(strict: str, acme: Tenant) -> None:
    assert_refused(start(strict), 400, "tenant_required")
    assert start(strict, query="default").status_code == 200
    assert start(strict, header="acme").json()["tenant_id"] == str(acme.pk)
    visitor = arrive(strict, tenant="acme")
    assert visitor.call("POST", "messages", json={"text": "Hello"}).status_code == 200
    assert visitor.call("GET", "messages").status_code == 200
    nobody: dict[str, str | None] = {"Authorization": None}
    assert_refused(visitor.call("GET", "messages", headers=nobody), 400, "tenant_required")
    assert_refused(
        visitor.call("GET", "messages", headers=nobody, params={"t": "acme"}), 401, "invalid_token"
    )


def test_with_hints_enforced_the_default_tenants_history_needs_one_too(
    strict: str, default_tenant: Tenant
) -> None:
    visitor = arrive(strict, tenant="default")
    nobody: dict[str, str | None] = {"Authorization": None}
    assert_refused(visitor.call("GET", "messages", headers=nobody), 400, "tenant_required")
    for hint in ({"t": "default"}, {"k": default_tenant.widget_key}):
        answer = visitor.call("GET", "messages", headers=nobody, params=hint)
        assert answer.json()["messages"] == []


def test_a_subdomain_names_the_tenant(strict: str, acme: Tenant, globex: Tenant) -> None:
    for host in ("acme.chat.example", "ACME.Chat.Example:8443"):
        assert start(strict, host=host).json()["tenant_id"] == str(acme.pk)
    mismatch = start(strict, host="acme.chat.example", query="globex")
    assert_refused(mismatch, 403, "tenant_mismatch")
    # The same host, as somebody writes it who wants to be exact.
    assert start(strict, host="acme.chat.example.").json()["tenant_id"] == str(acme.pk)
    for host in ("nobody.chat.example", "a.b.chat.example", ".chat.example"):
        assert_refused(start(strict, host=host), 404, "tenant_not_found")
    for host in ("chat.example", "acme.chat.example.evil", "evilchat.example"):
        assert_refused(start(strict, host=host), 400, "tenant_required")


def test_the_products_own_address_is_no_tenants(stage: Stage) -> None:
    environment = {
        **stage.product.environment,
        "BASE_DOMAIN": "chat.example",
        "PUBLIC_ORIGIN": "https://app.chat.example",
    }
    with Product(environment) as product:
        web = product.web()[1]
        assert start(web, host="app.chat.example").status_code == 200
        assert_refused(start(web, host="nobody.chat.example"), 404, "tenant_not_found")


def test_a_token_bound_to_an_address(strict: str, acme: Tenant) -> None:
    visitor = arrive(strict, tenant="acme")
    body = {"text": "Hello"}
    assert visitor.call("POST", "messages", json=body).status_code == 200
    elsewhere = {"X-Forwarded-For": new_address()}
    stolen = visitor.call("POST", "messages", json=body, headers=elsewhere)
    assert_refused(stolen, 401, "invalid_token")
    with pytest.raises(InvalidStatus) as caught:
        visitor.socket()
    assert caught.value.response.status_code == 401


def test_secrets_rotate_with_overlap(stage: Stage, strict: str, acme: Tenant) -> None:
    before = arrive(stage.web, tenant="acme")
    body = {"text": "Hello"}
    assert before.call("POST", "messages", json=body, web=strict).status_code == 200
    after = arrive(strict, tenant="acme")
    assert after.call("POST", "messages", json=body).status_code == 200
    early = after.call("POST", "messages", json=body, web=stage.web)
    assert_refused(early, 401, "invalid_token")


def test_a_suspended_tenant_is_refused_at_once_everywhere(stage: Stage) -> None:
    tenant = tenant_called("suspended-and-back")
    visitor = arrive(stage.web, tenant=tenant.slug)
    second = visitor.call("GET", "messages", web=stage.second_web)
    assert second.status_code == 200, "both processes know the tenant now"

    _set_status(tenant, Tenant.Status.SUSPENDED)
    for web in (stage.web, stage.second_web):
        _refused_as_suspended(visitor, web, tenant.slug)

    _set_status(tenant, Tenant.Status.ACTIVE)
    for web in (stage.web, stage.second_web):
        assert visitor.call("GET", "messages", web=web).json()["messages"] == []
    socket = visitor.socket()
    socket.say("Hello!")
    assert socket.next()["text"] == "Hello!"


def test_suspension_ends_the_sockets_that_are_open(stage: Stage, acme: Tenant) -> None:
    tenant = tenant_called("cut-off")
    visitors = [arrive(stage.web, tenant=tenant.slug) for _ in range(2)]
    sockets = [visitor.socket(web) for visitor in visitors for web in (stage.web, stage.second_web)]
    bystander = arrive(stage.web, tenant="acme").socket()

    _set_status(tenant, Tenant.Status.SUSPENDED)
    for socket in sockets:
        assert socket.next() == {"error": "tenant_suspended"}
        assert socket.close_code() == 1008
    bystander.say("Still here")
    assert bystander.next()["text"] == "Still here"

    _set_status(tenant, Tenant.Status.ACTIVE)
    again = visitors[0].socket()
    again.say("Back again")
    assert again.next()["text"] == "Back again"
    assert visitors[0].call("GET", "messages").json()["messages"][0]["text"] == "Back again"


def test_resuming_and_other_changes_leave_sockets_alone(stage: Stage) -> None:
    tenant = tenant_called("left-alone")
    socket = arrive(stage.web, tenant=tenant.slug).socket()
    _set_status(tenant, Tenant.Status.ACTIVE)
    with setting(tenant, "support.label", "Helpdesk"):
        socket.say("Hello")
        assert socket.next()["text"] == "Hello"


def _refused_as_suspended(visitor: Customer, web: str, slug: str) -> None:
    refusals = [
        start(web, query=slug),
        visitor.call("GET", "messages", web=web),
        visitor.call("POST", "messages", web=web, json={"text": "Hello"}),
        visitor.call("PATCH", "name", web=web, json={"name": "Mara"}),
        visitor.call("PATCH", "locale", web=web, json={"locale": "lv"}),
        requests.post(f"{web}/v2/ws/token", headers=visitor.headers, timeout=30),
    ]
    for refused in refusals:
        assert_refused(refused, 403, "tenant_suspended")
    with pytest.raises(InvalidStatus) as caught:
        visitor.socket(web)
    assert caught.value.response.status_code == 403


def _set_status(tenant: Tenant, status: Tenant.Status) -> None:
    with tenant_scope(tenant.pk) as scoped:
        set_tenant_status(tenant=scoped, status=status, actor=SYSTEM)


def test_a_changed_setting_is_noticed_at_once_everywhere(stage: Stage, globex: Tenant) -> None:
    visitor = arrive(stage.web, tenant="globex")
    visitor.send("Hello")
    desk = Desk(visitor.conversation_id, tenant=globex)
    desk.claim()
    desk.reply("Hi")

    def labels() -> list[str]:
        answers = [
            visitor.call("GET", "messages", web=web) for web in (stage.web, stage.second_web)
        ]
        return [answer.json()["messages"][1]["agent"] for answer in answers]

    assert labels() == ["Support", "Support"]
    for label in ("Helpdesk", "Care"):
        with setting(globex, "support.label", label):
            assert labels() == [label, label]
    assert labels() == ["Support", "Support"]
