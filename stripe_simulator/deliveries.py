"""Sending events to a webhook, signed, again and again until it says yes."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
from urllib.parse import urlsplit

from stripe_simulator.objects import shown
from stripe_simulator.store import Json

_TIMEOUT_SECONDS = 10.0
_RETRY_SECONDS = (1, 2, 5, 10, 30)


def signature(payload: bytes, secret: str, *, at: int) -> str:
    """The header that goes with a body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def payload_of(event: Json) -> bytes:
    """The body of an event."""
    return json.dumps(shown(event)).encode()


def post(url: str, payload: bytes, header: str) -> int:
    """Deliver one body; the status of the answer, 0 without any."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_SECONDS)
    try:
        headers = {"Content-Type": "application/json", "Stripe-Signature": header}
        connection.request("POST", parts.path, payload, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Deliverer:
    """Delivers events as they happen, in a thread of its own."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret
        self._waiting: queue.SimpleQueue[Json | None] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stripe deliveries", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more."""
        self._ending.set()
        self._waiting.put(None)
        self._thread.join()

    def offer(self, event: Json) -> None:
        """Have it delivered."""
        self._waiting.put(event)

    def _run(self) -> None:
        while (event := self._waiting.get()) is not None:
            self._deliver(payload_of(event))

    def _deliver(self, payload: bytes) -> None:
        """A retry is signed anew. What nobody takes is given up, as Stripe does after days."""
        for pause in (*_RETRY_SECONDS, 0):
            header = signature(payload, self._secret, at=int(time.time()))
            if 200 <= post(self._url, payload, header) < 300 or self._ending.wait(pause):
                return
