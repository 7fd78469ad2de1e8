"""A customer's browser, as far as the wire is concerned."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


@dataclass
class Customer:
    """Somebody who has started a conversation. Comes from an address of their own."""

    web: str
    conversation_id: str
    token: str
    codename: str
    tenant_id: str
    address: str
    sockets: list["Socket"] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """What every call of theirs carries."""
        return {"Authorization": f"Bearer {self.token}", "X-Forwarded-For": self.address}

    def url(self, what: str, web: str | None = None) -> str:
        """The address of one of the conversation's calls."""
        return f"{web or self.web}/v1/conversations/{self.conversation_id}/{what}"

    def call(
        self,
        method: str,
        what: str,
        *,
        web: str | None = None,
        headers: Mapping[str, str | None] | Mapping[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """Any call on the conversation, whatever it answers; `headers` come on top of theirs."""
        return requests.request(
            method,
            self.url(what, web),
            headers={**self.headers, **(headers or {})},
            timeout=30,
            **options,
        )

    def send(
        self, text: str, client_id: str | None = None, web: str | None = None
    ) -> dict[str, Any]:
        """Send by HTTP; returns the stored message."""
        body = {"text": text, **({"client_id": client_id} if client_id else {})}
        answer = requests.post(
            self.url("messages", web), json=body, headers=self.headers, timeout=30
        )
        assert answer.status_code == 200, answer.text
        message: dict[str, Any] = answer.json()["message"]
        return message

    def post_receipts(self, body: object) -> requests.Response:
        """Say by HTTP what the widget has got and shown."""
        url = f"{self.web}/v2/conversations/{self.conversation_id}/receipts"
        return requests.post(url, json=body, headers=self.headers, timeout=30)

    def rename(self, name: str) -> None:
        """Introduce themselves."""
        answer = requests.patch(
            self.url("name"), json={"name": name}, headers=self.headers, timeout=30
        )
        assert answer.status_code == 200, answer.text

    def history(self, **query: str | int) -> dict[str, Any]:
        """The history call."""
        answer = requests.get(
            self.url("messages"),
            params=query,
            headers={"X-Forwarded-For": self.address},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def socket(self, web: str | None = None, query: str = "") -> "Socket":
        """An open socket that has read its `{"ok": true}`."""
        address = (web or self.web).replace("http://", "ws://")
        opened = Socket(f"{address}/v1/ws?token={self.token}{query}")
        assert opened.next() == {"ok": True}
        self.sockets.append(opened)
        return opened


class Socket:
    """A customer's open socket."""

    # Types of frames that are never shown.
    passes_over: frozenset[str] = frozenset()

    def __init__(self, address: str, **options: Any) -> None:
        """`options` are for the WebSocket client, such as its subprotocols."""
        self._stack = ExitStack()
        self.connection: ClientConnection = self._stack.enter_context(connect(address, **options))

    def say(self, text: str) -> None:
        """Send a frame."""
        self.connection.send(text)

    def next(self, timeout_seconds: float = 60) -> dict[str, Any]:
        """The next frame."""
        return self.next_that(lambda _frame: True, timeout_seconds)

    def next_that(
        self, is_wanted: Callable[[dict[str, Any]], bool], timeout_seconds: float = 60
    ) -> dict[str, Any]:
        """The next frame that is wanted. Raises TimeoutError with those that were passed over."""
        passed: list[object] = []
        deadline = time.monotonic() + timeout_seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                frame: dict[str, Any] = json.loads(self.connection.recv(timeout=left))
            except TimeoutError:
                break
            if frame.get("type") not in self.passes_over and is_wanted(frame):
                return frame
            passed.append(frame)
        raise TimeoutError(f"not within {timeout_seconds:g} s; passed over: {passed[-20:]}")

    def next_where(self, **expected: object) -> dict[str, Any]:
        """The next frame that has these values, passing over others."""
        return self.next_that(
            lambda frame: all(frame.get(name) == value for name, value in expected.items())
        )

    def next_message(self, timeout_seconds: float = 60) -> dict[str, Any]:
        """The next message, passing over notes and the like, but over no refusal."""
        frame = self.next_that(lambda frame: "seq" in frame or "error" in frame, timeout_seconds)
        assert "error" not in frame, frame
        return frame

    def close_code(self, timeout_seconds: float = 60) -> int:
        """With what the server hangs up; it must have nothing more to say."""
        with pytest.raises(ConnectionClosed) as closed:
            self.connection.recv(timeout=timeout_seconds)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code

    def close(self) -> None:
        """Hang up."""
        self._stack.close()


def new_address() -> str:
    """An address that no other customer of this run has, so that limits per address stay apart."""
    number = uuid.uuid4().int
    return f"10.{number % 256}.{number // 256 % 256}.{number // 65536 % 256}"


def arrive(
    web: str, *, name: str | None = None, locale: str | None = None, tenant: str | None = None
) -> Customer:
    """Start a conversation, with the tenant of this slug."""
    body = {key: value for key, value in (("name", name), ("locale", locale)) if value}
    address = new_address()
    answer = requests.post(
        f"{web}/v1/conversations/start",
        json=body,
        params={"t": tenant} if tenant else None,
        headers={"X-Forwarded-For": address},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return Customer(web=web, address=address, **answer.json())
