"""`./dev bench`: measure everything, or what --only names."""

import argparse
import asyncio
import sys
from pathlib import Path

import uvloop

from bench import report
from bench.effort import FULL, QUICK, Effort
from bench.figures import Figure
from bench.http import LoadFailed
from bench.scenarios import SCENARIOS
from bench.stage import open_stage
from devtools.console import Console
from devtools.errors import LocalError

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run the scenarios; 1 when one could not be measured. A missed goal is no failure."""
    arguments = _parser().parse_args()
    names = arguments.only.split(",") if arguments.only else list(SCENARIOS)
    if unknown := [name for name in names if name not in SCENARIOS]:
        sys.stderr.write(f"bench: no scenario {unknown[0]!r}; there are {', '.join(SCENARIOS)}\n")
        return 2
    # With --json, standard output is for the figures alone.
    console = Console(sys.stderr if arguments.json else sys.stdout)
    try:
        return uvloop.run(_run(names, QUICK if arguments.quick else FULL, console, arguments.json))
    except (LocalError, LoadFailed) as error:
        Console(sys.stderr).say(f"bench: {error}", "bad")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--only", help=f"comma-separated, of: {', '.join(SCENARIOS)}")
    parser.add_argument("--quick", action="store_true", help="short and small: does it work?")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


async def _run(names: list[str], effort: Effort, console: Console, is_json: bool) -> int:
    RESULTS.mkdir(exist_ok=True)
    known: dict[str, Figure] = {}
    async with open_stage(RESULTS) as stage:
        report.show_header(console)
        for name in names:
            async for figure in SCENARIOS[name](stage, effort):
                known[figure.name] = figure
                report.show(console, figure, known)
    path = report.write(RESULTS, known.values(), known)
    console.say(f"Kept in {path}", "faint")
    if is_json:
        content = await asyncio.to_thread(path.read_text)
        sys.stdout.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
