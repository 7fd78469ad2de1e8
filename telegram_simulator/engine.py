"""The whole simulated Telegram in one object."""

from __future__ import annotations

import random
from pathlib import Path

from msgspec import Struct

from telegram_simulator.callbacks import Callbacks
from telegram_simulator.calls import CallLog
from telegram_simulator.change_log import ChangeLog
from telegram_simulator.clock import Clock
from telegram_simulator.delivery import Delivery
from telegram_simulator.errors import ControlError
from telegram_simulator.faults import Faults
from telegram_simulator.journal import Journal
from telegram_simulator.pacing import Pacer, Pacing
from telegram_simulator.records import Bot, Group, Topic
from telegram_simulator.store import Store


class ServerOptions(Struct):
    """How strictly the Bot API server behaves."""

    strict: bool = True
    """Refuse and record unknown or mistyped parameters; the real server ignores them."""
    deleted_topic_answer: str = "thread_not_found"
    """What a send into a deleted topic answers: this, or `topic_deleted`."""
    callback_seconds: float = 15.0
    """How long a button press can be answered."""
    webhook_pause_seconds: float = 0.0
    """Shortest time between two setWebhook calls of a bot; Telegram's own is 1 s."""


class Simulator:
    """State, clock, log, limits, faults and delivery. Everything runs in one event loop, so a
    method that does not await is atomic."""

    def __init__(self, *, seed: int = 1) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - determinism is the point
        self.clock = Clock()
        self.store = Store()
        self.changes = ChangeLog()
        self.calls = CallLog()
        self.pacer = Pacer()
        self.faults = Faults(self.rng)
        self.server_options = ServerOptions()
        self.callbacks = Callbacks()
        self.delivery = Delivery(self.store, self.clock, self.changes, self.rng)
        self.bots_by_token: dict[str, Bot] = {}

    def open(self, state_file: Path | None) -> None:
        """Remember what the state file holds and resume its deliveries."""
        if state_file is not None:
            self.store.open(Journal(state_file))
        self.bots_by_token = {bot.token: bot for bot in self.store.bots.values()}
        self.delivery.resume()

    async def close(self) -> None:
        await self.delivery.close()
        self.store.close()

    def reset(self) -> None:
        """Back to an empty Telegram with default settings. Numbers of calls and changes go on."""
        self.delivery.forget_all()
        self.store.forget_all()
        self.bots_by_token.clear()
        self.clock.reset()
        self.calls.clear()
        self.pacer.clear()
        self.pacer.settings = Pacing()
        self.faults.clear()
        self.callbacks.clear()
        self.server_options = ServerOptions()
        self.changes.tell("reset")

    def group(self, chat_id: int) -> Group:
        """The group; raises ControlError 404."""
        try:
            return self.store.groups[chat_id]
        except KeyError:
            raise ControlError(f"no group {chat_id}", status=404) from None

    def topic(self, chat_id: int, thread_id: int) -> Topic:
        """The topic, deleted ones excluded; raises ControlError 404."""
        topic = self.store.topics.get((chat_id, thread_id))
        if topic is None or topic.is_deleted:
            raise ControlError(f"no topic {thread_id} in group {chat_id}", status=404)
        return topic

    def bot(self, bot_id: int) -> Bot:
        """The bot; raises ControlError 404."""
        try:
            return self.store.bots[bot_id]
        except KeyError:
            raise ControlError(f"no bot {bot_id}", status=404) from None
