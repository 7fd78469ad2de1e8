"""Those who ask on while refused wait longer; those who wait as told are served."""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from kernel.errors import RateLimited
from tenants import rate_limits
from tenants.rate_limits import Dimension
from tenants.rate_windows import FixedWindows
from tenants.redis_client import key, redis_client
from tests.processes import free_port

POINTS, WINDOW = 3, 60
FLOOD = POINTS * 3 + 1


class Caller:
    """Somebody with a limit, whose time passes when the test says so."""

    def __init__(self, bucket: str, later: Callable[["Caller", int], None]) -> None:
        self.bucket = bucket
        self.tenant, self.subject = uuid.uuid4(), str(uuid.uuid4())
        self._later = later

    def asks(self, times: int = 1) -> list[int]:
        """So many requests at once; returns the seconds to wait of each refused one."""
        waits = []
        for _ in range(times):
            try:
                rate_limits.take(self.tenant, [Dimension(self.bucket, self.subject)])
            except RateLimited as error:
                waits.append(error.retry_after_seconds or 0)
        return waits

    def waits(self, seconds: int) -> None:
        """Time passes."""
        self._later(self, seconds)


@pytest.fixture
def caller_of(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Caller]]:
    """Makes callers; once with Redis, once without."""
    settings.RATE_LIMITS = dict.fromkeys(("start", "history"), (POINTS, WINDOW))
    redis_client.cache_clear()
    monkeypatch.setattr(rate_limits, "_windows", FixedWindows("rate_limits"))
    if request.param == "away":
        settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    def later(caller: Caller, seconds: int) -> None:
        now = time.monotonic() + seconds
        monkeypatch.setattr(time, "monotonic", lambda: now)
        if request.param == "away":
            return
        for kind in ("rl", "rl-offences"):
            name = key(kind, caller.bucket, caller.tenant, caller.subject)
            left = int(str(redis_client().pttl(name)))
            if left > 0:
                redis_client().pexpire(name, max(0, left - seconds * 1000))

    yield lambda bucket: Caller(bucket, later)
    redis_client.cache_clear()


pytestmark = pytest.mark.parametrize("caller_of", ["redis", "away"], indirect=True)


def test_whoever_waits_as_told_is_served_for_ever(caller_of: Callable[[str], Caller]) -> None:
    caller = caller_of("start")
    for _ in range(6):
        assert caller.asks(POINTS) == []
        # Several may be refused at once before the first has heard.
        [*_, wait] = caller.asks(FLOOD - 1)
        assert WINDOW - 1 <= wait <= WINDOW
        caller.waits(wait)


def test_each_ignored_window_doubles_the_next_wait_up_to_sixteenfold(
    caller_of: Callable[[str], Caller],
) -> None:
    caller = caller_of("start")
    for factor in (1, 2, 4, 8, 16, 16):
        assert caller.asks(POINTS) == []
        waits = caller.asks(FLOOD)
        assert {WINDOW * factor - 1, WINDOW * factor} >= set(waits), "what was told stays true"
        caller.waits(waits[0])


def test_a_window_without_refusals_is_forgiving(caller_of: Callable[[str], Caller]) -> None:
    caller = caller_of("start")
    caller.asks(POINTS + FLOOD)
    caller.waits(WINDOW)
    assert caller.asks(POINTS) == []
    caller.waits(WINDOW + 1)
    assert caller.asks(POINTS) == []
    [wait] = caller.asks()
    assert wait <= WINDOW


def test_a_day_is_prolonged_by_an_hour(
    caller_of: Callable[[str], Caller], settings: Settings
) -> None:
    day = 86_400
    settings.RATE_LIMITS = {"rename": (POINTS, day)}
    caller = caller_of("rename")
    caller.asks(POINTS + FLOOD)
    caller.waits(day)
    caller.asks(POINTS)
    [wait] = caller.asks()
    assert day + 3600 - 1 <= wait <= day + 3600


def test_the_history_call_never_backs_off(caller_of: Callable[[str], Caller]) -> None:
    caller = caller_of("history")
    for _ in range(3):
        assert caller.asks(POINTS) == []
        assert max(caller.asks(FLOOD * 2)) <= WINDOW
        caller.waits(WINDOW)


def test_a_flood_is_told_to_redis_now_and_then(
    caller_of: Callable[[str], Caller], request: pytest.FixtureRequest
) -> None:
    caller = caller_of("start")
    if request.node.callspec.params["caller_of"] == "away":
        assert len(caller.asks(POINTS + 50)) == 50
        return
    name = key("rl-offences", caller.bucket, caller.tenant, caller.subject)

    def told() -> int:
        return int(redis_client().hget(name, "refused") or 0)

    caller.waits(0)
    assert len(caller.asks(POINTS + 50)) == 50
    assert told() == 1, "the clock stands still"
    caller.waits(1)
    assert len(caller.asks()) == 1
    assert told() == 51
