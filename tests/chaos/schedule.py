"""Which faults happen when: drawn from a seed, and the same for the same seed."""

import random
from dataclasses import dataclass

from tests.chaos.kinds import KINDS
from tests.chaos.scene import Kind

_TWO_AT_ONCE = 0.25
_SHORTEST_SECONDS, _MAX_SECONDS = 0.8, 3.0
_CALM_SECONDS = 1.0


@dataclass(frozen=True)
class Step:
    """One fault, or two at once, for so long, and a rest after it."""

    kinds: tuple[Kind, ...]
    seconds: float
    calm_seconds: float


def draw(chance: random.Random, count: int, *, pace: float = 1.0) -> list[Step]:
    """`count` faults, for `pace` times as long; each kind once before any comes again."""
    kinds: list[Kind] = []
    while len(kinds) < count:
        kinds += chance.sample(KINDS, len(KINDS))
    left, steps = kinds[:count], []
    while left:
        chosen = [left.pop(0)]
        if left and chance.random() < _TWO_AT_ONCE and left[0].hits != chosen[0].hits:
            chosen.append(left.pop(0))
        seconds = pace * chance.uniform(_SHORTEST_SECONDS, _MAX_SECONDS)
        steps.append(Step(tuple(chosen), seconds, pace * chance.uniform(0, _CALM_SECONDS)))
    return steps
