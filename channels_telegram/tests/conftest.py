"""What the tests of the Telegram side share."""

from collections.abc import Iterator

import pytest

from channels_telegram.simulator.client import SimulatorClient


@pytest.fixture(autouse=True)
def every_call_was_valid(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test is about: no call may break the Bot API's published parameters."""
    yield
    if "simulator" in request.fixturenames:
        simulator: SimulatorClient = request.getfixturevalue("simulator")
        assert simulator.violations() == []
