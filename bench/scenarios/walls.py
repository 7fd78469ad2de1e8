"""What row-level security costs on the hot path: the same transactions with and without it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.stage import Stage
from devtools import paths
from devtools.errors import LocalError

_COUNT = 100
_GOAL_PERCENT = 10


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Both transactions' times, and how much longer they take behind the policies."""
    await stage.use_web(0)
    await stage.use_worker(is_wanted=False)
    rounds = max(4, int(effort.seconds * 3))
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bench.walls", str(rounds), str(_COUNT)],
        cwd=paths.ROOT,
        env=stage.environment,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise LocalError(f"bench.walls failed:\n{done.stderr[-3000:]}")
    for name, measured in json.loads(done.stdout).items():
        plain = f"rls.{name}.without"
        yield _time(plain, measured["without"])
        yield _time(f"rls.{name}", measured["with"], baseline=plain)
        cpu = [sum(measured[side]["cpu"].values()) for side in ("with", "without")]
        yield Figure(
            f"rls.{name}.cost",
            (measured["ratio"] - 1) * 100,
            "% more time",
            is_better_high=False,
            goal=_GOAL_PERCENT,
            note=f"median of {rounds} pairs of {_COUNT}; CPU {(cpu[0] / cpu[1] - 1) * 100:+.1f} %",
        )
    await stage.forget_backlog()


def _time(name: str, side: dict[str, Any], baseline: str = "") -> Figure:
    spread = Spread.of(side["seconds"])
    assert spread is not None
    return Figure(
        name,
        spread.p50,
        "ms p50",
        is_better_high=False,
        baseline=baseline,
        spread=spread,
        cpu=side["cpu"],
    )
