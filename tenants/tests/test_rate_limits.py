"""Counting while Redis is away, and taking a point everywhere or nowhere."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from pytest_django import Settings

from kernel.errors import RateLimited
from tenants import rate_limits
from tenants.rate_limits import Dimension
from tenants.rate_windows import FixedWindows
from tenants.redis_client import key, redis_client
from tests.processes import free_port


@pytest.fixture(autouse=True)
def fresh_clients() -> Iterator[None]:
    """Clients and counters of this test's own."""
    _forget_clients()
    yield
    _forget_clients()


def _forget_clients() -> None:
    redis_client.cache_clear()
    rate_limits._windows = FixedWindows("rate_limits")


@pytest.fixture
def no_redis(settings: Settings) -> None:
    """Redis is away."""
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"


@pytest.fixture
def limits(settings: Settings) -> None:
    """Three of one thing, five of another."""
    settings.RATE_LIMITS = {"start": (3, 60), "history": (5, 30), "api_key": (0, 60)}


def outcomes(times: int, *dimensions: Dimension, tenant: uuid.UUID | None = None) -> list[bool]:
    """Whether each of so many requests was let through."""
    tenant_id = tenant or uuid.uuid4()
    results = []
    for _ in range(times):
        try:
            rate_limits.take(tenant_id, dimensions)
            results.append(True)
        except RateLimited as error:
            assert error.retry_after_seconds is not None
            assert 1 <= error.retry_after_seconds <= 60
            results.append(False)
    return results


@pytest.fixture
def way(request: pytest.FixtureRequest, limits: None) -> str:
    """Once with Redis, once without."""
    if request.param == "away":
        request.getfixturevalue("no_redis")
    return str(request.param)


pytestmark = pytest.mark.parametrize("way", ["redis", "away"], indirect=True)


def test_so_many_points_and_no_more(way: str) -> None:
    subject = str(uuid.uuid4())
    tenant = uuid.uuid4()
    dimension = Dimension("start", subject)
    assert outcomes(5, dimension, tenant=tenant) == [True, True, True, False, False]
    assert outcomes(1, Dimension("start", "somebody else"), tenant=tenant) == [True]
    assert outcomes(1, dimension) == [True], "another tenant's count is its own"
    assert outcomes(1, Dimension("history", subject), tenant=tenant) == [True]


def test_all_dimensions_take_one_round_trip(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dimensions = [Dimension(bucket, str(uuid.uuid4())) for bucket in ("start", "history")]
    # The first one loads the script, and opens the connection.
    assert outcomes(1, *dimensions) == [True]
    sent: list[object] = []
    execute = redis.Redis.execute_command

    def noted(client: redis.Redis, *command: Any, **options: Any) -> Any:
        sent.append(command)
        return execute(client, *command, **options)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(redis.Redis, "execute_command", noted)
    assert outcomes(2, *dimensions) == [True, True]
    assert len(sent) == (2 if way == "redis" else 0)


def test_a_refused_request_costs_nothing(way: str) -> None:
    tenant = uuid.uuid4()
    narrow, wide = Dimension("start", "x"), Dimension("history", "y")
    assert outcomes(6, narrow, wide, tenant=tenant) == [True] * 3 + [False] * 3
    assert outcomes(3, wide, tenant=tenant) == [True, True, False]


def test_no_points_mean_no_limit(way: str) -> None:
    assert outcomes(50, Dimension("api_key", "x"), tenant=uuid.uuid4()) == [True] * 50


def test_a_window_ends(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = uuid.uuid4()
    dimension = Dimension("start", "x")
    assert outcomes(4, dimension, tenant=tenant) == [True, True, True, False]
    now = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: now)
    if way == "redis":
        client: redis.Redis = redis_client()
        name = key("rl", "start", tenant, "x")
        assert 0 < int(client.pttl(name)) <= 60_000, "Redis ends it"
        client.pexpire(name, 0)
    assert outcomes(1, dimension, tenant=tenant) == [True]
