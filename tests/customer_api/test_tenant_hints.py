"""The order of hints, their conflicts and their ends, over real HTTP."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tenants.api_keys import services as api_keys
from tenants.api_keys.services import IssuedKey
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import rotate_widget_key
from tests.answers import assert_refused
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.customer import arrive, new_address

NEVER_ISSUED_WIDGET_KEY = "chat_pub_" + "0" * 32


def issue(tenant: Tenant, **options: Any) -> IssuedKey:
    """An API key of the tenant."""
    with tenant_scope(tenant.pk) as scoped:
        return api_keys.issue_api_key(
            tenant=scoped, name="Shop", scopes=["admin:read"], actor=SYSTEM, **options
        )


def widget_key(tenant: Tenant) -> str:
    """The tenant's public key."""
    return Tenant.objects.values_list("widget_key", flat=True).get(pk=tenant.pk)


def start(web: str, *, query: Mapping[str, str] | None = None, **headers: str) -> requests.Response:
    """Begin a conversation, with these hints; `X_Api_Key=…` is the header `X-Api-Key`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(
        f"{web}/v1/conversations/start",
        params=query,
        headers={"X-Forwarded-For": new_address(), **named},
        timeout=30,
    )


def hints_for(tenant: Tenant, secret: str) -> dict[str, dict[str, Any]]:
    """Every way to name a tenant, the strongest first."""
    return {
        "bearer": {"Authorization": f"Bearer {secret}"},
        "api key": {"X_API_Key": secret},
        "slug in the query": {"query": {"t": tenant.slug}},
        "header": {"X_Tenant_ID": tenant.slug},
        "widget key in the query": {"query": {"k": widget_key(tenant)}},
        "widget key": {"X_Widget_Key": widget_key(tenant)},
    }


def together(*hints: dict[str, Any]) -> dict[str, Any]:
    """Several hints in one request."""
    query: dict[str, str] = {}
    for hint in hints:
        query |= hint.get("query", {})
    return {name: value for hint in hints for name, value in hint.items()} | {"query": query}


NAMES = [
    "bearer",
    "api key",
    "slug in the query",
    "header",
    "widget key in the query",
    "widget key",
]
PAIRS = [(one, other) for one in NAMES for other in NAMES if one != other]


@pytest.mark.parametrize("name", NAMES)
def test_each_hint_names_its_tenant(stage: Stage, acme: Tenant, name: str) -> None:
    hint = hints_for(acme, issue(acme).secret)[name]
    assert start(stage.web, **hint).json()["tenant_id"] == str(acme.pk)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_hints_agree_or_are_refused(
    stage: Stage, acme: Tenant, globex: Tenant, one: str, other: str
) -> None:
    ours, secret = hints_for(acme, issue(acme).secret), issue(globex).secret
    theirs = hints_for(globex, secret)
    agreed = start(stage.web, **together(ours[one], ours[other]))
    assert agreed.json()["tenant_id"] == str(acme.pk)
    refused = start(stage.web, **together(ours[one], theirs[other]))
    if {one, other} == {"bearer", "api key"}:
        assert_refused(refused, 401, "unauthorized")
    else:
        assert_refused(refused, 403, "tenant_mismatch")


def test_one_hint_may_not_name_two_tenants(stage: Stage, acme: Tenant, globex: Tenant) -> None:
    """Whoever reads the first value and whoever reads the last would not agree."""
    for query in (
        [("t", acme.slug), ("t", globex.slug)],
        [("k", widget_key(acme)), ("k", widget_key(globex))],
    ):
        url = f"{stage.web}/v1/conversations/start"
        assert_refused(requests.post(url, params=query, timeout=30), 403, "tenant_mismatch")
    visitor = arrive(stage.web, tenant=acme.slug)
    socket = f"{stage.web.replace('http', 'ws')}/v1/ws?token={visitor.token}"
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{socket}&t={acme.slug}&t={globex.slug}")
    assert refused.value.response.status_code == 403


UNKNOWN: list[tuple[dict[str, Any], int, str]] = [
    ({"query": {"t": "nobody"}}, 404, "tenant_not_found"),
    ({"X_Tenant_ID": "nobody"}, 404, "tenant_not_found"),
    ({"query": {"k": NEVER_ISSUED_WIDGET_KEY}}, 404, "tenant_not_found"),
    ({"X_Widget_Key": NEVER_ISSUED_WIDGET_KEY}, 404, "tenant_not_found"),
    ({"X_Widget_Key": "garbage"}, 404, "tenant_not_found"),
    ({"query": {"k": "nul\0byte"}}, 404, "tenant_not_found"),
    ({"X_API_Key": "garbage"}, 401, "invalid_api_key"),
    ({"Authorization": "Bearer chat_live_garbage"}, 401, "invalid_api_key"),
]


@pytest.mark.parametrize(("hint", "status", "code"), UNKNOWN)
def test_a_hint_that_names_nobody(
    stage: Stage, acme: Tenant, hint: dict[str, Any], status: int, code: str
) -> None:
    assert_refused(start(stage.web, **hint), status, code)
    if "t" not in hint.get("query", {}):
        also_a_good_one = together({"query": {"t": "acme"}}, hint)
        assert_refused(start(stage.web, **also_a_good_one), status, code)


def test_a_stray_token_is_no_hint(stage: Stage, default_tenant: Tenant) -> None:
    answer = start(stage.web, Authorization="Bearer yesterdays.conversation.token")
    assert answer.json()["tenant_id"] == str(default_tenant.pk)


def test_a_conversations_token_outranks_a_key(stage: Stage, acme: Tenant, globex: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    body = {"text": "Hello"}
    for tenant, is_theirs in ((acme, True), (globex, False)):
        for headers, params in (
            ({"X-API-Key": issue(tenant).secret}, None),
            ({"X-Widget-Key": widget_key(tenant)}, None),
            ({}, {"k": widget_key(tenant)}),
        ):
            answer = visitor.call("POST", "messages", json=body, headers=headers, params=params)
            if is_theirs:
                assert answer.status_code == 200
            else:
                assert_refused(answer, 403, "tenant_mismatch")


def test_a_socket_heeds_the_same_hints(stage: Stage, acme: Tenant, globex: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    visitor.socket(query=f"&k={widget_key(acme)}").close()
    address = f"{stage.web.replace('http', 'ws', 1)}/v1/ws?token={visitor.token}"
    for query, headers, status in (
        (f"&k={widget_key(globex)}", {}, 403),
        ("&k=garbage", {}, 404),
        ("", {"X-API-Key": issue(globex).secret}, 403),
        ("", {"X-API-Key": "garbage"}, 401),
    ):
        with pytest.raises(InvalidStatus) as refused:
            connect(address + query, additional_headers=headers)
        assert refused.value.response.status_code == status


def test_two_different_keys_refuse_a_socket_too(stage: Stage, acme: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    one, other = issue(acme).secret, issue(acme).secret
    with pytest.raises(InvalidStatus) as refused:
        connect(
            f"{stage.web.replace('http', 'ws', 1)}/v1/ws?token={visitor.token}",
            additional_headers={"Authorization": f"Bearer {one}", "X-API-Key": other},
        )
    assert refused.value.response.status_code == 401


def test_a_revoked_key_is_refused_by_every_process_at_once(stage: Stage, acme: Tenant) -> None:
    issued = issue(acme)
    webs = (stage.web, stage.second_web)
    for web in webs:
        assert start(web, X_API_Key=issued.secret).status_code == 200
    with tenant_scope(acme.pk) as scoped:
        api_keys.revoke_api_key(tenant=scoped, key_id=issued.key.pk, actor=SYSTEM)
    for web in webs:
        assert_refused(start(web, X_API_Key=issued.secret), 401, "invalid_api_key")


def test_a_rotated_key_works_beside_its_successor(stage: Stage, acme: Tenant) -> None:
    old = issue(acme, expires_at=timezone.now() + timedelta(days=1))
    with tenant_scope(acme.pk) as scoped:
        new = api_keys.rotate_api_key(
            tenant=scoped, key_id=old.key.pk, overlap_seconds=600, actor=SYSTEM
        )
    for secret in (old.secret, new.secret):
        assert start(stage.web, X_API_Key=secret).status_code == 200


def test_a_key_over_its_limit_is_told_to_wait(stage: Stage, acme: Tenant) -> None:
    issued = issue(acme, rate_limit_points=1)
    assert start(stage.web, X_API_Key=issued.secret).status_code == 200
    refused = start(stage.second_web, X_API_Key=issued.secret)
    assert_refused(refused, 429, "rate_limited")
    assert int(refused.headers["Retry-After"]) >= 1


def test_a_new_widget_key_ends_the_old_one_at_once(stage: Stage) -> None:
    tenant = tenant_called("rotating-widget-keys")
    old = widget_key(tenant)
    webs = (stage.web, stage.second_web)
    for web in webs:
        assert start(web, X_Widget_Key=old).json()["tenant_id"] == str(tenant.pk)
    with tenant_scope(tenant.pk) as scoped:
        new = rotate_widget_key(tenant=scoped, actor=SYSTEM)
    for web in webs:
        assert_refused(start(web, X_Widget_Key=old), 404, "tenant_not_found")
        assert start(web, X_Widget_Key=new).json()["tenant_id"] == str(tenant.pk)


def test_every_tenant_has_a_widget_key_of_its_own(default_tenant: Tenant, acme: Tenant) -> None:
    keys = list(Tenant.objects.values_list("widget_key", flat=True))
    assert len(keys) == len(set(keys)) >= 2


def test_a_webhooks_secret_outranks_hints(stage: Stage, acme: Tenant) -> None:
    def deliver(**headers: str) -> requests.Response:
        return requests.post(stage.webhook_url, headers=headers, data=b"{}", timeout=30)

    assert_refused(deliver(**{"X-Tenant-ID": "acme"}), 403, "tenant_mismatch")
    assert_refused(deliver(**{"X-Tenant-ID": "nobody"}), 404, "tenant_not_found")
    assert_refused(deliver(**{"X-Tenant-ID": "default"}), 401, "webhook_unauthorized")


def test_the_default_tenants_history_with_its_own_hints(
    stage: Stage, default_tenant: Tenant, acme: Tenant
) -> None:
    visitor = arrive(stage.web)
    nobody: dict[str, str | None] = {"Authorization": None}
    for key, status in ((widget_key(default_tenant), 200), (widget_key(acme), 401)):
        answer = visitor.call("GET", "messages", headers=nobody, params={"k": key})
        assert answer.status_code == status
