"""The operator's own servers make tenants, pause them, and see how all channels are."""

from typing import Any
from uuid import uuid4

import pytest
import requests
from django.conf import settings

from channels_telegram import services as telegram
from channels_telegram import watching
from channels_telegram.channels import find_channel, outbox_channel
from channels_telegram.services import ChannelConfig
from channels_telegram.updates import Chat, ChatMember, ChatMemberUpdated
from outbox.models import Lane, OutboxHold, OutboxItem
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.conftest import Stage


class Operator:
    """Calls with the service token."""

    def __init__(self, web: str) -> None:
        self.web = web

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One call; `path` is what follows /v2/platform/."""
        return requests.request(
            method,
            f"{self.web}/v2/platform/{path}",
            json=body,
            headers={"X-Internal-Auth": settings.SERVICE_TOKEN},
            timeout=30,
        )

    def new_tenant(self) -> str:
        """The slug of a tenant made just now."""
        slug = f"bakery-{uuid4().hex[:12]}"
        answer = self.call("POST", "tenants", {"slug": slug, "name": f"Bakery {slug[-4:]}"})
        assert answer.status_code == 201, answer.text
        return slug


@pytest.fixture
def operator(stage: Stage, committed_db: None) -> Operator:
    """Whoever runs the installation."""
    return Operator(stage.web)


def test_a_new_tenant_gets_a_key_and_its_server_can_begin(operator: Operator) -> None:
    slug = operator.new_tenant()
    made = operator.call("GET", f"tenants/{slug}").json()
    assert (made["slug"], made["status"], made["is_default"]) == (slug, "active", False)
    wish = {"name": "First", "scopes": ["keys:write"]}
    issued = operator.call("POST", f"tenants/{slug}/api-keys", wish)
    assert issued.status_code == 201
    key = issued.json()["key"]
    mine = requests.get(f"{operator.web}/v2/admin/api-keys", headers={"X-API-Key": key}, timeout=30)
    assert [row["name"] for row in mine.json()["data"]] == ["First"]
    with tenant_scope(Tenant.objects.get(slug=slug).pk):
        trail = AuditEntry.objects.order_by("at").values_list("action", "actor_kind", "actor_id")
        assert list(trail) == [
            ("tenant.created", "system", "service token"),
            ("api_key.issued", "system", "service token"),
        ]


def test_a_tenant_is_renamed_suspended_and_resumed(operator: Operator) -> None:
    slug = operator.new_tenant()
    change = {"name": "Corner Bakery", "status": "suspended"}
    changed = operator.call("PATCH", f"tenants/{slug}", change).json()
    assert (changed["name"], changed["status"]) == ("Corner Bakery", "suspended")
    start = f"{operator.web}/v1/conversations/start?t={slug}"
    assert_refused(requests.post(start, timeout=30), 403, "tenant_suspended")
    assert operator.call("PATCH", f"tenants/{slug}", {"status": "active"}).status_code == 200
    assert requests.post(start, timeout=30).status_code == 200


def test_the_default_tenant_goes_on(operator: Operator) -> None:
    refused = operator.call("PATCH", "tenants/default", {"status": "suspended"})
    assert_refused(refused, 409, "default_tenant_stays")
    assert operator.call("GET", "tenants/default").json()["status"] == "active"


def test_the_list_is_searched_filtered_and_comes_in_pages(operator: Operator) -> None:
    slugs = [operator.new_tenant() for _ in range(3)]
    operator.call("PATCH", f"tenants/{slugs[0]}", {"status": "suspended"})
    first = operator.call("GET", "tenants?q=bakery-&limit=2").json()
    assert [row["slug"] for row in first["data"]] == [slugs[2], slugs[1]]
    rest = operator.call("GET", f"tenants?q=bakery-&limit=2&cursor={first['next_cursor']}").json()
    assert rest["data"][0]["slug"] == slugs[0]
    suspended = operator.call("GET", f"tenants?status=suspended&q={slugs[0]}").json()["data"]
    assert [row["slug"] for row in suspended] == [slugs[0]]
    assert operator.call("GET", f"tenants?status=active&q={slugs[0]}").json()["data"] == []


def test_what_is_wrong_is_said_by_field(operator: Operator) -> None:
    slug = operator.new_tenant()
    for method, path, body, field in (
        ("POST", "tenants", {"slug": "Blue Bakery", "name": "B"}, "slug"),
        ("POST", "tenants", {"slug": "blue-bakery"}, "name"),
        ("POST", "tenants", {"slug": "a\0", "name": "B"}, "slug"),
        ("PATCH", f"tenants/{slug}", {"status": "gone"}, "status"),
        ("PATCH", f"tenants/{slug}", {"slug": "other"}, "field"),
        ("POST", f"tenants/{slug}/api-keys", {"name": "K", "scopes": ["all"]}, "scopes"),
        ("GET", "tenants?status=gone", None, "field"),
        ("GET", "tenants?q=%00", None, "field"),
    ):
        error = assert_refused(operator.call(method, path, body), 400, "invalid_parameter")
        assert field in error["details"]


def test_slugs_are_taken_once_and_unknown_ones_are_unknown(operator: Operator) -> None:
    slug = operator.new_tenant()
    again = operator.call("POST", "tenants", {"slug": slug, "name": "Again"})
    assert_refused(again, 409, "tenant_slug_taken")
    assert_refused(operator.call("GET", "tenants/nobody-here"), 404, "tenant_not_found")
    assert_refused(operator.call("PATCH", "tenants/nobody-here", {}), 404, "tenant_not_found")


def test_nobody_else_gets_in(operator: Operator) -> None:
    for headers in ({}, {"X-Internal-Auth": "wrong"}, {"Authorization": "Bearer chat_live_x"}):
        answer = requests.get(f"{operator.web}/v2/platform/tenants", headers=headers, timeout=30)
        assert_refused(answer, 401, "unauthorized")


def test_every_channel_is_seen_with_what_it_waits_for(operator: Operator) -> None:
    slug = operator.new_tenant()
    with tenant_scope(Tenant.objects.get(slug=slug).pk) as tenant:
        config = ChannelConfig(
            bot_token=f"{uuid4().int % 10**9 + 10**9}:AA{uuid4().hex}", chat_id=-100123
        )
        row = telegram.configure_channel(tenant=tenant, config=config, actor=SYSTEM)
        channel = outbox_channel(row.pk)
        OutboxHold.objects.create(
            tenant=tenant,
            channel=channel,
            reason="Add the bot to the group again, as an admin.",
            held_until="2099-01-01T00:00:00Z",
        )
        OutboxItem.objects.create(
            tenant=tenant,
            kind="telegram.post",
            ordering_key=uuid4().hex,
            idempotency_key=uuid4().hex,
            lane=Lane.COSMETIC,
            channel=channel,
            next_attempt_at="2099-01-01T00:00:00Z",
        )
    rows = operator.call("GET", "channels").json()["data"]
    mine = next(row for row in rows if row["tenant"] == slug)
    assert mine["state"] == "needs_attention"
    assert mine["problem"] == "Add the bot to the group again, as an admin."
    assert mine["blocked_until"] == "2099-01-01T00:00:00.000Z"
    assert mine["waiting"] == 1
    assert mine["oldest_waiting_at"] is not None


def test_a_bot_that_was_removed_shows_among_the_channels(operator: Operator) -> None:
    slug = operator.new_tenant()
    with tenant_scope(Tenant.objects.get(slug=slug).pk) as tenant:
        config = ChannelConfig(
            bot_token=f"{uuid4().int % 10**9 + 10**9}:AA{uuid4().hex}", chat_id=-100124
        )
        telegram.configure_channel(tenant=tenant, config=config, actor=SYSTEM)
    with tenant_scope(tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
        assert channel is not None
        change = ChatMemberUpdated(Chat(channel.chat_id), ChatMember("kicked"), date=1)
        watching.hear(tenant=tenant, channel=channel, update_id=1, change=change)
    rows = operator.call("GET", "channels").json()["data"]
    mine = next(row for row in rows if row["tenant"] == slug)
    assert mine["state"] == "needs_attention"
    assert mine["problem"].startswith("The bot was removed from the group. Add it again.")
    assert mine["blocked_until"] is not None


def test_the_service_token_may_stand_where_v2_has_its_keys(operator: Operator) -> None:
    def ask(path: str, authorization: str) -> requests.Response:
        headers = {"Authorization": authorization}
        return requests.get(f"{operator.web}{path}", headers=headers, timeout=30)

    right = f"Bearer {settings.SERVICE_TOKEN}"
    assert ask("/v2/platform/tenants", right).status_code == 200
    for wrong in ("Bearer ", f"Basic {settings.SERVICE_TOKEN}", f"{right}x"):
        assert_refused(ask("/v2/platform/tenants", wrong), 401, "unauthorized")
    assert_refused(ask("/v1/admin/agents", right), 401, "unauthorized")
    assert_refused(ask("/v2/admin/tenant", right), 401, "invalid_api_key")
