"""What a scenario hands back: figures, each with what explains it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """How latencies are spread, in milliseconds."""

    p50: float
    p95: float
    p99: float
    maximum: float
    count: int

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Spread | None":
        """The spread of latencies given in seconds; None without any."""
        ordered = sorted(seconds)
        if not ordered:
            return None
        return cls(
            p50=_percentile(ordered, 0.50),
            p95=_percentile(ordered, 0.95),
            p99=_percentile(ordered, 0.99),
            maximum=ordered[-1] * 1000,
            count=len(ordered),
        )


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank, in milliseconds: a latency that a caller has really had."""
    rank = min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))
    return ordered[rank] * 1000


@dataclass(slots=True)
class Figure:
    """One measured value.

    `baseline` names the figure of the same run that it is compared with. `cpu` holds milliseconds
    of CPU per operation by process group: the steadier figure on a busy machine.
    """

    name: str
    value: float
    unit: str
    is_better_high: bool = True
    baseline: str = ""
    goal: float | None = None
    spread: Spread | None = None
    cpu: dict[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def is_goal_met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.is_better_high else self.value <= self.goal

    def as_json(self, known: dict[str, "Figure"]) -> dict[str, Any]:
        """Everything, with the ratio to its baseline where that was measured too."""
        return {**asdict(self), "ratio": self.ratio(known), "goal_met": self.is_goal_met}

    def ratio(self, known: dict[str, "Figure"]) -> float | None:
        """Value divided by the baseline's value."""
        compared = known.get(self.baseline)
        return self.value / compared.value if compared is not None and compared.value else None
