"""A tenant's server asks how much the chat is used."""

from datetime import UTC, datetime, timedelta
from secrets import randbits
from uuid import UUID

import pytest

from conversations import services
from conversations.models import Direction, Message
from kernel.ids import first_id_at
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused

LONG_AGO = datetime(2024, 3, 1, 12, tzinfo=UTC)


def talk(server: Server, *, days: int, messages: int) -> None:
    """A conversation with so many messages on each of so many days from LONG_AGO on."""
    with tenant_scope(server.tenant.pk) as tenant:
        started = services.start_conversation(tenant=tenant, customer_name="Maya", locale="en")
        Message.objects.bulk_create(
            Message(
                id=UUID(int=first_id_at(moment).int | randbits(60)),
                tenant=tenant,
                conversation_id=started.pk,
                seq=1 + day * messages + number,
                direction=Direction.OUTBOUND if number % 3 == 0 else Direction.INBOUND,
                text="Hello",
                created_at=moment,
            )
            for day in range(days)
            for moment in [LONG_AGO + timedelta(days=day)]
            for number in range(messages)
        )


def test_days_are_counted(acme: Server, globex: Server) -> None:
    talk(acme, days=3, messages=6)
    talk(globex, days=1, messages=3)
    answer = acme.get("usage?from=2024-02-28&to=2024-03-02").json()
    quiet = {"conversations_started": 0, "messages_inbound": 0, "messages_outbound": 0}
    busy = {"conversations_started": 0, "messages_inbound": 4, "messages_outbound": 2}
    assert answer["days"] == [
        {"date": "2024-02-28", **quiet},
        {"date": "2024-02-29", **quiet},
        {"date": "2024-03-01", **busy},
        {"date": "2024-03-02", **busy},
    ]
    assert answer["total"] == {**quiet, "messages_inbound": 8, "messages_outbound": 4}
    assert acme.get("usage").json()["total"]["conversations_started"] == 1
    assert len(acme.get("usage").json()["days"]) == 30


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
