"""The simulated Stripe as an HTTP server."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

from stripe_simulator import forms, pages
from stripe_simulator.api import Api
from stripe_simulator.errors import Refusal
from stripe_simulator.faults import Fault, Faults, refusal_of
from stripe_simulator.store import Json, Store


class Simulator(ThreadingHTTPServer):
    """One simulated Stripe, on a port of its own."""

    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.store = Store()
        self.api = Api(self.store)
        self.faults = Faults()
        self.base_url = f"http://{host}:{self.server_address[1]}"
        self.api.base_url = self.base_url
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self.serve_forever, name="stripe simulator")
        self._thread.start()

    def stop(self) -> None:
        """End the thread and give the port back."""
        self.shutdown()
        self.server_close()
        if self._thread is not None:
            self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _sim(self) -> Simulator:
        return cast(Simulator, self.server)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        """A call, or a page."""
        self._serve("GET")

    def do_POST(self) -> None:
        """A call, or a button."""
        self._serve("POST")

    def do_DELETE(self) -> None:
        """A call."""
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        given = forms.read("&".join(filter(None, (parts.query, body))))
        try:
            if parts.path.startswith("/v1/"):
                self._call(method, parts.path, given)
            elif parts.path == "/health":
                self._json(200, {"ok": True})
            else:
                self._page(method, parts.path, given)
        except Refusal as refusal:
            self._json(refusal.status, refusal.body)

    def _call(self, method: str, path: str, given: Json) -> None:
        if not self.headers.get("Authorization", "").startswith(("Bearer sk_", "Bearer rk_")):
            raise Refusal(401, "invalid_api_key", "You did not provide an API key.")
        fault = self._sim.faults.next_for(path)
        refusal = refusal_of(fault)
        if refusal is not None:
            raise refusal
        if fault == Fault.CUT_BEFORE:
            self._cut()
            return
        status, answer = self._sim.api.answer(
            method, path, given, self.headers.get("Idempotency-Key")
        )
        if fault == Fault.CUT_AFTER:
            self._cut()
            return
        self._json(status, answer)

    def _page(self, method: str, path: str, given: Json) -> None:
        store, what = self._sim.store, str(given.get("do", ""))
        with store.lock:
            if path == "/":
                if method == "POST":
                    pages.act(store, str(given.get("id", "")), what)
                self._show(pages.overview(store))
            elif path.startswith("/c/pay/"):
                session = store.get("checkout.session", path.rpartition("/")[2])
                target = pages.checkout_act(store, session, what) if method == "POST" else ""
                self._show(pages.checkout(session), target)
            elif path.startswith("/p/session/"):
                session = store.get("billing_portal.session", path.rpartition("/")[2])
                if method == "POST":
                    pages.portal_act(store, session, str(given.get("id", "")), what)
                self._show(pages.portal(store, session))
            else:
                raise Refusal(404, "unknown_url", "There is no such page.")

    def _show(self, html: str, target: str = "") -> None:
        """A page, or the way to another one."""
        headers = {"Location": target} if target else {}
        self._send(303 if target else 200, "text/html; charset=utf-8", html.encode(), headers)

    def _json(self, status: int, body: Json) -> None:
        extra = {"Retry-After": "1"} if status == 429 else {}
        self._send(status, "application/json", json.dumps(body).encode(), extra)

    def _send(self, status: int, kind: str, content: bytes, extra: dict[str, str]) -> None:
        if self.command != "GET":
            with self._sim.store.lock:
                self._sim.store.save()
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), **extra}
        for name, value in {**headers, "Request-Id": "req_simulated"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _cut(self) -> None:
        """End the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
