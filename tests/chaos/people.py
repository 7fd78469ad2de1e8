"""Customers who write and watch, agents who answer, and what each of them was told."""

import random
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
from websockets.exceptions import InvalidHandshake, WebSocketException

from telegram_simulator.client_http import SimulatorRefused
from telegram_simulator.group_client import SupportGroup
from telegram_simulator.seen import SeenMessage
from tests.chaos.world import World
from tests.customer import Customer, arrive
from tests.sockets.typed import TypedSocket

# Longer than any fault, and than the retries after it.
GIVES_UP_SECONDS = 90
_CALL_SECONDS = 12
_CATCHES_UP_SECONDS = 30
_OUTAGE = frozenset({429, 502, 503, 504})


@dataclass
class Crowd:
    """Whether the people go on, and whether they hurry."""

    enough: threading.Event = field(default_factory=threading.Event)
    burst: threading.Event = field(default_factory=threading.Event)

    def pause(self, seconds: float) -> None:
        """Until they write again; hardly a moment in a burst."""
        self.enough.wait(0.01 if self.burst.is_set() else seconds)


class Person(threading.Thread):
    """Does something over and over until the crowd has had enough; keeps what went wrong."""

    def __init__(self, crowd: Crowd, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.crowd = crowd
        self.problems: list[str] = []

    def run(self) -> None:
        """Work; an error of the test's own is a problem of the run, too."""
        try:
            while not self.crowd.enough.is_set():
                self.act()
        except Exception as error:  # noqa: BLE001 - shown in the audit
            self.problems.append(f"{self.name} stopped: {error!r}")

    def act(self) -> None:
        """One round."""
        raise NotImplementedError


class Visitor(Person):
    """A customer whose widget repeats what was not confirmed, at whichever web process answers."""

    def __init__(self, crowd: Crowd, world: World, slug: str, number: int, seed: str) -> None:
        super().__init__(crowd, f"{slug}.{number}")
        self.slug = slug
        self.addresses = list(world.addresses)
        self.random = random.Random(f"{seed} {self.name}")
        self.customer: Customer = arrive(self.addresses[0], tenant=slug)
        self.accepted: list[str] = []
        """What the product has said that it has, in the order in which it was written."""
        self.unsure: set[str] = set()
        """What was given up without an answer: it may be there or not."""
        self._count = 0

    def act(self) -> None:
        self._count += 1
        text = f"{self.name} line {self._count}"
        if self._send(text):
            self.accepted.append(text)
        self.crowd.pause(self.random.uniform(0.2, 0.9))

    def _send(self, text: str) -> bool:
        deadline = time.monotonic() + GIVES_UP_SECONDS
        # One in ten closes the page at the first trouble.
        is_patient = self.random.random() > 0.1
        while time.monotonic() < deadline:
            if self._is_taken(text):
                return True
            if not is_patient:
                self.unsure.add(text)
                return False
            self.addresses.reverse()
            time.sleep(0.1)
        self.unsure.add(text)
        self.problems.append(f"{text!r} was not accepted in {GIVES_UP_SECONDS} s")
        return False

    def _is_taken(self, text: str) -> bool:
        """Send it once by HTTP."""
        try:
            answer = requests.post(
                self.customer.url("messages", self.addresses[0]),
                json={"text": text, "client_id": text},
                headers=self.customer.headers,
                timeout=_CALL_SECONDS,
            )
        except requests.RequestException:
            # A dead or paused process: the message may be stored, and is sent again as the same.
            return False
        if answer.status_code not in {200, *_OUTAGE}:
            self.problems.append(f"{text!r} was answered {answer.status_code}: {answer.text[:200]}")
        return answer.status_code == 200


class TypedVisitor(Visitor):
    """The same by a socket that speaks v2: an acknowledgement is the product's word."""

    _socket: TypedSocket | None = None

    def _is_taken(self, text: str) -> bool:
        try:
            if self._socket is None:
                self._socket = open_socket(self.customer, self.addresses[0])
            answer = self._ask(self._socket, text)
        except (OSError, TimeoutError, WebSocketException):
            self.hang_up()
            return False
        if answer["type"] == "error" and answer["code"] not in {"unavailable", "rate_limited"}:
            self.problems.append(f"{text!r} was answered {answer}")
        return bool(answer["type"] == "ack")

    @staticmethod
    def _ask(opened: TypedSocket, text: str) -> dict[str, Any]:
        opened.ask("message", text=text, client_id=text)
        return opened.next_that(lambda frame: frame["type"] in {"ack", "error"}, _CALL_SECONDS)

    def hang_up(self) -> None:
        """Lose the socket; the next message opens another one."""
        if self._socket is not None:
            cut(self._socket)
            self._socket = None


class Watcher(Person):
    """A second window of a customer's: must see every message once, in order, without a gap."""

    def __init__(self, crowd: Crowd, visitor: Visitor) -> None:
        super().__init__(crowd, f"{visitor.name} watching")
        self.customer = visitor.customer
        self.addresses = list(visitor.addresses)
        self.seen: list[tuple[int, str]] = []
        self.socket: TypedSocket | None = None

    @property
    def last_seq(self) -> int:
        """The newest that it has seen."""
        return self.seen[-1][0] if self.seen else 0

    def act(self) -> None:
        try:
            if self.socket is None:
                query = f"&after={self.last_seq}"
                self.socket = open_socket(self.customer, self.addresses[0], query)
            self._note(self.socket.next(timeout_seconds=2))
        except TimeoutError:
            return
        except (OSError, WebSocketException):
            self.hang_up()
            self.addresses.reverse()
            self.crowd.enough.wait(0.1)

    def _note(self, frame: dict[str, object]) -> None:
        if frame["type"] == "error" and frame["code"] != "unavailable":
            self.problems.append(f"{self.name} was told {frame}")
        if frame["type"] == "message":
            self.seen.append((int(str(frame["seq"])), str(frame["id"])))

    def hang_up(self) -> None:
        """Lose the socket; the next look opens another one."""
        lost, self.socket = self.socket, None
        if lost is not None:
            cut(lost)

    def catch_up(self) -> None:
        """After all trouble the open socket shows what it has missed, without being asked."""
        last = int(history_of(self.customer)[-1]["seq"])
        deadline = time.monotonic() + _CATCHES_UP_SECONDS
        while self.last_seq < last and time.monotonic() < deadline:
            self.act()
        if self.last_seq < last:
            self.problems.append(f"{self.name}: its socket stays at {self.last_seq} of {last}")
        self.hang_up()


@dataclass(frozen=True)
class Answer:
    """What an agent has written, for whom, and where."""

    text: str
    conversation_id: str
    group: SupportGroup
    message: SeenMessage
    is_for_bot: bool
    """Whether the bot was in the group: Telegram delivers nothing else to it."""


class Agent(Person):
    """Claims every conversation where it is shown, and answers there."""

    def __init__(
        self, crowd: Crowd, world: World, slug: str, visitors: list[Visitor], seed: str
    ) -> None:
        super().__init__(crowd, f"agent of {slug}")
        self.shop = world.shops[slug]
        self.visitors = visitors
        self.random = random.Random(f"{seed} {self.name}")
        self.answers: list[Answer] = []
        self._claimed: set[str] = set()

    def act(self) -> None:
        visitor = self.random.choice(self.visitors)
        group = self.shop.group
        codename = visitor.customer.codename
        topics = [topic for topic in group.topics() if codename in topic.name]
        if topics:
            text = f"{self.shop.slug} answer {len(self.answers) + 1} for {visitor.name}"
            was_here = self.shop.has_bot
            try:
                if codename not in self._claimed:
                    group.write("Ana", "/claim", topics[-1].thread_id)
                    if was_here and self.shop.has_bot:
                        self._claimed.add(codename)
                message = group.write("Ana", text, topics[-1].thread_id)
            except SimulatorRefused:
                # The topic or the group has gone between the look and the word.
                return
            is_for_bot = was_here and self.shop.has_bot
            answer = Answer(text, visitor.customer.conversation_id, group, message, is_for_bot)
            self.answers.append(answer)
        self.crowd.pause(self.random.uniform(0.2, 0.9))


def history_of(customer: Customer) -> list[dict[str, Any]]:
    """What the customer reads after a reload; only the default tenant shows it without a token."""
    answer = customer.call("GET", "messages")
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def open_socket(customer: Customer, web: str, query: str = "") -> TypedSocket:
    """A v2 socket that has been greeted."""
    address = f"{web.replace('http', 'ws')}/v1/ws?x=1{query}"
    opened = TypedSocket(address, customer.token)
    if opened.next(timeout_seconds=_CALL_SECONDS) != {"ok": True}:
        cut(opened)
        raise InvalidHandshake("refused")
    return opened


def cut(opened: TypedSocket) -> None:
    """End a connection as a lost network does, without good-bye."""
    with suppress(OSError):
        opened.connection.socket.shutdown(socket.SHUT_RDWR)
