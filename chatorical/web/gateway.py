"""The outermost ASGI layer: request ids, CORS, access log and metrics for every request.

Hot paths go to the fast handler, sockets to their consumer, everything else to ordinary Django.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from django.conf import settings
from structlog.contextvars import clear_contextvars

from chatorical.metrics import request_metrics
from chatorical.web import cors
from chatorical.web.fast_handler import ClientGone, Receive, Send, limited, send_response
from chatorical.web.webhook_calls import leave_to_view
from conversations.socket.handshake import refusal
from kernel.context import adopt_request_id, gathered_facts, start_request
from kernel.errors import (
    BadRequest,
    DomainError,
    HeadersTooLarge,
    NotFound,
    PayloadTooLarge,
    RequestTimeout,
)
from kernel.http import SECURITY_HEADERS, as_domain_error, error_response
from tenants import configuration, tenant_labels

logger = structlog.get_logger("chatorical.access")

Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

_FAST_PREFIXES = ("/v1/", "/v2/", "/widget.", "/widget/", "/health", "/ready", "/metrics")
# Within those, what is rare and rich enough for ordinary Django: admin calls and exports.
_ORDINARY_PREFIXES = ("/v1/moderation/", "/v1/admin/", "/v2/admin/", "/v2/platform/")
_FAST_CALLS_ON_A_CONVERSATION = ("/start", "/messages", "/name", "/locale")
# What a browser is told about every answer; Django's own and stricter ones stay.
_SECURITY: cors.Headers = [
    (name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()
]
_QUIET = frozenset({"/health", "/ready", "/metrics"})


class Gateway:
    """Routes by kind of request and adds what all answers have in common."""

    def __init__(
        self,
        *,
        fast: Application,
        django: Application,
        sockets: Mapping[str, Application],
        prepare: Callable[[], None],
        finish: Callable[[], None],
    ) -> None:
        """`sockets` are by path; `prepare` is called at the start, `finish` at the end."""
        self._finish = finish
        self._prepare = prepare
        self._fast = fast
        self._django = django
        self._sockets = sockets

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise ValueError(f"unknown kind of connection: {scope['type']}")

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        clear_contextvars()
        start_request()
        request_id = adopt_request_id(_header(scope, b"x-request-id"))
        extra: cors.Headers = [(b"x-request-id", request_id.encode())]
        status = 0

        async def send_with_headers(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), *extra]
                message = {**message, "headers": headers + _missing_of(_SECURITY, headers)}
            await send(message)

        path = scope["path"]
        try:
            fault = _fault_of_head(scope)
            if fault is not None and not leave_to_view(scope, fault):
                await send_response(error_response(fault), send_with_headers)
                return
            # The others are for servers' keys and the console, and for no page of another origin.
            if _is_fast(path) and not _is_public(path):
                extra += await _cors_or_nothing(scope)
            if scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method"):
                extra[1:] = cors.preflight_headers(scope, extra[1:])
                await _no_content(send_with_headers)
            elif _is_fast(path):
                await self._fast(scope, receive, send_with_headers)
            else:
                await self._ordinary(scope, receive, send_with_headers)
        except ClientGone:
            status = 499
        finally:
            _note(scope, status, time.perf_counter() - started)

    async def _ordinary(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """By Django, which would take in a body of any size before it looks at the first byte."""
        try:
            await self._django(scope, limited(scope, receive, settings.MAX_BODY_BYTES), send)
        except (PayloadTooLarge, RequestTimeout) as error:
            await send_response(error_response(error), send)

    async def _websocket(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        clear_contextvars()
        start_request()
        adopt_request_id(_header(scope, b"x-request-id"))
        socket = self._sockets.get(scope["path"])
        fault = _fault_of_head(scope) or (NotFound() if socket is None else None)
        if socket is not None and fault is None:
            await socket(scope, receive, send)
        elif fault is not None:
            await receive()
            for event in refusal(scope, fault):
                await send(event)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Prepare at the start; announce start and end."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._prepare()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                self._finish()
                return


def _fault_of_head(scope: dict[str, Any]) -> DomainError | None:
    """Why a request is not even looked at: too much of it, or two hosts that it is for."""
    headers = scope["headers"]
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    size += sum(len(name) + len(value) for name, value in headers)
    if size > settings.MAX_HEAD_BYTES or len(headers) > settings.MAX_HEADERS:
        return HeadersTooLarge()
    if sum(name == b"host" for name, _ in headers) > 1:
        return BadRequest("Send one Host header.")
    return None


def _is_fast(path: str) -> bool:
    if not path.startswith(_FAST_PREFIXES):
        return False
    if path.startswith("/v1/conversations"):
        return path.endswith(_FAST_CALLS_ON_A_CONVERSATION)
    return not path.startswith(_ORDINARY_PREFIXES)


def _is_public(path: str) -> bool:
    return path in _QUIET or path.startswith(("/widget.", "/widget/"))


async def _cors_or_nothing(scope: dict[str, Any]) -> cors.Headers:
    """The CORS headers; with the database away, only origins known by configuration get them."""
    try:
        return await cors.cors_headers(scope)
    except Exception as error:  # noqa: BLE001 (the edge: the call itself is answered all the same)
        as_domain_error(error)
        return []


async def _no_content(send: Callable[[Any], Awaitable[None]]) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _missing_of(wanted: cors.Headers, present: cors.Headers) -> cors.Headers:
    names = {name.lower() for name, _ in present}
    return [(name, value) for name, value in wanted if name not in names]


def _header(scope: dict[str, Any], name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            decoded: str = value.decode("latin-1")
            return decoded
    return None


def _note(scope: dict[str, Any], status: int, seconds: float) -> None:
    surface = request_metrics.surface_of(scope["path"])
    request_metrics.count_request(
        method=scope["method"],
        surface=surface,
        status=status,
        tenant_label=tenant_labels.label_of(
            configuration.known_slug(gathered_facts().get("tenant_id", ""))
        ),
        seconds=seconds,
    )
    if scope["path"] not in _QUIET:
        logger.info(
            "request",
            method=scope["method"],
            # Not the path itself: it can hold a webhook's secret or a conversation's capability.
            surface=surface,
            status=status,
            ms=round(seconds * 1000, 1),
        )
