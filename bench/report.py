"""Showing figures, and keeping them."""

import json
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.figures import Figure
from devtools.console import Console

_NAME, _VALUE, _UNIT, _LATENCY, _RATIO = 24, 9, 19, 19, 8


def show_header(console: Console) -> None:
    """The first line of the table."""
    console.say(
        f"{'figure':<{_NAME}}{'value':>{_VALUE}} {'unit':<{_UNIT}}"
        f"{'p50/p95/p99 ms':<{_LATENCY}}{'ratio':>{_RATIO}}  goal   CPU ms per operation, notes",
        "bold",
    )


def show(console: Console, figure: Figure, known: dict[str, Figure]) -> None:
    """One line of the table, as soon as it is known."""
    spread, ratio = figure.spread, figure.ratio(known)
    latency = f"{spread.p50:.1f}/{spread.p95:.1f}/{spread.p99:.1f}" if spread is not None else ""
    cpu = " ".join(f"{name} {ms:.2f}" for name, ms in figure.cpu.items() if ms >= 0.005)
    goal = "" if figure.goal is None else f"{'≥' if figure.is_better_high else '≤'}{figure.goal:g}"
    notes = "; ".join(part for part in (cpu, figure.note) if part)
    console.say(
        f"{figure.name:<{_NAME}}{figure.value:>{_VALUE}.1f} {figure.unit:<{_UNIT}}"
        f"{latency:<{_LATENCY}}{'' if ratio is None else f'{ratio:.3f}':>{_RATIO}}  "
        f"{goal:<6} {notes}",
        {True: "good", False: "bad", None: None}[figure.is_goal_met],
    )


def write(results: Path, figures: Iterable[Figure], known: dict[str, Figure]) -> Path:
    """Keep a run's figures as JSON; returns the file."""
    now = datetime.now(UTC)
    path = results / f"{now:%Y%m%d-%H%M%S}.json"
    machine = {
        "cores": psutil.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load_average": psutil.getloadavg(),
    }
    content = {
        "at": now.isoformat(timespec="seconds"),
        "machine": machine,
        "figures": [figure.as_json(known) for figure in figures],
    }
    path.write_text(json.dumps(content, indent=2) + "\n")
    return path
