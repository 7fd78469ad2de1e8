"""Trouble on demand, settings, the call log, deliveries and the clock."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegram_simulator.control import views
from telegram_simulator.control.web import Order, answer, number, order, simulator
from telegram_simulator.delivery_rules import DeliveryRules
from telegram_simulator.engine import ServerOptions
from telegram_simulator.errors import NAMED, ControlError
from telegram_simulator.faults import Fault
from telegram_simulator.pacing import Pacing
from telegram_simulator.records import Json

S = TypeVar("S", bound=msgspec.Struct)


class SettingsOrder(Order):
    """Only what is named changes."""

    server_options: Json = {}
    pacing: Json = {}
    delivery: Json = {}


class BanOrder(Order):
    bot_id: int
    chat_id: int
    seconds: float


class ClockOrder(Order):
    advance_seconds: float


class RepeatOrder(Order):
    times: int = 1
    at_once: bool = False


class UpdateOrder(Order):
    """An update of any content; `kind` is the name of its one field."""

    kind: str
    payload: Any
    lane: str = "made up"


async def get_state(request: Request) -> Response:
    return answer(views.state(simulator(request)))


async def reset(request: Request) -> Response:
    sim = simulator(request)
    sim.reset()
    return answer(views.state(sim))


async def settings(request: Request) -> Response:
    sim = simulator(request)
    if request.method == "PATCH":
        wanted = await order(request, SettingsOrder)
        sim.server_options = _changed(sim.server_options, wanted.server_options, ServerOptions)
        sim.pacer.settings = _changed(sim.pacer.settings, wanted.pacing, Pacing)
        sim.delivery.rules = _changed(sim.delivery.rules, wanted.delivery, DeliveryRules)
        sim.delivery.wake()
        sim.changes.tell("settings")
    return answer(views.settings(sim))


async def faults(request: Request) -> Response:
    """GET lists the standing faults, POST adds one, DELETE takes back all."""
    sim = simulator(request)
    if request.method == "POST":
        wanted = await order(request, Fault)
        if wanted.name and wanted.name not in NAMED:
            raise ControlError(f"no error {wanted.name!r}; there are {', '.join(NAMED)}")
        added = sim.faults.add(wanted)
        sim.changes.tell("settings")
        return answer(views.fault(added), 201)
    if request.method == "DELETE":
        sim.faults.clear()
        sim.changes.tell("settings")
    return answer([views.fault(one) for one in sim.faults.standing])


async def remove_fault(request: Request) -> Response:
    sim = simulator(request)
    if not sim.faults.remove(number(request, "fault_id")):
        raise ControlError("no such fault", status=404)
    sim.changes.tell("settings")
    return answer({})


async def error_names(request: Request) -> Response:
    """Short names of the errors that a fault can answer."""
    return answer({name: {"status": s, "description": d} for name, (s, d) in NAMED.items()})


async def ban(request: Request) -> Response:
    sim = simulator(request)
    wanted = await order(request, BanOrder)
    sim.pacer.ban(sim.clock.now(), wanted.bot_id, wanted.chat_id, wanted.seconds)
    sim.changes.tell("settings")
    return answer({})


async def forgive(request: Request) -> Response:
    """Forget all that was spent and all waits."""
    sim = simulator(request)
    sim.pacer.clear()
    sim.changes.tell("settings")
    return answer({})


async def advance_clock(request: Request) -> Response:
    sim = simulator(request)
    sim.clock.advance((await order(request, ClockOrder)).advance_seconds)
    return answer({"now": sim.clock.now()})


async def calls(request: Request) -> Response:
    """GET: calls after `after` with their counters; DELETE: forget calls and violations."""
    log = simulator(request).calls
    if request.method == "DELETE":
        log.clear()
    limit = number(request, "limit", 500)
    shown = [call.view() for call in log.since(number(request, "after"))][-limit:]
    counters: dict[str, dict[str, int]] = {}
    for (method, outcome), count in log.counts.items():
        counters.setdefault(method, {})[outcome] = count
    return answer({"seq": log.seq, "calls": shown, "counters": counters})


async def violations(request: Request) -> Response:
    return answer(simulator(request).calls.violations)


async def updates(request: Request) -> Response:
    """GET: pending updates and the last deliveries; POST: offer a made-up update."""
    sim = simulator(request)
    bot = sim.bot(number(request, "bot_id"))
    if request.method == "POST":
        wanted = await order(request, UpdateOrder)
        update_id = sim.delivery.offer(
            bot, wanted.kind, wanted.lane, sim.clock.now(), wanted.payload
        )
        return answer({"update_id": update_id}, 201)
    pending = [
        {"update_id": one.update_id, "kind": one.kind, "lane": one.lane, "date": one.date}
        for one in sim.delivery.pending(bot.id)
    ]
    attempts = [one for one in sim.delivery.attempts if one.bot_id == bot.id]
    return answer({"pending": pending, "attempts": attempts[-number(request, "limit", 200) :]})


async def repeat_update(request: Request) -> Response:
    sim = simulator(request)
    bot = sim.bot(number(request, "bot_id"))
    wanted = await order(request, RepeatOrder)
    try:
        statuses = await sim.delivery.send_again(
            bot, number(request, "update_id"), times=wanted.times, at_once=wanted.at_once
        )
    except KeyError:
        raise ControlError("no such update", status=404) from None
    return answer({"statuses": statuses})


async def retry_now(request: Request) -> Response:
    simulator(request).delivery.retry_now()
    return answer({})


def _changed(current: S, wanted: Json, kind: type[S]) -> S:
    names = set(kind.__struct_fields__)
    if unknown := set(wanted) - names:
        raise ControlError(f"no setting {', '.join(sorted(unknown))}; there are {sorted(names)}")
    try:
        return msgspec.convert({**msgspec.to_builtins(current), **wanted}, kind)
    except msgspec.ValidationError as error:
        raise ControlError(str(error)) from error


ROUTES = [
    Route("/state", get_state, methods=["GET"]),
    Route("/reset", reset, methods=["POST"]),
    Route("/settings", settings, methods=["GET", "PATCH"]),
    Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
    Route("/faults/{fault_id}", remove_fault, methods=["DELETE"]),
    Route("/errors", error_names, methods=["GET"]),
    Route("/ban", ban, methods=["POST"]),
    Route("/forgive", forgive, methods=["POST"]),
    Route("/clock", advance_clock, methods=["POST"]),
    Route("/calls", calls, methods=["GET", "DELETE"]),
    Route("/violations", violations, methods=["GET"]),
    Route("/bots/{bot_id}/updates", updates, methods=["GET", "POST"]),
    Route("/bots/{bot_id}/updates/{update_id}/repeat", repeat_update, methods=["POST"]),
    Route("/retry", retry_now, methods=["POST"]),
]
