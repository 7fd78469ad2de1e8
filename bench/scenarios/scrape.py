"""What a scrape of /metrics costs with 3,000 tenants: each with series of its own, and bounded."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator

from bench.effort import Effort
from bench.figures import Figure
from bench.stage import Stage
from devtools import paths
from devtools.errors import LocalError

_TENANTS = 3_000
_GOAL_MS = 100


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Milliseconds per scrape, and the memory that counting takes."""
    unbounded, bounded = "scrape.unbounded", "scrape"
    for name, places in ((unbounded, 10_000), (bounded, 100)):
        environment = {**stage.environment, "METRICS_TENANTS": str(places)}
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "bench.scrape", str(_TENANTS)],
            cwd=paths.ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise LocalError(f"bench.scrape failed:\n{done.stderr[-3000:]}")
        measured: dict[str, float] = json.loads(done.stdout)
        is_bounded = name == bounded
        yield Figure(
            name,
            measured["seconds"] * 1000,
            "ms",
            is_better_high=False,
            baseline=unbounded if is_bounded else "",
            goal=_GOAL_MS if is_bounded else None,
            note=f"{measured['series']:.0f} series, {measured['bytes'] / 1024:.0f} KiB",
        )
        yield Figure(
            f"{name}.memory",
            measured["mib"],
            "MiB",
            is_better_high=False,
            baseline=f"{unbounded}.memory" if is_bounded else "",
        )
