"""A socket that missed pushes: what lies between comes first, and its own echo stays raw."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from conversations import services, tokens
from conversations.models import Conversation, Message
from conversations.socket import actions
from conversations.socket import hub as hub_module
from conversations.socket.consumer import CustomerSocket
from conversations.socket.hub import Hub
from conversations.socket.pushes import MessagePush, NotePush, Push
from conversations.socket.realtime import message_push
from conversations.tokens import TokenClaims
from kernel.context import adopt_request_id
from kernel.service_threads import in_thread
from tenants.models import Tenant
from tenants.scope import tenant_scope

Frame = dict[str, Any]


class Wire:
    """A customer's end of one socket that runs in this process."""

    def __init__(
        self, consumer: CustomerSocket, conversation: Conversation, query: str = ""
    ) -> None:
        token = tokens.issue_conversation_token(
            tenant_id=conversation.tenant_id, conversation_id=conversation.pk, address="192.0.2.1"
        )
        self._scope = {
            "type": "websocket",
            "headers": [],
            "client": ("192.0.2.1", 1),
            "query_string": f"token={token}{query}".encode(),
        }
        self._consumer = consumer
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._life: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, up to the greeting."""
        self._life = asyncio.create_task(
            self._consumer(self._scope, self._events.get, self._sent.put)
        )
        await self._events.put({"type": "websocket.connect"})
        assert (await self._next())["type"] == "websocket.accept"
        assert await self.frame() == {"ok": True}

    async def _next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._sent.get(), 15)

    async def frame(self) -> Frame:
        """The next frame."""
        frame: Frame = json.loads((await self._next())["text"])
        return frame

    async def say(self, text: str) -> None:
        """Send a frame."""
        await self._events.put({"type": "websocket.receive", "text": text})

    async def close(self) -> None:
        """Hang up and wait until the server's side has ended."""
        assert self._life is not None
        await self._events.put({"type": "websocket.disconnect", "code": 1000})
        await self._life
        assert self._sent.empty(), "nothing else was shown"


@pytest.fixture
def lost_pushes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is away: no push leaves."""

    def lose(hub: Hub, conversation_id: UUID, push: Push) -> None:
        return None

    monkeypatch.setattr(Hub, "broadcast", lose)


@pytest.fixture
def conversation(default_tenant: Tenant, lost_pushes: None) -> Conversation:
    with tenant_scope(default_tenant.pk) as tenant:
        return services.start_conversation(tenant=tenant, customer_name="", locale="default")


def write(conversation: Conversation, text: str) -> Message:
    with tenant_scope(conversation.tenant_id) as tenant:
        return services.add_customer_message(
            tenant=tenant, conversation_id=conversation.pk, text=text
        )


def raw_push(message: Message) -> MessagePush:
    return message_push(message=message, agent_label="", echo_text=f"  {message.text} ")


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def wrapped() -> None:
        await scene()
        # The hub's heartbeat belongs to this loop and ends with it.
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(wrapped())


def seqs_and_texts(frames: list[Frame]) -> list[tuple[int, str]]:
    return [(frame["seq"], frame["text"]) for frame in frames]


def test_a_push_from_the_future_brings_what_lies_between(conversation: Conversation) -> None:
    async def scene() -> None:
        consumer = CustomerSocket()
        wire = Wire(consumer, conversation)
        await wire.open()
        messages = [await in_thread(write, conversation, text) for text in "abc"]
        consumer.feed.offer(raw_push(messages[2]))
        shown = [await wire.frame() for _ in range(3)]
        assert seqs_and_texts(shown) == [(1, "a"), (2, "b"), (3, "  c ")]
        for late in messages:
            consumer.feed.offer(raw_push(late))
        await wire.close()

    run(scene)


def test_an_echo_that_is_on_its_way_stays_raw(conversation: Conversation) -> None:
    async def scene() -> None:
        consumer = CustomerSocket()
        wire = Wire(consumer, conversation)
        await wire.open()
        messages = [await in_thread(write, conversation, text) for text in "ab"]
        consumer.feed.offer(raw_push(messages[1]))
        consumer.feed.offer(raw_push(messages[0]))
        shown = [await wire.frame() for _ in range(2)]
        assert seqs_and_texts(shown) == [(1, "  a "), (2, "  b ")]
        await wire.close()

    run(scene)


def test_a_note_waits_for_the_message_it_follows(conversation: Conversation) -> None:
    async def scene() -> None:
        consumer = CustomerSocket()
        wire = Wire(consumer, conversation)
        await wire.open()
        for text in "abc":
            await in_thread(write, conversation, text)
        consumer.feed.offer(NotePush(seq=2, key="waiting_for_agent", text="Wait"))
        shown = [await wire.frame() for _ in range(3)]
        assert [frame.get("seq") for frame in shown] == [1, 2, None]
        assert shown[2]["key"] == "waiting_for_agent"
        consumer.feed.resync()
        assert (await wire.frame())["seq"] == 3
        await wire.close()

    run(scene)


def test_a_socket_resumes_after_what_it_has_seen(conversation: Conversation) -> None:
    for text in "abc":
        write(conversation, text)

    async def scene() -> None:
        wire = Wire(CustomerSocket(), conversation, "&after=1")
        await wire.open()
        shown = [await wire.frame() for _ in range(2)]
        assert seqs_and_texts(shown) == [(2, "b"), (3, "c")]
        await wire.close()

    run(scene)


def test_a_gap_that_cannot_be_read_is_filled_when_the_database_answers(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.02)
    read, attempts = actions.missed, []

    def missed(claims: TokenClaims, after: int, up_to: int | None = None) -> list[MessagePush]:
        attempts.append(up_to)
        if len(attempts) < 3:
            raise OperationalError("the database is away")
        return read(claims, after, up_to)

    monkeypatch.setattr(actions, "missed", missed)

    async def scene() -> None:
        consumer = CustomerSocket()
        wire = Wire(consumer, conversation)
        await wire.open()
        for text in "ab":
            await in_thread(write, conversation, text)
        consumer.feed.offer(NotePush(seq=2, key="waiting_for_agent", text="Wait"))
        shown = [await wire.frame() for _ in range(3)]
        assert seqs_and_texts(shown[:2]) == [(1, "a"), (2, "b")]
        assert shown[2]["key"] == "waiting_for_agent", "what waited is shown all the same"
        assert len(attempts) >= 3, "two fail; on a slow machine a heartbeat asks once more"
        await wire.close()

    run(scene)


def test_a_refusal_names_the_request(conversation: Conversation) -> None:
    async def scene() -> None:
        sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        events.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "headers": [],
            "query_string": b"",
            "extensions": {"websocket.http.response": {}},
        }
        adopt_request_id("call-7")
        await CustomerSocket()(scope, events.get, sent.put)
        start = sent.get_nowait()
        assert start["status"] == 401
        assert (b"x-request-id", b"call-7") in start["headers"]

    run(scene)


def test_its_own_words_stay_raw_when_others_write_while_they_are_stored(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    say, stored, answered = actions.say, threading.Event(), threading.Event()

    def slow_say(*args: Any) -> MessagePush:
        push = say(*args)
        stored.set()
        assert answered.wait(15)
        return push

    read = actions.missed

    def missed(*args: Any) -> list[MessagePush]:
        found = read(*args)
        answered.set()
        return found

    async def scene() -> None:
        consumer = CustomerSocket()
        wire = Wire(consumer, conversation)
        await wire.open()
        first = await in_thread(write, conversation, "a")
        # The catch-up that this begins reads only after the own message is stored.
        monkeypatch.setattr(actions, "say", slow_say)
        monkeypatch.setattr(actions, "missed", lambda *args: stored.wait(15) and missed(*args))
        consumer.feed.resync()
        await wire.say("  b\t")
        shown = [await wire.frame() for _ in range(2)]
        assert seqs_and_texts(shown) == [(1, "a"), (2, "  b\t")]
        consumer.feed.offer(raw_push(first))
        await wire.close()

    run(scene)
