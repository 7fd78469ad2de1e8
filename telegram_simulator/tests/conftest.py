"""A fresh Telegram for each test: one process per test session, emptied in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from telegram_simulator.client import (
    SimulatorClient,
    SupportGroup,
    running_simulator,
)
from telegram_simulator.tests.bot import CHAT, TOKEN, Bot


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[SimulatorClient]:
    with running_simulator() as sim:
        yield sim


@pytest.fixture
def sim(simulator_process: SimulatorClient) -> SimulatorClient:
    simulator_process.reset()
    simulator_process.set_pacing(enabled=False)
    return simulator_process


@pytest.fixture
def support(sim: SimulatorClient) -> SupportGroup:
    return sim.add_support_group(token=TOKEN, chat_id=CHAT)


@pytest.fixture
def bot(sim: SimulatorClient, support: SupportGroup) -> Iterator[Bot]:
    playing = Bot(sim.base_url)
    yield playing
    playing.session.close()
