"""When to try again: a pure function of attempts and error."""

import random
from dataclasses import dataclass

from outbox.errors import DeliveryError

FIRST_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 300.0
# At the cap of five minutes this is more than four days of trying.
MAX_ATTEMPTS = 1200


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Wait so many seconds, then try once more."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Never again by itself; a person may retry it."""


def after_failure(
    *, attempts: int, error: DeliveryError, jitter: float | None = None
) -> TryAgain | GiveUp:
    """What to do after the `attempts`-th attempt (from 1) has failed with `error`.

    `jitter` from 0 to 1 spreads retries; drawn at random when not given. A stated `retry_after` is
    obeyed exactly, however long.
    """
    if error.permanent:
        return GiveUp()
    if error.retry_after_seconds is not None:
        return TryAgain(error.retry_after_seconds)
    if attempts >= MAX_ATTEMPTS:
        return GiveUp()
    if jitter is None:
        jitter = random.random()  # noqa: S311  # nosec B311
    doubled = FIRST_DELAY_SECONDS * 2 ** min(attempts - 1, 20)
    return TryAgain(min(MAX_DELAY_SECONDS, doubled) * (0.75 + jitter / 2))
