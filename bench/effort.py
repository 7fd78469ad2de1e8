"""How long and how much to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Durations in seconds, and sizes."""

    seconds: float = 8.0
    warm_up_seconds: float = 2.0
    sockets: int = 200
    idle_sockets: tuple[int, ...] = (2_000, 5_000)
    reply_rates: tuple[int, ...] = (50, 100, 200, 250, 400)
    queued_items: int = 1_000
    queued_topics: int = 200


FULL = Effort()
# Enough to see that everything works, and the order of magnitude.
QUICK = Effort(
    seconds=1.5,
    warm_up_seconds=0.5,
    sockets=50,
    idle_sockets=(300,),
    reply_rates=(50, 100),
    queued_items=200,
    queued_topics=50,
)
