"""A tenant's server asks how much the chat is used."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from billing import services as billing
from billing.metering import rollups
from billing.models import Metered, UsageFact
from conversations import services
from tenants.audit import SYSTEM
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused

KINDS = (
    *("conversations_started", "active_conversations", "messages_inbound", "messages_outbound"),
    *("file_bytes", "api_calls"),
)
LONG_AGO = datetime(2024, 3, 1, 12, tzinfo=UTC)


def talk(server: Server, *, days: int, messages: int) -> None:
    """A conversation now, and the facts of so many messages on each of so many days of long ago."""
    with tenant_scope(server.tenant.pk) as tenant:
        started = services.start_conversation(tenant=tenant, customer_name="Maya", locale="en")
        UsageFact.objects.bulk_create(
            UsageFact(
                id=uuid4(),
                tenant=tenant,
                kind=Metered.AGENT_MESSAGES if number % 3 == 0 else Metered.CUSTOMER_MESSAGES,
                conversation_id=started.pk,
                at=LONG_AGO + timedelta(days=day),
            )
            for day in range(days)
            for number in range(messages)
        )


def test_days_are_counted(acme: Server, globex: Server) -> None:
    talk(acme, days=3, messages=6)
    talk(globex, days=1, messages=3)
    answer = acme.get("usage?from=2024-02-28&to=2024-03-02").json()
    quiet = dict.fromkeys(KINDS, 0)
    busy = {**quiet, "active_conversations": 1, "messages_inbound": 4, "messages_outbound": 2}
    assert answer["days"] == [
        {"date": "2024-02-28", **quiet},
        {"date": "2024-02-29", **quiet},
        {"date": "2024-03-01", **busy},
        {"date": "2024-03-02", **busy},
    ]
    two_days = {"active_conversations": 2, "messages_inbound": 8, "messages_outbound": 4}
    assert answer["total"] == quiet | two_days
    rollups.roll_up_tenant(acme.tenant.pk)
    assert acme.get("usage?from=2024-02-28&to=2024-03-02").json() == answer
    assert acme.get("usage").json()["total"]["conversations_started"] == 1
    assert len(acme.get("usage").json()["days"]) == 30


def test_what_was_deleted_is_counted_all_the_same(acme: Server) -> None:
    with tenant_scope(acme.tenant.pk) as tenant:
        made = services.start_conversation(tenant=tenant, customer_name="Maya", locale="en")
        services.add_customer_message(tenant=tenant, conversation_id=made.pk, text="Hello")
        services.delete_conversation(tenant=tenant, conversation_id=made.pk, actor=SYSTEM)
    used = acme.get("usage").json()["total"]
    assert (used["conversations_started"], used["messages_inbound"]) == (1, 1)


def test_the_plan_and_its_limits_are_shown(acme: Server) -> None:
    assert acme.get("billing").json()["plan"] is None
    plan = billing.create_plan(
        code=uuid4().hex,
        name="Team",
        actor=SYSTEM,
        max_messages_per_month=200,
        hard_limits=["max_messages_per_month"],
    )
    with tenant_scope(acme.tenant.pk) as tenant:
        billing.assign_plan(tenant=tenant, code=plan.code, actor=SYSTEM)
        made = services.start_conversation(tenant=tenant, customer_name="Maya", locale="en")
        services.add_customer_message(tenant=tenant, conversation_id=made.pk, text="Hello")
    shown = acme.get("billing").json()
    assert shown["plan"] == {"code": plan.code, "name": "Team"}
    assert (shown["state"], shown["invoices"]) == ("active", [])
    (messages,) = [each for each in shown["limits"] if each["name"] == "max_messages_per_month"]
    assert messages["resets_at"].endswith("-01T00:00:00.000Z")
    assert {name: messages[name] for name in ("limit", "used", "percent", "is_hard")} == {
        "limit": 200,
        "used": 1,
        "percent": 0,
        "is_hard": True,
    }
    (members,) = [each for each in shown["limits"] if each["name"] == "max_members"]
    assert (members["limit"], members["resets_at"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("from=yesterday", "from"),
        ("to=0001-01-01", "to"),
        ("to=9999-12-31", "to"),
        ("from=2024-03-02&to=2024-03-01", "from"),
        ("from=2024-01-01&to=2024-04-02", "from"),
        ("to=%00", "to"),
    ],
)
def test_a_wrong_day_is_named(acme: Server, query: str, named: str) -> None:
    error = assert_refused(acme.get(f"usage?{query}"), 400, "invalid_parameter")
    assert named in error["details"]


def test_usage_needs_its_scope(acme: Server) -> None:
    refused = acme.with_scopes("audit:read").get("usage")
    error = assert_refused(refused, 403, "insufficient_scope")
    assert error["details"] == {"required": "settings:read"}
