"""The product and the model side by side: each step is done to both, and then compared."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import requests

from channels_telegram.tests.cases import open_case
from channels_telegram.tests.hook import deliver, message_update
from tenants.models import Tenant
from tests.cast import Desk
from tests.conftest import Stage
from tests.customer import Customer, Socket
from tests.properties.model import (
    ASSIGNED,
    AWAITING,
    BLOCKED,
    IN,
    MOVES,
    OUT,
    REOPENED,
    Line,
    Model,
)

REJECTED = {"error": "message rejected"}


class Device:
    """A customer's browser: what it has seen, in the order in which it came."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer
        self.socket: Socket | None = None
        self.seen: list[Line] = []

    def connect(self, web: str, *, is_resuming: bool) -> None:
        """Go on after what was seen last: by the socket's address, or by the history call."""
        self.disconnect()
        query = f"&after={len(self.seen)}" if is_resuming else ""
        self.socket = self._customer.socket(web, query)
        if not is_resuming:
            for message in self._customer.history(after=len(self.seen))["messages"]:
                self._see(message)

    def disconnect(self) -> None:
        """Hang up, without a word."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def read(self, count: int) -> None:
        """See so many messages in all, each in its turn."""
        assert self.socket is not None
        while len(self.seen) < count:
            frame = self.socket.next()
            assert "error" not in frame, frame
            if "direction" in frame:
                self._see(frame)

    def read_to_the_end(self) -> None:
        """See that nothing more comes."""
        assert self.socket is not None
        self.socket.say(" ")
        while (frame := self.socket.next()) != REJECTED:
            assert "direction" not in frame, frame

    def say_in_vain(self, text: str) -> None:
        """Write, and be refused."""
        assert self.socket is not None
        self.socket.say(text)
        while (frame := self.socket.next()) != REJECTED:
            assert "direction" not in frame, frame

    def _see(self, message: dict[str, Any]) -> None:
        assert message["seq"] == len(self.seen) + 1, "in order, nothing twice, nothing left out"
        # A socket that watched hears the customer's own words untrimmed.
        self.seen.append(Line(message["direction"], message["text"].strip()))


class World:
    """A conversation that has begun, its two devices and its agents."""

    def __init__(self, stage: Stage, tenant: Tenant, webs: Sequence[str]) -> None:
        self._stage = stage
        self._webs = webs
        self._case = open_case(stage)
        self.customer = self._case.customer
        self._desk = Desk(self.customer.conversation_id, tenant=tenant)
        self.model = Model(lines=[Line(IN, self._case.first_line)])
        self.statuses = [self.model.status]
        self.devices = [Device(self.customer), Device(self.customer)]

    # --- steps -------------------------------------------------------------------------------

    def connect(self, device: int, web: int, *, is_resuming: bool) -> None:
        """A device comes (back)."""
        self.devices[device].connect(self._webs[web], is_resuming=is_resuming)
        self.compare()

    def disconnect(self, device: int) -> None:
        """A device goes away."""
        self.devices[device].disconnect()

    def write(self, text: str, web: int) -> None:
        """The customer writes by HTTP."""
        assert self._post(text, web).ok == self.model.write(text)
        self.compare()

    def say(self, text: str, device: int) -> None:
        """The customer writes on a socket, with a blank too many."""
        writer = self.devices[device]
        if writer.socket is None:
            return
        if self.model.write(text):
            writer.socket.say(f" {text}\n")
        else:
            writer.say_in_vain(text)
        self.compare()

    def move(self, webs: Sequence[str]) -> None:
        """The customer's calls go to other processes from now on."""
        self._webs = webs

    def claim(self) -> None:
        """Ana takes the conversation."""
        self._agent_writes("/claim")
        self.model.claim()
        self.compare()

    def reply(self, text: str) -> None:
        """Ana answers, or tries to."""
        self._agent_writes(text)
        self.model.reply(text)
        self.compare()

    def close(self, *, by_menu: bool) -> None:
        """Ana closes it, by command or in Telegram's menu."""
        if by_menu:
            self._agent_writes("", forum_topic_closed={})
        else:
            self._agent_writes("/close")
        self.model.close()
        self.compare()

    def reopen(self) -> None:
        """Ana opens the topic in Telegram's menu."""
        self._agent_writes("", forum_topic_reopened={})
        self.model.reopen()
        self.compare()

    def block(self) -> None:
        """Somebody of the staff has had enough."""
        self._desk.block()
        self.model.block()
        self.compare()

    def all_at_once(self, texts: Sequence[str], replies: Sequence[str]) -> None:
        """Both sides write in the same moment; whatever order it becomes must be a possible one."""
        before = len(self.model.lines)
        wanted_in = [] if self.model.status == BLOCKED else texts
        wanted_out = replies if self.model.status in (ASSIGNED, AWAITING) else []
        with ThreadPoolExecutor(len(texts) + len(replies)) as pool:
            calls: list[Future[Any]] = [
                pool.submit(self._post, text, number % len(self._webs))
                for number, text in enumerate(texts)
            ]
            calls += [pool.submit(self._agent_writes, reply) for reply in replies]
        for call in calls:
            call.result()
        said = [line for line in self._history()[before:] if line != REOPENED]
        for direction, wanted in ((IN, wanted_in), (OUT, wanted_out)):
            heard = [line.text for line in said if line.direction == direction]
            assert sorted(heard) == sorted(wanted)
        for line in said:
            act = self.model.write if line.direction == IN else self.model.reply
            assert act(line.text)
        self.compare()

    def _post(self, text: str, web: int) -> requests.Response:
        return self.customer.call("POST", "messages", web=self._webs[web], json={"text": text})

    def _agent_writes(self, text: str, **more: Any) -> None:
        answer = deliver(
            self._stage, message_update(self._stage, self._case.thread_id, text, **more)
        )
        assert answer.status_code == 200, answer.text

    # --- what must hold ----------------------------------------------------------------------

    def compare(self) -> None:
        """The history, its status and every open socket say what the model says."""
        # The sockets first: a frame on its way may be ahead of the history, never behind it.
        for device in self.devices:
            if device.socket is not None:
                device.read(len(self.model.lines))
                assert device.seen == self.model.lines
        assert self._history() == self.model.lines

    def _history(self) -> list[Line]:
        history = self.customer.history()
        messages = history["messages"]
        assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))
        assert len({message["id"] for message in messages}) == len(messages)
        times = [message["createdAt"] for message in messages]
        assert all(earlier < later for earlier, later in pairwise(times))
        self.statuses.append(history["status"])
        return [Line(message["direction"], message["text"]) for message in messages]

    def end(self) -> None:
        """Everybody comes back once more: nothing is missing, nothing too much, on either side."""
        try:
            for number, device in enumerate(self.devices):
                if device.socket is None:
                    device.connect(self._webs[number % len(self._webs)], is_resuming=True)
            self.compare()
            for device in self.devices:
                device.read_to_the_end()
            assert self.statuses[-1] == self.model.status
            moves = {(a, b) for a, b in pairwise(self.statuses) if a != b}
            assert moves <= MOVES, moves
            written = [line.text for line in self.model.lines if line.direction == IN]
            self._case.told(f": {written[-1]}")
            assert self._case.customer_lines() == written
        finally:
            self.leave()

    def leave(self) -> None:
        """Hang up on every device."""
        for device in self.devices:
            device.disconnect()
