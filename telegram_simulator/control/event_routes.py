"""Waiting instead of polling: `/sim/wait` answers once, `/sim/events` keeps talking (SSE)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from telegram_simulator.change_log import Change
from telegram_simulator.control import views
from telegram_simulator.control.web import answer, number, seconds, simulator
from telegram_simulator.engine import Simulator
from telegram_simulator.records import GENERAL, Json

HEARTBEAT_SECONDS = 20.0
MAX_WAIT_SECONDS = 60.0


async def wait(request: Request) -> Response:
    """Answer as soon as something happened, or when `timeout` seconds (10) are over.

    `after_change=N`: any change with a greater number. `after_call=N`: a finished call with a
    greater number; `method`, `chat_id`, `thread_id`, `status` narrow it, `count` asks for more
    than one. Always 200; `happened` tells which of the two ends it was.
    """
    sim = simulator(request)
    loop = asyncio.get_running_loop()
    timeout_seconds = min(seconds(request, "timeout", 10.0), MAX_WAIT_SECONDS)
    deadline = loop.time() + timeout_seconds
    if "after_call" not in request.query_params:
        happened = await sim.changes.wait(number(request, "after_change"), timeout_seconds)
        return answer({"happened": happened, "seq": sim.changes.seq})
    wanted_count = number(request, "count", 1)
    while True:
        seen = sim.changes.seq
        found = _matching_calls(sim, request)
        left = deadline - loop.time()
        if len(found) >= wanted_count or left <= 0 or not await sim.changes.wait(seen, left):
            break
    happened = len(found) >= wanted_count
    return answer({"happened": happened, "seq": sim.changes.seq, "calls": found})


def _matching_calls(sim: Simulator, request: Request) -> list[Json]:
    query = request.query_params
    method, chat_id = query.get("method", "").lower(), number(request, "chat_id")
    status = number(request, "status")
    return [
        call.view()
        for call in sim.calls.since(number(request, "after_call"))
        if call.is_done
        and (not method or call.method.lower() == method)
        and (not chat_id or call.chat_id == chat_id)
        and ("thread_id" not in query or call.thread_id == number(request, "thread_id"))
        and (not status or call.status == status)
    ]


async def events(request: Request) -> Response:
    """Server-sent events: each is a JSON array of changes after `after`, with what is now there.

    `[{"type": "reload"}]` tells a reader that fell behind to fetch the state anew.
    """
    sim = simulator(request)
    after = number(request, "after", sim.changes.seq)
    return StreamingResponse(
        _stream(sim, after), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


async def _stream(sim: Simulator, after: int) -> AsyncIterator[bytes]:
    yield b"retry: 500\n\n"
    seen = after
    while not sim.changes.is_closed:
        changes = sim.changes.since(seen)
        seen = sim.changes.seq
        if changes is None:
            yield _event(seen, [{"type": "reload"}])
        elif changes:
            yield _event(seen, list(_shown(sim, changes)))
        elif not await sim.changes.wait(seen, HEARTBEAT_SECONDS):
            yield b": still here\n\n"


def _event(seq: int, content: list[Json]) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (seq, msgspec.json.encode(content))


def _shown(sim: Simulator, changes: Iterable[Change]) -> Iterable[Json]:
    """The things changed, once each and as they are now."""
    done: set[tuple[object, ...]] = set()
    for change in changes:
        key: tuple[object, ...] = (
            change.kind,
            change.chat_id,
            change.thread_id,
            change.message_id,
            change.bot_id,
        )
        if change.kind in ("call", "answer", "action"):
            key = (*key, change.ref)
        if key in done:
            continue
        done.add(key)
        shown = _thing(sim, change)
        if shown is not None:
            yield {"type": change.kind, **shown}


def _thing(sim: Simulator, change: Change) -> Json | None:
    store = sim.store
    place = {"chat_id": change.chat_id, "thread_id": change.thread_id}
    group = store.groups.get(change.chat_id)
    match change.kind:
        case "message":
            record = store.messages.get((change.chat_id, change.message_id))
            return {"message": views.message(sim, record)} if record else None
        case "message_gone":
            return {**place, "message_id": change.message_id}
        case "topic":
            topic = store.topics.get((change.chat_id, change.thread_id))
            if change.thread_id == GENERAL and group is not None:
                return {"topic": views.general(sim, group)}
            return {"topic": views.topic(sim, topic)} if topic and not topic.is_deleted else None
        case "topic_gone":
            return place
        case "group" | "member":
            return {"group": views.group(sim, group)} if group else None
        case "answer":
            press = sim.callbacks.get(change.ref)
            return {"press": msgspec.to_builtins(press)} if press else None
        case "action":
            return {**place, "bot_id": change.bot_id, "action": change.ref}
        case "call":
            number_of_call = int(change.ref)
            for call in sim.calls.since(number_of_call - 1):
                return {"call": call.view()}
            return None
        case "update":
            bot = store.bots.get(change.bot_id)
            return {"bot": views.bot(sim, bot)} if bot else None
        case _:
            return {}


ROUTES = [
    Route("/wait", wait, methods=["GET"]),
    Route("/events", events, methods=["GET"]),
]
