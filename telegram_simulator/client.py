"""Synchronous client of the control API, for tests and tools.

    with running_simulator() as sim:
        support = sim.add_support_group(token="42:secret", chat_id=-100500)
        ...
        topic = support.wait_for_topic("Amber Otter")
        support.write("Ana", "Hello", topic.thread_id)

Every `wait_for_…` blocks on the simulator's own events and raises SimulatorTimeout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import msgspec

from telegram_simulator.client_http import SimulatorRefused, SimulatorTimeout, Talk
from telegram_simulator.group_client import SupportGroup
from telegram_simulator.running import SimulatorProcess
from telegram_simulator.seen import (
    SeenCall,
    SeenUpdates,
    SeenViolation,
    SeenWebhook,
)

__all__ = [
    "SimulatorClient",
    "SimulatorProcess",
    "SimulatorRefused",
    "SimulatorTimeout",
    "SupportGroup",
    "running_simulator",
]

FIRST_AGENT_ID = 7001
FaultKind = Literal["error", "flood", "html", "timeout", "reset", "slow"]


class SimulatorClient(Talk):
    """Everything that can be done to a simulator, and everything that can be seen of it."""

    def __init__(self, base_url: str, process: SimulatorProcess | None = None) -> None:
        super().__init__(base_url)
        self.process = process
        """The child process, when `running_simulator` started one."""

    def __enter__(self) -> SimulatorClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Making a Telegram

    def add_support_group(
        self,
        *,
        token: str,
        chat_id: int,
        title: str = "Support",
        agents: Sequence[str] = ("Ana", "Greg"),
        username: str = "chatorical_bot",
        is_forum: bool = True,
        type: str = "supergroup",
    ) -> SupportGroup:
        """A bot, its agents (the first owns the group) and their forum group; repeatable."""
        bot_id = int(token.partition(":")[0])
        ids = {name: FIRST_AGENT_ID + place for place, name in enumerate(agents)}
        members = [
            {"user_id": user_id, "standing": "administrator" if place else "creator"}
            for place, user_id in enumerate(ids.values())
        ]
        members.append({"user_id": bot_id, "standing": "administrator"})
        group = {
            "id": chat_id,
            "title": title,
            "type": type,
            "is_forum": is_forum,
            "members": members,
        }
        self.seed(
            bots=[{"token": token, "username": username}],
            users=[
                {"id": user_id, "first_name": name, "username": name.lower()}
                for name, user_id in ids.items()
            ],
            groups=[group],
        )
        return SupportGroup(self, chat_id, bot_id, ids)

    def seed(
        self,
        *,
        bots: Sequence[dict[str, Any]] = (),
        users: Sequence[dict[str, Any]] = (),
        groups: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Make all of these exist (see README.md for the fields)."""
        self.call("POST", "/seed", {"bots": bots, "users": users, "groups": groups})

    def revoke_token(self, bot_id: int) -> None:
        self.call("POST", f"/bots/{bot_id}/revoke")

    def set_privacy(self, bot_id: int, *, on: bool) -> None:
        """Switch the bot's privacy mode; it is on until this is called."""
        self.call("PUT", f"/bots/{bot_id}/privacy", {"enabled": on})

    def reset(self) -> None:
        """An empty Telegram with default settings."""
        self.call("POST", "/reset")

    # Settings and trouble

    def set_server_options(self, **changes: Any) -> None:
        """strict, deleted_topic_answer, callback_seconds, webhook_pause_seconds."""
        self.call("PATCH", "/settings", {"server_options": changes})

    def set_pacing(self, **changes: Any) -> None:
        """enabled, per_group, group_window_seconds, prolong_seconds, costs, …"""
        self.call("PATCH", "/settings", {"pacing": changes})

    def set_delivery(self, **changes: Any) -> None:
        """delay_scale, held_kinds, extra_copies, copies_at_once, lose_answers, timeout_seconds."""
        self.call("PATCH", "/settings", {"delivery": changes})

    def add_fault(
        self,
        kind: FaultKind,
        *,
        method: str = "",
        times: int | None = 1,
        after_effect: bool = False,
        name: str = "",
        retry_after: int = 3,
        **more: Any,
    ) -> int:
        """Order the next `times` matching calls to fail (None: all); the fault's id.

        `name` is the short name of an error for kind `error`; `more` takes chat_id, thread_id,
        text, probability, status, description, parameters, delay_ms and hold_seconds.
        """
        order = {
            "kind": kind,
            "method": method,
            "times": times,
            "after_effect": after_effect,
            "name": name,
            "retry_after": retry_after,
            **more,
        }
        fault_id: int = self.call("POST", "/faults", order)["id"]
        return fault_id

    def remove_fault(self, fault_id: int) -> None:
        self.call("DELETE", f"/faults/{fault_id}")

    def clear_faults(self) -> None:
        self.call("DELETE", "/faults")

    def ban(self, bot_id: int, chat_id: int, seconds: float) -> None:
        """Answer every post of the bot in the chat with 429 for that long."""
        self.call("POST", "/ban", {"bot_id": bot_id, "chat_id": chat_id, "seconds": seconds})

    def forgive(self) -> None:
        """Forget all that was spent of the flood limits, and all bans."""
        self.call("POST", "/forgive")

    def advance_clock(self, seconds: float) -> None:
        self.call("POST", "/clock", {"advance_seconds": seconds})

    # Bot API calls

    @property
    def last_call(self) -> int:
        """Number of the last call so far: what to pass as `after`."""
        last: int = self.call("GET", "/calls", limit=0)["seq"]
        return last

    def calls(self, method: str = "", *, after: int = 0) -> list[SeenCall]:
        """Calls in order, finished or not, of one method or of all."""
        seen = self.call("GET", "/calls", after=after, limit=100_000)["calls"]
        found = msgspec.convert(seen, list[SeenCall])
        return [one for one in found if not method or one.method == method]

    def violations(self) -> list[SeenViolation]:
        """Calls that broke the Bot API's published parameters: a test wants none."""
        return self.read(list[SeenViolation], "GET", "/violations")

    def clear_calls(self) -> None:
        self.call("DELETE", "/calls")

    def wait_for_call(
        self,
        method: str = "",
        *,
        after: int = 0,
        count: int = 1,
        status: int | None = None,
        chat_id: int | None = None,
        thread_id: int | None = None,
        timeout_seconds: float = 60.0,
    ) -> list[SeenCall]:
        """The finished calls with a number greater than `after`, once there are `count`."""
        seen = self.call(
            "GET",
            "/wait",
            poll_seconds=timeout_seconds,
            after_call=after,
            method=method or None,
            count=count,
            status=status,
            chat_id=chat_id,
            thread_id=thread_id,
            timeout=timeout_seconds,
        )
        if not seen["happened"]:
            raise SimulatorTimeout(
                f"{len(seen['calls'])} of {count} calls of {method or 'any method'} "
                f"within {timeout_seconds:g} s"
            )
        return msgspec.convert(seen["calls"], list[SeenCall])

    # Webhooks and updates

    def webhook(self, bot_id: int) -> SeenWebhook:
        for bot in self.call("GET", "/state")["bots"]:
            if bot["id"] == bot_id:
                return msgspec.convert(bot["webhook"], SeenWebhook)
        raise SimulatorRefused(f"no bot {bot_id}")

    def updates(self, bot_id: int) -> SeenUpdates:
        """What the bot has not confirmed yet, and its last deliveries."""
        return self.read(SeenUpdates, "GET", f"/bots/{bot_id}/updates")

    def send_update(self, bot_id: int, kind: str, payload: Any, *, lane: str = "made up") -> int:
        """Deliver a made-up update of any content; its id (0: the bot does not want the kind)."""
        order = {"kind": kind, "payload": payload, "lane": lane}
        update_id: int = self.call("POST", f"/bots/{bot_id}/updates", order)["update_id"]
        return update_id

    def repeat_update(
        self, bot_id: int, update_id: int, *, times: int = 1, at_once: bool = False
    ) -> list[int]:
        """Deliver an update again; the receiver's HTTP statuses."""
        order = {"times": times, "at_once": at_once}
        path = f"/bots/{bot_id}/updates/{update_id}/repeat"
        statuses: list[int] = self.call("POST", path, order, poll_seconds=60.0)["statuses"]
        return statuses

    def skip_update_ids(self, bot_id: int, count: int) -> None:
        self.call("POST", f"/bots/{bot_id}/skip", {"count": count})

    def retry_now(self) -> None:
        """End all waits between delivery retries."""
        self.call("POST", "/retry")

    def wait_until_delivered(self, bot_id: int, *, timeout_seconds: float = 60.0) -> None:
        """Until the bot has confirmed every update."""

        def look() -> bool:
            return not self.updates(bot_id).pending

        self.wait_for(look, f"all updates of bot {bot_id} delivered", timeout_seconds)


@contextmanager
def running_simulator(
    *, state_file: Path | None = None, options: Sequence[str] = ()
) -> Iterator[SimulatorClient]:
    """A simulator of one's own on a free port, ended afterwards."""
    process = SimulatorProcess(state_file=state_file, options=options)
    process.start()
    try:
        with SimulatorClient(process.base_url, process) as client:
            yield client
    finally:
        process.stop()
