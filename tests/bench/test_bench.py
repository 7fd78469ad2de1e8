"""The benchmark runs; what it measures is looked at by people."""

import json
import subprocess
import sys

from devtools import paths


def test_a_quick_run_measures_and_prints_its_figures() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--only", "baselines", "--json"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    figures = {figure["name"]: figure for figure in json.loads(done.stdout)["figures"]}
    assert figures["baseline.pgbench"]["value"] > 0
    assert figures["baseline.echo"]["spread"]["count"] > 0


def test_an_unknown_scenario_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--only", "flight"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert "flight" in done.stderr
