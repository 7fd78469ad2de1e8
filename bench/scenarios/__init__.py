"""What is measured, in the order in which it runs."""

from collections.abc import AsyncIterator, Callable

from bench.effort import Effort
from bench.figures import Figure
from bench.scenarios import (
    baselines,
    customer_to_group,
    drain,
    idle_sockets,
    neighbour,
    replies,
    scrape,
    sends,
    sessions,
    starts,
    walls,
)
from bench.stage import Stage

Scenario = Callable[[Stage, Effort], AsyncIterator[Figure]]

SCENARIOS: dict[str, Scenario] = {
    "baselines": baselines.measure,
    "starts": starts.measure,
    "sends": sends.measure,
    "sessions": sessions.measure,
    "replies": replies.measure,
    "group": customer_to_group.measure,
    "drain": drain.measure,
    "sockets": idle_sockets.measure,
    "rls": walls.measure,
    "neighbour": neighbour.measure,
    "scrape": scrape.measure,
}
