"""A killed simulator comes back with everything it had told anybody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from channels_telegram.simulator.client import SimulatorClient, SimulatorProcess, SupportGroup
from channels_telegram.simulator.tests.bot import BOT_ID, CHAT, TOKEN, Bot, keyboard
from channels_telegram.simulator.tests.listening import listening

End = Callable[[SimulatorProcess], None]


@pytest.mark.parametrize("end", [SimulatorProcess.kill, SimulatorProcess.stop])
def test_everything_survives_a_restart(tmp_path: Path, end: End) -> None:
    process = SimulatorProcess(state_file=tmp_path / "telegram.state")
    process.start()
    with listening() as hook, SimulatorClient(process.base_url, process) as sim:
        try:
            support, thread = _a_busy_day(sim, hook.url)
            end(process)
            process.start()
            _everything_is_there(sim, support, thread)
            assert hook.texts(2) == ["undelivered", "still undelivered"]
            sim.wait_until_delivered(BOT_ID)
        finally:
            process.stop()


def _a_busy_day(sim: SimulatorClient, hook_url: str) -> tuple[SupportGroup, int]:
    support = sim.add_support_group(token=TOKEN, chat_id=CHAT)
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
    return support, thread


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


def test_a_line_torn_by_the_kill_is_left_out(tmp_path: Path) -> None:
    state_file = tmp_path / "telegram.state"
    process = SimulatorProcess(state_file=state_file)
    process.start()
    with SimulatorClient(process.base_url, process) as sim:
        support = sim.add_support_group(token=TOKEN, chat_id=CHAT)
        support.write("Ana", "whole")
        process.kill()
        with state_file.open("ab") as file:
            file.write(b'{"record":"message","chat_id":-100')
        process.start()
        assert support.texts() == ["whole"]
        process.stop()


def test_options_make_a_telegram_and_keep_it_on_the_next_start(tmp_path: Path) -> None:
    options = ["--bot-token", TOKEN, "--group-id", str(CHAT), "--agents", "Ana, Greg, Mira"]
    process = SimulatorProcess(state_file=tmp_path / "state", options=options)
    process.start()
    with SimulatorClient(process.base_url, process) as sim:
        support = SupportGroup(sim, CHAT, BOT_ID, {"Ana": 7001, "Mira": 7003})
        support.write("Mira", "kept")
        process.stop()
        process.start()
        assert support.texts() == ["kept"]
        process.stop()
