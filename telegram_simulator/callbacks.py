"""Presses of inline buttons and their answers. They live seconds, so they are not stored."""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Struct

from telegram_simulator.errors import refusal
from telegram_simulator.records import Json

REMEMBERED_PRESSES = 2_000


class Press(Struct):
    """One press of one person; answered at most once, and only while it is fresh."""

    id: str
    bot_id: int
    user_id: int
    chat_id: int
    message_id: int
    data: str
    at: float
    answered: bool = False
    text: str = ""
    show_alert: bool = False
    url: str = ""
    payload: Json | None = None
    """The callback query as delivered, for sending the same press again."""


class Callbacks:
    """The last presses by their id."""

    def __init__(self) -> None:
        self._presses: OrderedDict[str, Press] = OrderedDict()

    def add(self, press: Press) -> None:
        self._presses[press.id] = press
        while len(self._presses) > REMEMBERED_PRESSES:
            self._presses.popitem(last=False)

    def get(self, press_id: str) -> Press | None:
        return self._presses.get(press_id)

    def answerable(self, press_id: str, bot_id: int, now: float, within_seconds: float) -> Press:
        """The press to answer; raises "query is too old" for any reason not to."""
        press = self._presses.get(press_id)
        if (
            press is None
            or press.bot_id != bot_id
            or press.answered
            or now - press.at > within_seconds
        ):
            raise refusal("query_too_old")
        return press

    def clear(self) -> None:
        self._presses.clear()
