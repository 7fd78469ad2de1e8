"""However many rows there are, each call reads along an index about as many as it shows.

Every statement of a call is explained while the product runs it: no table is read whole, and no
statement looks at more rows than the call is good for.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from channels_telegram import tasks as telegram_tasks
from conversations import services, sockets, usage
from conversations.services import timers
from conversations.tokens import TokenClaims
from outbox import claiming
from outbox import tasks as outbox_tasks
from tenants.audit import SYSTEM
from tenants.idempotency.services import forget_old
from tenants.scope import platform_scope, tenant_scope
from tests.plans import crowd
from tests.plans.crowd import named
from tests.plans.desk import LARGE, Desk
from tests.plans.watching import Seen, Watch

Call = Callable[[Desk], object]
# A page of fifty, one more to know whether another follows, and an agent for each.
PAGE = 2 * 51
_updates = count(10_000_000)


@pytest.fixture(scope="module")
def desk(million: None) -> Desk:
    """The callers; once a module, for who they are costs look-ups of its own."""
    return Desk.open()


def spoken(desk: Desk, thread: int, text: str) -> None:
    """An agent writes in the topic of the conversation with this number."""
    number = next(_updates)
    chat = {"id": crowd.CHAT_ID, "type": "supergroup"}
    sender = {"id": 1001, "is_bot": False, "first_name": "Ana"}
    desk.telegram(
        {
            "update_id": number,
            "message": {
                "message_id": number,
                "message_thread_id": thread,
                "is_topic_message": True,
                "chat": chat,
                "from": sender,
                "text": text,
            },
        }
    )


def edited(desk: Desk) -> None:
    """An agent mends what they wrote in conversation 13."""
    chat = {"id": crowd.CHAT_ID, "type": "supergroup"}
    sender = {"id": 1001, "is_bot": False, "first_name": "Ana"}
    message = {"message_id": 13, "message_thread_id": 13, "chat": chat, "from": sender}
    desk.telegram(
        {"update_id": next(_updates), "edited_message": {**message, "text": "mended"}}
    )


def socket_opened(_desk: Desk) -> None:
    """A customer connects with a token for one connection."""
    claims = TokenClaims(
        tenant_id=LARGE,
        conversation_id=named("conversation 13"),
        audience="chatorical.socket",
        jti=uuid4(),
        expires_at=timezone.now() + timedelta(minutes=1),
    )
    sockets._admit(sockets.SocketRequest("", "127.0.0.1", None, None), claims)  # type: ignore[arg-type]
    sockets.missed(LARGE, named("conversation 13"), after=2)


def drained(_desk: Desk) -> None:
    """A worker takes promises, holds them, and notes what came of them."""
    kinds = ["telegram.post", "telegram.pin"]
    with platform_scope("outbox drain"):
        lease, items = claiming.claim_batch(limit=32, kinds=kinds)
        assert len(items) == 32
        claiming.renew(lease_by_item=dict.fromkeys([item.pk for item in items], lease))
        claiming.finish(items=[item.pk for item in items[1:]], leases=[lease] * 31)
        claiming.release(
            item=items[0],
            status=items[0].Status.PENDING,
            next_attempt_at=timezone.now(),
            attempts=1,
            error="",
        )


HOT: dict[str, Call] = {
    "start": lambda desk: desk.operator("POST", "conversations/start", {"name": "Mara"}),
    "send": lambda desk: desk.customer("POST", 13, "messages", {"text": "Hi", "client_id": "c"}),
    "reopen": lambda desk: desk.customer("POST", 900_001, "messages", {"text": "Hi again"}),
    "history": lambda desk: desk.customer("GET", 13, "messages"),
    "history after": lambda desk: desk.customer("GET", crowd.LONG, "messages?after=2995"),
    "history page": lambda desk: desk.customer("GET", crowd.LONG, "messages?limit=50"),
    "earlier page": lambda desk: desk.customer(
        "GET", crowd.LONG, "messages?limit=50&before=1500"
    ),
    "rename": lambda desk: desk.customer("PATCH", 13, "name", {"name": "Mara"}),
    "change locale": lambda desk: desk.customer("PATCH", 13, "locale", {"locale": "lv"}),
    "claim": lambda desk: spoken(desk, 4, "/claim"),
    "reply": lambda desk: spoken(desk, 13, "On its way"),
    "edit": edited,
    "close": lambda desk: spoken(desk, 17, "/close"),
    "open a socket": socket_opened,
    "drain": drained,
    "wait and retry": lambda desk: desk.server("GET", "outbox?status=PENDING"),
    "session": lambda _desk: SessionStore("no such session").load(),
}
PAGES: dict[str, str] = {
    name: name
    for name in (
        "conversations",
        "conversations?status=open",
        "conversations?status=closed",
        "conversations?status=blocked",
        "conversations?status=OPEN_UNCLAIMED",
        "conversations?status=AWAITING_CUSTOMER,CLOSED",
        f"conversations?agent={named('agent 0 12')}",
        "conversations?agent=none",
        "conversations?locale=lv",
        f"conversations?locale={crowd.RARE_LOCALE}",
        "conversations?q=amber",
        "agents",
        "api-keys",
        "members",
        "settings",
        "outbox",
        "outbox?status=DEAD",
        "outbox?kind=telegram.pin",
        "outbox?lane=agent_action",
        "audit",
        "audit?object_type=setting",
        "audit?action=setting.changed",
        "audit?actor_kind=staff",
        f"audit?object_type=conversation&object_id={named('conversation 13')}",
    )
}


def watched(call: Callable[[], object]) -> list[Seen]:
    with Watch().on() as watch:
        call()
    assert watch.seen
    return watch.seen


def assert_reads_at_most(seen: list[Seen], rows: int) -> None:
    for statement in seen:
        assert not statement.tables_read_whole, str(statement)
        assert statement.rows_read <= rows, str(statement)


@pytest.mark.parametrize("name", HOT)
def test_what_every_customer_waits_for(desk: Desk, name: str) -> None:
    assert_reads_at_most(watched(lambda: HOT[name](desk)), PAGE)


@pytest.mark.parametrize("name", PAGES)
def test_a_page(desk: Desk, name: str) -> None:
    assert_reads_at_most(watched(lambda: desk.server("GET", PAGES[name])), PAGE)
