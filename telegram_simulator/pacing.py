"""Telegram's flood limits: how much one bot may do in one group, and what happens beyond.

Nobody outside Telegram knows the exact rules, so each figure is a setting. The default is the
published one: 20 posts a minute in a group, edits, topics and pins included.
"""

from __future__ import annotations

import math
from collections import deque

from msgspec import Struct, field

from telegram_simulator.errors import too_many_requests


class Pacing(Struct):
    """Settings of the flood limits."""

    enabled: bool = True
    per_group: int = 20
    group_window_seconds: float = 60.0
    per_second_burst: int = 0
    """Posts that one chat takes within a second; 0 sets no such limit."""
    per_bot_second: int = 30
    """Posts of a bot within a second over all chats; 0 sets no such limit."""
    costs: dict[str, float] = field(
        default_factory=lambda: {
            "send": 1.0,
            "edit": 1.0,
            "topic": 1.0,
            "pin": 1.0,
            "delete": 0.0,
            "reaction": 0.0,
        }
    )
    """What a call of each family takes from the budget."""
    separate_families: bool = False
    """One budget per family instead of one for all."""
    prolong_seconds: float = 1.0
    """A call during the wait makes the wait this much longer; 0 switches that off."""
    silent_wait_seconds: float = 0.0
    """Shorter waits are sat out inside the call, as the real server does (up to 8 s)."""
    actions_per_5_seconds: int = 20
    """Chat actions have a regime of their own."""


class SilentWait(Exception):
    """The call is to be tried again after this many seconds, without an answer meanwhile."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Budget(Struct):
    """What one bot has spent in one chat; `spent` holds (moment, cost)."""

    spent: deque[tuple[float, float]] = field(default_factory=deque)
    blocked_until: float = 0.0


BudgetKey = tuple[int, int, str]
"""Bot, chat (0: all chats), family ("" when all share one)."""


class Pacer:
    """Counts what is spent and refuses what exceeds the settings."""

    def __init__(self) -> None:
        self.settings = Pacing()
        self._budgets: dict[BudgetKey, Budget] = {}

    def spend(
        self, now: float, bot_id: int, chat_id: int, family: str, *, posts: int = 1, waited: bool
    ) -> None:
        """Take a call's cost; raises TelegramError 429, or SilentWait unless it has `waited`."""
        rules = self.settings
        cost = rules.costs.get(family, 0.0) * posts
        chat = self._budget(bot_id, chat_id, family)
        # A ban (see `ban`) holds even while the limits themselves are switched off.
        self._refuse_while_blocked(chat, now)
        if not rules.enabled or not cost:
            return
        overall = self._budget(bot_id, 0, "")
        _forget(chat, now, max(rules.group_window_seconds, 1.0))
        _forget(overall, now, 1.0)
        wait = max(
            _wait(chat, now, cost, rules.per_group, rules.group_window_seconds),
            _wait(chat, now, cost, rules.per_second_burst, 1.0),
            _wait(overall, now, cost, rules.per_bot_second, 1.0),
        )
        if wait > 0:
            if wait <= rules.silent_wait_seconds and not waited:
                raise SilentWait(wait)
            chat.blocked_until = now + wait
            raise too_many_requests(max(1, math.ceil(wait)))
        chat.spent.append((now, cost))
        overall.spent.append((now, cost))

    def act(self, now: float, bot_id: int, chat_id: int) -> None:
        """Count a chat action; raises TelegramError 429."""
        budget = self._budget(bot_id, chat_id, "action")
        limit = self.settings.actions_per_5_seconds if self.settings.enabled else 0
        _forget(budget, now, 5.0)
        if (wait := _wait(budget, now, 1.0, limit, 5.0)) > 0:
            raise too_many_requests(max(1, math.ceil(wait)))
        budget.spent.append((now, 1.0))

    def ban(self, now: float, bot_id: int, chat_id: int, seconds: float) -> None:
        """Refuse everything of this bot in this chat for a while, as after abuse."""
        self._budget(bot_id, chat_id, "send").blocked_until = now + seconds

    def left(self, now: float, bot_id: int, chat_id: int) -> tuple[float, float]:
        """(posts still allowed now, seconds until a wait ends) of a bot in a chat."""
        rules = self.settings
        budget = self._budget(bot_id, chat_id, "send")
        _forget(budget, now, rules.group_window_seconds)
        spent = sum(cost for _, cost in budget.spent)
        return rules.per_group - spent, max(0.0, budget.blocked_until - now)

    def clear(self) -> None:
        self._budgets.clear()

    def _budget(self, bot_id: int, chat_id: int, family: str) -> Budget:
        shared = family != "action" and not self.settings.separate_families
        key = (bot_id, chat_id, "" if shared else family)
        found = self._budgets.get(key)
        if found is None:
            found = self._budgets[key] = Budget()
        return found

    def _refuse_while_blocked(self, budget: Budget, now: float) -> None:
        if now >= budget.blocked_until:
            return
        budget.blocked_until += self.settings.prolong_seconds
        raise too_many_requests(max(1, math.ceil(budget.blocked_until - now)))


def _forget(budget: Budget, now: float, window_seconds: float) -> None:
    spent = budget.spent
    while spent and spent[0][0] <= now - window_seconds:
        spent.popleft()


def _wait(budget: Budget, now: float, cost: float, limit: int, window_seconds: float) -> float:
    """Seconds until `cost` fits under `limit` per window; 0 when it fits now."""
    if not limit:
        return 0.0
    used = 0.0
    for moment, spent in reversed(budget.spent):
        if moment <= now - window_seconds:
            break
        used += spent
        if used + cost > limit:
            return moment + window_seconds - now
    return 0.0
