"""JSON in, JSON out, for the control API."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from telegram_simulator.engine import Simulator
from telegram_simulator.errors import ControlError

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


class Order(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of request bodies: a misspelt field is refused."""


def simulator(request: Request) -> Simulator:
    found: Simulator = request.app.state.simulator
    return found


def answer(content: Any, status: int = 200) -> Response:
    return Response(_encode(content), status, media_type="application/json")


async def order(request: Request, kind: type[T]) -> T:
    """The typed request body; raises ControlError saying what is wrong with it."""
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind)
    except msgspec.DecodeError as error:
        raise ControlError(str(error)) from error


def number(request: Request, name: str, default: int = 0) -> int:
    """A whole number of the path or else of the query."""
    raw = request.path_params.get(name, request.query_params.get(name, default))
    try:
        return int(raw)
    except (TypeError, ValueError):
        raise ControlError(f"{name} is not a number") from None


def seconds(request: Request, name: str, default: float) -> float:
    try:
        return float(request.query_params.get(name, default))
    except ValueError:
        raise ControlError(f"{name} is not a number of seconds") from None


async def refuse(request: Request, error: Exception) -> Response:
    """A ControlError as its answer."""
    status = error.status if isinstance(error, ControlError) else 400
    return answer({"error": {"message": str(error)}}, status)
