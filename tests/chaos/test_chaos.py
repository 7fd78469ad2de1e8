"""A few faults at random, and nothing lost on either side; `./dev chaos` plays many more."""

import random
from pathlib import Path

from tests.chaos.kinds import KINDS
from tests.chaos.run import run
from tests.chaos.schedule import draw

# Redis and PostgreSQL killed, a worker stopped, answers of Telegram lost, a group upgraded in a
# burst, old updates again, …
SEED, FAULTS, PACE = 1, 8, 0.5


def test_nothing_is_lost_by_a_few_faults_at_random(tmp_path: Path) -> None:
    told: list[str] = []
    result = run(seed=SEED, faults=FAULTS, folder=tmp_path, tell=told.append, pace=PACE)
    assert result.problems == [], "\n".join([*told, *result.problems])
    assert len({fault.name for fault in result.happened}) == FAULTS
    assert result.counts["accepted"] > FAULTS
    assert result.counts["answers"] > FAULTS


def test_a_seed_says_which_faults_happen_and_each_kind_comes_before_one_comes_again() -> None:
    steps = draw(random.Random(7), len(KINDS) + 5)
    assert steps == draw(random.Random(7), len(KINDS) + 5)
    assert steps != draw(random.Random(8), len(KINDS) + 5)
    drawn = [kind.name for step in steps for kind in step.kinds]
    assert sorted(drawn[: len(KINDS)]) == sorted(kind.name for kind in KINDS)
    assert len(set(drawn)) == len(KINDS) >= 40
