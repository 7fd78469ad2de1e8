"""What row-level security costs on the hot path: the same transactions with and without it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator

from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.stage import Stage
from chatorical.local import paths
from chatorical.local.errors import LocalError

_COUNT = 100
_GOAL_PERCENT = 10


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Both transactions' times, and how much longer they take behind the policies."""
    await stage.use_web(0)
    await stage.use_worker(is_wanted=False)
    rounds = max(4, int(effort.seconds * 5))
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
        without, behind = Spread.of(measured["without"]), Spread.of(measured["with"])
        assert without is not None and behind is not None
        plain = f"rls.{name}.without"
        yield _time(plain, without, measured["without_postgres_ms"])
        yield _time(f"rls.{name}", behind, measured["with_postgres_ms"], baseline=plain)
        yield Figure(
            f"rls.{name}.cost",
            (measured["ratio"] - 1) * 100,
            "% more time",
            is_better_high=False,
            goal=_GOAL_PERCENT,
            note=f"median of {rounds} pairs of {_COUNT}; "
            f"PostgreSQL's CPU {(measured['postgres_ratio'] - 1) * 100:+.1f} %",
        )
    await stage.forget_backlog()


def _time(name: str, spread: Spread, postgres_ms: float, baseline: str = "") -> Figure:
    return Figure(
        name,
        spread.p50,
        "ms p50",
        is_better_high=False,
        baseline=baseline,
        spread=spread,
        cpu={"postgres": postgres_ms},
    )
