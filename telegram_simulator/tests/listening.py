"""A webhook receiver for the tests: notes what comes and answers as told."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str]]


@dataclass
class Received:
    """One POST."""

    update: dict[str, Any]
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return str((self.update.get("message") or {}).get("text", ""))


class Listener:
    """`answer` decides each reply; it may block, as a slow application would."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: Callable[[Received], Reply] = lambda received: (200, {})
        self._received: queue.Queue[Received] = queue.Queue()

    def note(self, received: Received) -> Reply:
        self._received.put(received)
        return self.answer(received)

    def next(self, timeout_seconds: float = 60.0) -> Received:
        """The next POST; raises queue.Empty when none comes."""
        return self._received.get(timeout=timeout_seconds)

    def texts(self, count: int) -> list[str]:
        """Texts of the next messages, service messages left out."""
        found: list[str] = []
        while len(found) < count:
            if text := self.next().text:
                found.append(text)
        return found

    def is_quiet(self) -> bool:
        return self._received.empty()


@contextmanager
def listening() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra = listener.note(Received(json.loads(body), headers))
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Silence: pytest shows what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    listener = Listener(f"http://127.0.0.1:{server.server_port}/hook/secret-path")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
