"""Updates on their way to the bots: queues, webhook delivery, retries, duplicates.

Updates of one lane (kind and chat; for button presses kind and person) leave strictly one after
another; lanes run side by side up to the webhook's max_connections. A lane waits on events only,
so a healthy delivery starts in the same loop turn in which its update was made.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict, deque
from contextlib import suppress
from http import HTTPStatus

import msgspec

from telegram_simulator.change_log import ChangeLog
from telegram_simulator.clock import Clock
from telegram_simulator.delivery_rules import Attempt, DeliveryRules
from telegram_simulator.receiver import Answer, ReceiverFailed, Receivers
from telegram_simulator.records import Bot, Json, PendingUpdate, Webhook
from telegram_simulator.store import Store

OFF_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
MESSAGE_LIFE_SECONDS = 24 * 3600.0
PRESS_LIFE_SECONDS = 150.0
GONE_AFTER_SECONDS = 23 * 3600.0
MAX_RETRY_AFTER = 3600
REMEMBERED_DELIVERIES = 2_000


class _Lane:
    """One ordered queue and the task that empties it."""

    def __init__(self) -> None:
        self.queue: deque[PendingUpdate] = deque()
        self.failures = 0
        self.due = 0.0
        self.wake = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Delivery:
    """All bots' pending updates."""

    def __init__(self, store: Store, clock: Clock, changes: ChangeLog, rng: random.Random) -> None:
        self.rules = DeliveryRules()
        self.attempts: deque[Attempt] = deque(maxlen=REMEMBERED_DELIVERIES)
        self._store = store
        self._clock = clock
        self._changes = changes
        self._rng = rng
        self._receivers = Receivers()
        self._lanes: dict[tuple[int, str], _Lane] = {}
        self._slots: dict[int, asyncio.Semaphore] = {}
        self._sent: OrderedDict[tuple[int, int], PendingUpdate] = OrderedDict()
        self._extra: set[asyncio.Task[Answer]] = set()
        clock.on_advance(self.wake)

    def offer(self, bot: Bot, kind: str, lane: str, date: float, payload: Json) -> int:
        """Queue one update for a bot; its id, or 0 when the bot did not ask for this kind."""
        allowed = bot.webhook.allowed_updates
        if kind not in allowed if allowed else kind in OFF_BY_DEFAULT:
            return 0
        update_id = bot.next_update_id
        body = msgspec.json.encode({"update_id": update_id, kind: payload}).decode()
        update = PendingUpdate(bot.id, update_id, kind, lane, date, body)
        self._store.put(update)
        self._changes.tell("update", bot_id=bot.id, ref=str(update_id))
        if bot.webhook.url:
            self._line_up(update)
        return update_id

    def pending(self, bot_id: int) -> list[PendingUpdate]:
        return list(self._store.updates.get(bot_id, {}).values())

    def confirm_below(self, bot_id: int, offset: int) -> None:
        """getUpdates with an offset: everything older has been received."""
        for update in self.pending(bot_id):
            if update.update_id < offset:
                self._settle(update)

    def webhook_changed(self, bot: Bot, *, drop_pending: bool) -> None:
        """Stop what runs, then go on with the new settings."""
        self._stop(bot.id)
        if drop_pending:
            for update in self.pending(bot.id):
                self._store.forget_update(update)
        self._changes.tell("update", bot_id=bot.id)
        if bot.webhook.url:
            for update in self.pending(bot.id):
                self._line_up(update)

    def resume(self) -> None:
        """Line up what was undelivered when the process ended."""
        for bot in self._store.bots.values():
            self.webhook_changed(bot, drop_pending=False)

    def wake(self) -> None:
        """Let every waiting lane look at clock and rules again."""
        for lane in self._lanes.values():
            lane.wake.set()

    def retry_now(self) -> None:
        """End all waits between retries."""
        for lane in self._lanes.values():
            lane.due = 0.0
        self.wake()

    async def send_again(
        self, bot: Bot, update_id: int, *, times: int = 1, at_once: bool = False
    ) -> list[int]:
        """Deliver an update again, past its lane; HTTP statuses, 0 where no answer came.

        Raises KeyError for an id that was never delivered or is long forgotten.
        """
        update = self._sent.get((bot.id, update_id)) or self._store.updates[bot.id][update_id]
        posts = [self._post(bot, update) for _ in range(times)]
        if at_once:
            return [answer.status for answer in await asyncio.gather(*posts)]
        return [(await post).status for post in posts]

    def forget_all(self) -> None:
        for bot_id in {bot_id for bot_id, _ in self._lanes}:
            self._stop(bot_id)
        self.attempts.clear()
        self._sent.clear()
        self.rules = DeliveryRules()

    async def close(self) -> None:
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._receivers.close()

    def _line_up(self, update: PendingUpdate) -> None:
        key = (update.bot_id, update.lane)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane()
        lane.queue.append(update)
        if lane.task is None:
            lane.task = asyncio.get_running_loop().create_task(self._drain(update.bot_id, lane))

    def _stop(self, bot_id: int) -> None:
        for key in [key for key in self._lanes if key[0] == bot_id]:
            if task := self._lanes.pop(key).task:
                task.cancel()
        self._slots.pop(bot_id, None)

    async def _drain(self, bot_id: int, lane: _Lane) -> None:
        while lane.queue:
            update = lane.queue[0]
            bot = self._store.bots[bot_id]
            if self._is_expired(update):
                lane.queue.popleft()
                self._settle(update)
                continue
            if not await self._is_time(lane, update):
                continue
            async with self._slot(bot):
                failure = await self._deliver(bot, update)
            if failure is None:
                lane.failures = 0
                lane.queue.popleft()
                self._settle(update)
            else:
                lane.failures += 1
                lane.due = self._clock.now() + self.rules.delay_scale * (
                    failure.retry_after or self._back_off(lane.failures)
                )
        lane.task = None

    async def _is_time(self, lane: _Lane, update: PendingUpdate) -> bool:
        """Wait while this update may not leave; False when the caller should look again."""
        held = self.rules.held_kinds
        is_held = "*" in held or update.kind in held
        wait = lane.due - self._clock.now()
        if not is_held and wait <= 0:
            return True
        lane.wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(lane.wake.wait(), None if is_held else wait)
        return False

    def _slot(self, bot: Bot) -> asyncio.Semaphore:
        if bot.id not in self._slots:
            self._slots[bot.id] = asyncio.Semaphore(bot.webhook.max_connections)
        return self._slots[bot.id]

    async def _deliver(self, bot: Bot, update: PendingUpdate) -> Answer | None:
        """One delivery with its copies; None is success, else what was answered."""
        rules = self.rules
        loop = asyncio.get_running_loop()
        if rules.copies_at_once:
            for _ in range(rules.extra_copies):
                task = loop.create_task(self._post(bot, update))
                self._extra.add(task)
                task.add_done_callback(self._extra.discard)
        answer = await self._post(bot, update)
        if 200 <= answer.status < 300 and rules.lose_answers > 0:
            rules.lose_answers -= 1
            self._note_error(bot, "Read timeout expired")
            return Answer(0)
        if not 200 <= answer.status < 300:
            return answer
        if not rules.copies_at_once:
            for _ in range(rules.extra_copies):
                await self._post(bot, update)
        return None

    async def _post(self, bot: Bot, update: PendingUpdate) -> Answer:
        """One POST; an answer of status 0 stands for none."""
        hook = bot.webhook
        started = self._clock.now()
        error = ""
        try:
            answer = await self._receivers.post(
                hook.url, hook.secret_token, update.body.encode(), self.rules.timeout_seconds
            )
        except ReceiverFailed as failed:
            answer, error = Answer(0), str(failed)
        answer.retry_after = min(answer.retry_after, MAX_RETRY_AFTER)
        if answer.status and not 200 <= answer.status < 300:
            error = f"Wrong response from the webhook: {answer.status} {_phrase(answer.status)}"
        self.attempts.append(
            Attempt(
                bot.id,
                update.update_id,
                update.kind,
                started,
                answer.status,
                error,
                (self._clock.now() - started) * 1000,
            )
        )
        if error:
            self._note_error(bot, error)
        self._note_gone(bot, answer.status)
        return answer

    def _note_error(self, bot: Bot, error: str) -> None:
        bot.webhook.last_error_date = int(self._clock.now())
        bot.webhook.last_error_message = error
        self._store.put(bot)
        self._changes.tell("update", bot_id=bot.id)

    def _note_gone(self, bot: Bot, status: int) -> None:
        """410 says that nobody lives here; Telegram believes it after 23 hours."""
        now = self._clock.now()
        if status != 410:
            bot.webhook.gone_since = 0.0
        elif not bot.webhook.gone_since:
            bot.webhook.gone_since = now
        elif now - bot.webhook.gone_since > GONE_AFTER_SECONDS:
            bot.webhook = Webhook(
                last_error_date=int(now), last_error_message=bot.webhook.last_error_message
            )
            self._store.put(bot)
            self.webhook_changed(bot, drop_pending=False)

    def _settle(self, update: PendingUpdate) -> None:
        self._store.forget_update(update)
        self._store.flush()
        self._sent[update.bot_id, update.update_id] = update
        while len(self._sent) > REMEMBERED_DELIVERIES:
            self._sent.popitem(last=False)
        self._changes.tell("update", bot_id=update.bot_id, ref=str(update.update_id))

    def _is_expired(self, update: PendingUpdate) -> bool:
        life = PRESS_LIFE_SECONDS if update.kind == "callback_query" else MESSAGE_LIFE_SECONDS
        return self._clock.now() - update.date > life

    def _back_off(self, failures: int) -> float:
        """Seconds before the next try: none, then 2, 4, 8, 16, 32, then one or two minutes."""
        if failures == 1:
            return 0.0
        return 2.0 ** (failures - 1) if failures <= 6 else self._rng.uniform(60, 120)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
