"""When to try again, as a table."""

import pytest

from outbox.errors import DeliveryError
from outbox.retry import MAX_ATTEMPTS, MAX_DELAY_SECONDS, GiveUp, TryAgain, after_failure


@pytest.mark.parametrize(
    ("attempts", "jitter", "seconds"),
    [
        (1, 0.5, 1.0),
        (1, 0.0, 0.75),
        (1, 1.0, 1.25),
        (2, 0.5, 2.0),
        (3, 0.5, 4.0),
        (8, 0.5, 128.0),
        (9, 0.5, 256.0),
        (10, 0.5, MAX_DELAY_SECONDS),
        (500, 0.5, MAX_DELAY_SECONDS),
        (MAX_ATTEMPTS - 1, 0.5, MAX_DELAY_SECONDS),
    ],
)
def test_faults_back_off_to_a_cap(attempts: int, jitter: float, seconds: float) -> None:
    decision = after_failure(attempts=attempts, error=DeliveryError("500"), jitter=jitter)
    assert decision == TryAgain(seconds)


@pytest.mark.parametrize("seconds", [0, 1, 37, 7_728, 90_000])
@pytest.mark.parametrize("attempts", [1, 50, MAX_ATTEMPTS + 1])
def test_a_stated_wait_is_obeyed_exactly(attempts: int, seconds: int) -> None:
    error = DeliveryError("429", retry_after_seconds=seconds)
    assert after_failure(attempts=attempts, error=error) == TryAgain(seconds)


def test_a_permanent_fault_ends_it_at_once() -> None:
    error = DeliveryError("bad request", permanent=True, retry_after_seconds=5)
    assert after_failure(attempts=1, error=error) == GiveUp()


def test_even_patience_ends() -> None:
    assert after_failure(attempts=MAX_ATTEMPTS, error=DeliveryError("500")) == GiveUp()


def test_jitter_spreads_retries_around_the_delay() -> None:
    decisions = [after_failure(attempts=5, error=DeliveryError("500")) for _ in range(200)]
    seconds = [decision.seconds for decision in decisions if isinstance(decision, TryAgain)]
    assert len(seconds) == 200
    assert 12.0 <= min(seconds) < max(seconds) <= 20.0
