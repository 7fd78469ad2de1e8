"""What customers, agents and workers wait for."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from uuid import uuid4

from django.utils import timezone

from channels_telegram import sql
from conversations import selectors
from conversations.socket import actions
from conversations.tokens import TokenClaims
from tenants.scope import tenant_scope
from tenants.sessions import SessionStore
from tests.plans import crowd
from tests.plans.crowd import named
from tests.plans.desk import LARGE, Desk

Call = Callable[[Desk], object]
_updates = count(10_000_000)


def spoken(desk: Desk, thread: int, text: str, *, chat_id: int = crowd.CHAT_ID) -> None:
    """An agent writes in the topic of the conversation with this number."""
    number = next(_updates)
    chat = {"id": chat_id, "type": "supergroup"}
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
    desk.telegram({"update_id": next(_updates), "edited_message": {**message, "text": "mended"}})


def socket_opened(_desk: Desk) -> None:
    """A customer connects with a token for one connection."""
    claims = TokenClaims(
        tenant_id=LARGE,
        conversation_id=named("conversation 13"),
        audience="chatorical.socket",
        jti=uuid4(),
        expires_at=timezone.now() + timedelta(minutes=1),
    )
    actions._admit(actions.SocketRequest("", "127.0.0.1", None, None), claims)  # type: ignore[arg-type]
    actions.missed(claims, after=2)


def shown(_desk: Desk) -> None:
    """A worker looks up what it is about to post about."""
    with tenant_scope(LARGE):
        found = sql.find_shown(tenant_id=LARGE, conversation_id=named("conversation 13"))
    assert found is not None


def recognised(_desk: Desk) -> None:
    """Telegram reports a topic of ours, by its title."""
    with tenant_scope(LARGE) as tenant:
        assert not list(selectors.list_without_thread(tenant=tenant, codename="Amber Otter 13"))


# What somebody waits for, and what its statements are about.
_MESSAGES = 'FROM "conversations_message"'
_ADDED = "INSERT INTO conversations_message"
HOT: dict[str, tuple[Call, str]] = {
    "start": (
        lambda desk: desk.operator("POST", "conversations/start", {"name": "Mara"}),
        'FROM "tenants_tenant"',
    ),
    "send": (
        lambda desk: desk.customer("POST", 13, "messages", {"text": "Hi", "client_id": "c"}),
        _ADDED,
    ),
    "reopen": (
        lambda desk: desk.customer("POST", 900_001, "messages", {"text": "Hi again"}),
        _ADDED,
    ),
    "history": (lambda desk: desk.customer("GET", 13, "messages"), _MESSAGES),
    "what is newer": (
        lambda desk: desk.customer("GET", crowd.LONG, "messages?after=2995"),
        _MESSAGES,
    ),
    "the last page": (
        lambda desk: desk.customer("GET", crowd.LONG, "messages?limit=50"),
        _MESSAGES,
    ),
    "an earlier page": (
        lambda desk: desk.customer("GET", crowd.LONG, "messages?limit=50&before=1500"),
        _MESSAGES,
    ),
    "rename": (
        lambda desk: desk.customer("PATCH", 13, "name", {"name": "Mara"}),
        'SET "customer_name"',
    ),
    "change locale": (
        lambda desk: desk.customer("PATCH", 13, "locale", {"locale": "de"}),
        'SET "locale"',
    ),
    "claim": (lambda desk: spoken(desk, 4, "/claim"), 'SET "status"'),
    "reply": (lambda desk: spoken(desk, 13, "On its way"), _ADDED),
    "reply in a former group": (
        lambda desk: spoken(desk, 13, "On its way", chat_id=crowd.FORMER_CHAT_ID),
        _ADDED,
    ),
    "write in a topic of nobody": (
        lambda desk: spoken(desk, 5_000_000, "Hello?"),
        "INSERT INTO channels_telegram_straytopic",
    ),
    "edit": (edited, 'UPDATE "conversations_message"'),
    "close": (lambda desk: spoken(desk, 17, "/close"), 'SET "status"'),
    "open a socket": (socket_opened, _MESSAGES),
    "show in the topic": (shown, "channels_telegram_topic"),
    "recognise a topic": (recognised, '"codename" ='),
    "session": (lambda _desk: SessionStore("no such session").load(), "django_session"),
}
