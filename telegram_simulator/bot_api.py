"""The Bot API over HTTP: `/bot<token>/<method>`.

A bare ASGI application: benchmarks use the simulator as a sink, so the way from a request to its
method and back is kept short. A request passes: token, method name, parameters, injected faults,
the method itself, the log.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from inspect import isawaitable
from typing import Any

import msgspec

import telegram_simulator.methods.editing
import telegram_simulator.methods.sending
import telegram_simulator.methods.setup
import telegram_simulator.methods.topics
import telegram_simulator.methods.updates  # noqa: F401 - each registers its methods
from telegram_simulator.calls import LoggedCall
from telegram_simulator.engine import Simulator
from telegram_simulator.errors import TelegramError, refusal
from telegram_simulator.faults import Fault
from telegram_simulator.methods.registry import METHODS, Call, Method
from telegram_simulator.pacing import SilentWait
from telegram_simulator.records import Bot
from telegram_simulator.request import (
    WrongRequest,
    numeric_chat_id,
    raw_params,
    read_params,
)
from telegram_simulator.schema import Params

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TOKEN_SHAPE = re.compile(r"\d{1,16}:[A-Za-z0-9_-]{3,80}")
LARGEST_REQUEST_BYTES = 1024 * 1024
LARGEST_UPLOAD_BYTES = 50 * 1024 * 1024
CLOCK_SLACK_SECONDS = 0.02
"""Timers may end a little before the wall clock says so."""
ABORT = "simulator.abort"
"""Scope entry that cuts the connection (see `server.py`)."""
_HTML_ERROR = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
_JSON = (b"content-type", b"application/json")
_encode = msgspec.json.Encoder().encode


class BotApi:
    """Serves the methods of all bots of one simulator."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        token, _, name = scope["path"][4:].partition("/")
        sim = self._sim
        bot = sim.bots_by_token.get(token)
        method = METHODS.get(name.lower())
        if bot is None or bot.revoked or method is None or _is_too_large(scope, body):
            await _answer_error(send, _refusal_at_the_door(token, bot, _is_too_large(scope, body)))
            return
        started = time.perf_counter()
        log = sim.calls.open(sim.clock.now(), bot.id, method.name)
        sim.changes.tell("call", bot_id=bot.id, ref=str(log.seq))
        try:
            await self._serve(scope, receive, send, Call(sim, bot, log), method, body)
        finally:
            sim.calls.finish(log, (time.perf_counter() - started) * 1000)
            sim.changes.tell("call", bot_id=bot.id, ref=str(log.seq))

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, call: Call, method: Method, body: bytes
    ) -> None:
        log = call.log
        try:
            params = self._params(log, method, scope, body)
            fault = None
            if self._sim.faults.standing:
                text = getattr(params, "text", "") or getattr(params, "caption", "")
                fault = self._sim.faults.match(method.name, log.chat_id, log.thread_id, text or "")
            if fault is not None:
                log.fault = fault.label
                if fault.kind == "slow":
                    await asyncio.sleep(fault.delay_ms / 1000)
                elif not fault.after_effect:
                    await self._fail(scope, receive, send, log, fault)
                    return
            result = await _run(call, method, params)
            self._sim.store.flush()
            if fault is not None and fault.kind != "slow":
                await self._fail(scope, receive, send, log, fault)
                return
            answer = b'{"ok":true,"result":' + _encode(result) + b"}"
        except TelegramError as error:
            self._sim.store.flush()
            await _answer_error(send, error, log)
            return
        log.status = 200
        await _answer(send, 200, answer, _JSON)

    async def _fail(
        self, scope: Scope, receive: Receive, send: Send, log: LoggedCall, fault: Fault
    ) -> None:
        """Make an injected fault happen on the wire."""
        match fault.kind:
            case "error" | "flood":
                await _answer_error(send, fault.refusal(), log)
            case "html":
                log.status, log.description = 502, "Bad Gateway"
                await _answer(send, 502, _HTML_ERROR, (b"content-type", b"text/html"))
            case "timeout":
                taken_back = self._sim.faults.taken_back(fault)
                await _hold(receive, fault.hold_seconds, taken_back)
                await _cut(scope, receive)
            case _:
                await _cut(scope, receive)

    def _params(self, log: LoggedCall, method: Method, scope: Scope, body: bytes) -> Params:
        content_type = b""
        for name, value in scope["headers"]:
            if name == b"content-type":
                content_type = value
                break
        strict = self._sim.server_options.strict
        try:
            params, problem = read_params(
                method.shape, content_type, scope["query_string"], body, strict=strict
            )
        except TelegramError as error:
            log.params = raw_params(content_type, scope["query_string"], body)
            if isinstance(error, WrongRequest):
                self._sim.calls.violate(log, error.problem)
            raise
        if problem:
            self._sim.calls.violate(log, problem)
        for excess in params.over_limit():
            self._sim.calls.violate(log, excess)
        log.params = params
        if chat_id := getattr(params, "chat_id", 0):
            log.chat_id = numeric_chat_id(chat_id)
            log.thread_id = getattr(params, "message_thread_id", 0)
        return params


async def _run(call: Call, method: Method, params: Params) -> Any:
    try:
        result = method.run(call, params)
    except SilentWait as wait:
        await asyncio.sleep(wait.seconds + CLOCK_SLACK_SECONDS)
        call.waited = True
        result = method.run(call, params)
    return await result if isawaitable(result) else result


def _is_too_large(scope: Scope, body: bytes) -> bool:
    """Only a form with files may be longer than a mebibyte."""
    if len(body) <= LARGEST_REQUEST_BYTES:
        return False
    is_form = dict(scope["headers"]).get(b"content-type", b"").startswith(b"multipart/form-data")
    return not is_form or len(body) > LARGEST_UPLOAD_BYTES


def _refusal_at_the_door(token: str, bot: Bot | None, is_too_large: bool) -> TelegramError:
    if not TOKEN_SHAPE.fullmatch(token):
        return refusal("not_found")
    if bot is None or bot.revoked:
        return refusal("unauthorized")
    if is_too_large:
        return TelegramError(413, "Request Entity Too Large")
    return refusal("method_not_found")


async def _hold(receive: Receive, seconds: float, taken_back: asyncio.Event) -> None:
    """Keep the connection silent until the caller gives up, or the fault is taken back."""
    ends: set[asyncio.Task[Any]] = {
        asyncio.create_task(_until_caller_leaves(receive)),
        asyncio.create_task(taken_back.wait()),
    }
    _, pending = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()


async def _until_caller_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _cut(scope: Scope, receive: Receive) -> None:
    """Reset the connection, and return only when the server knows that it is gone."""
    scope[ABORT]()
    with suppress(TimeoutError):
        async with asyncio.timeout(5.0):
            await _until_caller_leaves(receive)


async def _read_body(receive: Receive) -> bytes:
    event = await receive()
    body: bytes = event.get("body", b"")
    if not event.get("more_body"):
        return body
    chunks = [body]
    while event.get("more_body"):
        event = await receive()
        chunks.append(event.get("body", b""))
    return b"".join(chunks)


async def _answer_error(send: Send, error: TelegramError, log: LoggedCall | None = None) -> None:
    content: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    headers = [_JSON]
    if error.parameters:
        content["parameters"] = error.parameters
    retry_after = (error.parameters or {}).get("retry_after", 0)
    if retry_after:
        headers.append((b"retry-after", str(retry_after).encode()))
    if log is not None:
        log.status, log.description, log.retry_after = error.code, error.description, retry_after
    await _answer(send, error.code, _encode(content), *headers)


async def _answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})
