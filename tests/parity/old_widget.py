"""Yesterday's widget, as far as the wire is concerned: nobody will ever update it.

It is told from what it does, not from what our server offers: what it does not understand, it
ignores; what it misunderstands, it shows.
"""

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Self

import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.customer import new_address
from tests.waiting import TIMEOUT_SECONDS

PAGE = "https://old-shop.example"
# Its third failed attempt in a row ends the conversation.
ATTEMPTS = 3
# What browsers say of a connection that ended without a word.
CUT_OFF = 1006


@dataclass(frozen=True)
class Bubble:
    """One line in the chat: whose, and what it says."""

    side: str
    text: str
    agent: str = ""


@dataclass
class OldWidget:
    """One page with the widget of the service before this one."""

    web: str
    name: str = ""
    locale: str = ""
    address: str = field(default_factory=new_address)
    session: dict[str, str] = field(default_factory=dict)
    bubbles: list[Bubble] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    has_closed_line: bool = False
    ignored: list[dict[str, Any]] = field(default_factory=list)
    codename: str = ""
    _failures: int = 0
    _last_said: str = ""
    _socket: ClientConnection | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.leave()

    # --- the session -----------------------------------------------------------------------

    @property
    def headers(self) -> dict[str, str]:
        """What the browser adds to every call."""
        return {"Origin": PAGE, "X-Forwarded-For": self.address}

    def start(self) -> None:
        """Begin a conversation, with the name that it has kept from earlier ones."""
        wanted = {"name": self.name, "locale": self.locale}
        body = {key: value for key, value in wanted.items() if value}
        answer = requests.post(
            f"{self.web}/v1/conversations/start", json=body, headers=self.headers, timeout=30
        )
        assert answer.status_code == 200, answer.text
        assert _is_readable_by_the_page(answer)
        started = answer.json()
        self.session = {"id": started["conversation_id"], "token": started["token"]}
        self.codename = started["codename"]

    def reload(self) -> None:
        """The visitor comes to the next page: history first, then the socket."""
        self.leave()
        self.bubbles, self.notes, self.has_closed_line = [], [], False
        self.read_history()
        if not self.session:
            self.start()
        self.connect()

    def read_history(self) -> None:
        """The whole of it, without any token. Whatever is not 2xx ends the session."""
        answer = requests.get(
            f"{self.web}/v1/conversations/{self.session['id']}/messages",
            headers=self.headers,
            timeout=30,
        )
        if not answer.ok or not _is_readable_by_the_page(answer):
            self.session = {}
            return
        history = answer.json()
        for message in history["messages"]:
            self._draw(message)
        self.has_closed_line = history["status"] == "CLOSED"

    def patch(self, what: str, body: dict[str, str]) -> requests.Response:
        """Change name or locale: the one kind of call for which the browser asks first."""
        url = f"{self.web}/v1/conversations/{self.session['id']}/{what}"
        asked = requests.options(
            url,
            headers={
                **self.headers,
                "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "authorization,content-type",
            },
            timeout=30,
        )
        assert asked.status_code in {200, 204}
        named = asked.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
        assert {"authorization", "content-type"} <= set(named), "a star does not cover the first"
        assert "PATCH" in asked.headers["Access-Control-Allow-Methods"]
        bearer = {"Authorization": f"Bearer {self.session['token']}"}
        return requests.patch(url, json=body, headers={**self.headers, **bearer}, timeout=30)

    # --- the socket ------------------------------------------------------------------------

    def connect(self) -> bool:
        """Try once; True when the browser fired `onopen`, which forgets earlier failures."""
        url = f"{self.web.replace('http', 'ws')}/v1/ws?token={self.session['token']}"
        try:
            # Browsers wait longer for an answer than any restart takes; refusals are what counts.
            opened = connect(url, origin=Origin(PAGE), open_timeout=60)
        except (InvalidStatus, OSError):
            self._failures += 1
            return False
        self._socket = self._stack.enter_context(opened)
        self._failures = 0
        return True

    def connect_or_give_up(self) -> int:
        """Try until it is open; after the third failure start anew. Returns the failures."""
        failures = 0
        while not self.connect():
            failures += 1
            if self._failures >= ATTEMPTS:
                self.start()
                self._failures = 0
        return failures

    def leave(self) -> None:
        """The page goes away."""
        self._stack.close()
        self._socket = None

    def say(self, text: str) -> None:
        """Draw the line at once and send it as it was typed, whether greeted or not."""
        self.bubbles.append(Bubble("customer", text))
        self._last_said = text
        self.socket.send(text)

    @property
    def socket(self) -> ClientConnection:
        """The open socket."""
        assert self._socket is not None
        return self._socket

    def hear(self, timeout_seconds: float = 60) -> dict[str, Any]:
        """Take one frame and do with it what it always did; returns it."""
        frame: dict[str, Any] = json.loads(self.socket.recv(timeout=timeout_seconds))
        if frame.get("type") == "agent_joined":
            self.joined.append(frame.get("agent", ""))
        elif frame.get("type") == "info_note":
            self.notes.append(frame["text"])
        elif isinstance(frame.get("text"), str):
            # It has drawn its own line already, and compares with the last one only.
            is_echo = frame.get("direction") != "OUTBOUND" and frame["text"] == self._last_said
            if is_echo:
                self._last_said = ""
            else:
                self._draw(frame)
        else:
            self.ignored.append(frame)
        return frame

    def hear_until(self, **expected: object) -> dict[str, Any]:
        """Hear on until a frame has these values."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            frame = self.hear(left)
            if all(frame.get(name) == value for name, value in expected.items()):
                return frame
        raise TimeoutError(f"no {expected} within {TIMEOUT_SECONDS} s: {self.lines()}")

    def hear_the_end(self) -> int:
        """Hear on until the server closes; returns its code."""
        try:
            while True:
                self.hear()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else CUT_OFF

    def lines(self) -> list[str]:
        """What the visitor reads, oldest first."""
        return [bubble.text for bubble in self.bubbles]

    def _draw(self, message: dict[str, Any]) -> None:
        side = "agent" if message.get("direction") == "OUTBOUND" else "customer"
        self.bubbles.append(Bubble(side, message["text"], message.get("agent", "")))


def _is_readable_by_the_page(answer: requests.Response) -> bool:
    return answer.headers.get("Access-Control-Allow-Origin") in {"*", PAGE}


def open_widget(web: str, *, name: str = "", locale: str = "") -> OldWidget:
    """A widget that has started its conversation, is connected and has been greeted."""
    widget = OldWidget(web, name=name, locale=locale)
    widget.start()
    assert widget.connect()
    assert widget.hear() == {"ok": True}
    return widget
