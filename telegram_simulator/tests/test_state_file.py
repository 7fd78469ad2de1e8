"""A killed simulator comes back with everything it had told anybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from telegram_simulator.client import SimulatorClient, SimulatorProcess, SupportGroup
from telegram_simulator.tests.bot import BOT_ID, CHAT, TOKEN, Bot, keyboard
from telegram_simulator.tests.listening import listening

End = Callable[[SimulatorProcess], None]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[SimulatorProcess]:
    options = ["--bot-token", TOKEN, "--group-id", str(CHAT), "--agents", "Ana, Greg, Mira"]
    running = SimulatorProcess(state_file=tmp_path / "telegram.state", options=options)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def sim(process: SimulatorProcess) -> Iterator[SimulatorClient]:
    with SimulatorClient(process.base_url, process) as client:
        yield client


@pytest.fixture
def support(sim: SimulatorClient) -> SupportGroup:
    return SupportGroup(sim, CHAT, BOT_ID, {"Ana": 7001, "Greg": 7002, "Mira": 7003})


@pytest.mark.parametrize("end", [SimulatorProcess.kill, SimulatorProcess.stop])
def test_everything_survives_a_restart(
    process: SimulatorProcess, sim: SimulatorClient, support: SupportGroup, end: End
) -> None:
    with listening() as hook:
        thread = _a_busy_day(sim, support, hook.url)
        end(process)
        process.start()
        _everything_is_there(sim, support, thread)
        assert hook.texts(2) == ["undelivered", "still undelivered"]
        sim.wait_until_delivered(BOT_ID)


def test_a_line_torn_by_the_kill_is_left_out(
    process: SimulatorProcess, support: SupportGroup, tmp_path: Path
) -> None:
    support.write("Mira", "whole")
    process.kill()
    with (tmp_path / "telegram.state").open("ab") as file:
        file.write(b'{"record":"message","chat_id":-100')
    process.start()
    assert support.texts() == ["whole"]


def test_a_stop_does_not_wait_for_open_pages(process: SimulatorProcess) -> None:
    stream = requests.get(f"{process.base_url}/sim/events", stream=True, timeout=5)
    began = time.monotonic()
    process.stop()
    assert time.monotonic() - began < 1.5
    stream.close()


def _a_busy_day(sim: SimulatorClient, support: SupportGroup, hook_url: str) -> int:
    bot = Bot(sim.base_url)
    sim.set_delivery(held_kinds=["*"])
    bot.do("setWebhook", url=hook_url, secret_token="kept")
    thread = bot.topic("Amber Otter")
    gone = bot.topic("Gone")
    bot.say("pinned", thread, reply_markup=keyboard("Claim"))
    first = support.messages(thread)[0].message_id
    bot.do("pinChatMessage", chat_id=CHAT, message_id=first)
    bot.do("closeForumTopic", chat_id=CHAT, message_thread_id=thread)
    support.delete_topic("Ana", gone)
    support.write("Ana", "undelivered", thread)
    support.write("Greg", "still undelivered", thread)
    bot.session.close()
    return thread


def _everything_is_there(sim: SimulatorClient, support: SupportGroup, thread: int) -> None:
    (topic,) = support.topics()
    assert (topic.name, topic.is_closed, len(topic.pinned)) == ("Amber Otter", True, 1)
    assert support.texts(thread) == ["pinned", "undelivered", "still undelivered"]
    assert support.messages(thread)[0].buttons == {"Claim": "claim"}
    assert sim.webhook(BOT_ID).has_secret
    bot = Bot(sim.base_url)
    next_id = bot.say("ids go on", thread)
    assert next_id == support.messages(thread)[-2].message_id + 1
    bot.session.close()
