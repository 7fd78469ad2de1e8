"""Django views without Django's per-request ceremony, for the hot paths.

The stock ASGI handler spends more time around an empty view than our services spend in the
database: a thread context per request, signals, a disconnect listener, a threaded close. These
views need none of it. They read no session, run no middleware and answer small bodies (an upload is
read by its view); the service
threads give their database connections back themselves.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLResolver

from chatorical.web.webhook_calls import is_webhook_call, leave_to_view, require_known_secret
from kernel.body_stream import BODY_STREAM, BodyStream
from kernel.errors import NotFound, PayloadTooLarge, RequestTimeout
from kernel.http import as_domain_error, error_response

_UPLOAD = re.compile(r"/v2/conversations/[^/]+/attachments")

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class ClientGone(Exception):
    """The caller hung up before the body was complete."""


class FastHandler:
    """Answers the addresses of one small URLconf."""

    def __init__(self, resolver: URLResolver) -> None:
        self._resolver = resolver

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Read, resolve, answer."""
        try:
            stream = _stream_for_view(scope, receive)
            body, is_read = (b"", False) if stream else await _read_body(scope, receive)
            response = await self._respond(scope, body)
            if not (stream.is_complete if stream else is_read):
                response.headers["Connection"] = "close"
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 (the edge: a stack trace never leaves)
            response = error_response(as_domain_error(error))
        if isinstance(response, HttpResponse):
            await send_response(response, send, with_body=scope["method"] != "HEAD")
        else:
            await _send_pieces(response, receive, send)

    async def _respond(self, scope: dict[str, Any], body: bytes) -> HttpResponseBase:
        try:
            match = self._resolver.resolve(scope["path"])
        except Resolver404:
            raise NotFound() from None
        request = ASGIRequest(scope, BytesIO(body))
        response: HttpResponseBase = await match.func(request, **match.kwargs)
        return response


def limited(scope: dict[str, Any], receive: Receive, limit: int) -> Receive:
    """`receive` that raises PayloadTooLarge as soon as the body is certain to be over the limit.

    And RequestTimeout when the whole body is not there BODY_TIMEOUT_SECONDS after the first call.
    What is received after that, such as that the caller has left, may take as long as it does.
    """
    declared, arrived = _declared_length(scope), 0
    is_complete = False
    deadline = asyncio.get_running_loop().time() + settings.BODY_TIMEOUT_SECONDS

    async def receive_within_limit() -> Mapping[str, Any]:
        nonlocal arrived, is_complete
        if declared > limit:
            raise PayloadTooLarge()
        if is_complete:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise RequestTimeout() from None
        is_complete = not message.get("more_body", False)
        arrived += len(message.get("body", b""))
        if arrived > limit:
            raise PayloadTooLarge()
        return message

    return receive_within_limit


def _stream_for_view(scope: dict[str, Any], receive: Receive) -> BodyStream | None:
    """The body of an upload, which its view takes to the disk; None for others."""
    if scope["method"] != "POST" or not _UPLOAD.fullmatch(scope["path"]):
        return None
    stream = scope[BODY_STREAM] = BodyStream(receive, _declared_length(scope))
    return stream


async def _read_body(scope: dict[str, Any], receive: Receive) -> tuple[bytes, bool]:
    """The whole body, and whether it was read to its end.

    Raises PayloadTooLarge as soon as that is certain, and RequestTimeout. A webhook call may be
    longer than other calls where its secret is known; an unknown one raises WebhookNotFound as soon
    as it holds more memory than they may. Of a known one, a body that is too large is read and
    thrown away, since a caller that still sends when its answer comes may never read it; the fault
    is left to the view.
    """
    if not is_webhook_call(scope):
        body = _Body(limited(scope, receive, settings.MAX_BODY_BYTES))
        return await body.read(settings.MAX_BODY_BYTES), True
    body = _Body(limited(scope, receive, settings.MAX_DISCARDED_BYTES))
    is_read = True
    try:
        content = await body.read(settings.MAX_BODY_BYTES)
        if body.size > settings.MAX_BODY_BYTES:
            await require_known_secret(scope)
            content = await body.read(settings.MAX_WEBHOOK_BODY_BYTES)
        if body.size <= settings.MAX_WEBHOOK_BODY_BYTES:
            return content, True
        await body.discard()
    except PayloadTooLarge:
        is_read = False
    leave_to_view(scope, PayloadTooLarge())
    return b"", is_read


class _Body:
    """A body that arrives; `size` is how many bytes of it were received."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._chunks: list[bytes] = []
        self._is_complete = False
        self.size = 0

    async def read(self, limit: int) -> bytes:
        """Receive until the end, or until more than `limit` bytes are there; all bytes so far."""
        while not self._is_complete and self.size <= limit:
            self._chunks.append(await self._next())
        return b"".join(self._chunks)

    async def discard(self) -> None:
        """Receive to the end and keep nothing."""
        self._chunks.clear()
        while not self._is_complete:
            await self._next()

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self._is_complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        self.size += len(chunk)
        return chunk


def _declared_length(scope: dict[str, Any]) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def send_response(response: HttpResponse, send: Send, *, with_body: bool = True) -> None:
    """Write a whole answer to an ASGI server."""
    content = response.content
    if response.status_code in {408, 413, 431}:
        # The rest of the request is not waited for, so nothing after it can be read either.
        response.headers["Connection"] = "close"
    headers = _headers(response)
    if not response.has_header("Content-Length") and response.status_code not in {204, 304}:
        headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": content if with_body else b""})


async def _send_pieces(response: Any, receive: Receive, send: Send) -> None:
    """Write a streamed answer; it ends when the caller has gone.

    Whatever goes wrong in the middle ends the connection before the answer is complete: its status
    is on its way already, and a client must not take a part for the whole.
    """
    start = {"status": response.status_code, "headers": _headers(response)}
    leaving = asyncio.ensure_future(receive())
    try:
        await send({"type": "http.response.start", **start})
        async for piece in response:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            # The server says nothing to a sender whose caller has gone.
            await asyncio.sleep(0)
            if leaving.done():
                raise ClientGone
        await send({"type": "http.response.body", "body": b""})
    except ClientGone:
        raise
    except Exception as error:  # noqa: BLE001 (the edge: the connection ends without an end of the answer)
        as_domain_error(error)
    finally:
        leaving.cancel()
        response.close()


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    return [(k.lower().encode("ascii"), v.encode("latin-1")) for k, v in response.items()]
