"""`python -m tests.chaos --seed 1 --faults 40`: a long run, by hand. Ends with 1 for a finding."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatorical.settings")
django.setup()

from tests.chaos.run import run  # noqa: E402 - Django begins above


def main() -> int:
    """Run, and print what happened."""
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a directory for the servers' data and logs")
    wanted = parser.parse_args()
    began = time.monotonic()

    def tell(text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {text}\n")
        sys.stdout.flush()

    tell(f"seed {wanted.seed}, {wanted.faults} faults")
    with tempfile.TemporaryDirectory(prefix="chaos-") as made:
        folder = wanted.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        result = run(seed=wanted.seed, faults=wanted.faults, folder=folder, tell=tell)
    kinds = len({fault.name for fault in result.happened})
    tell(f"{len(result.happened)} faults of {kinds} kinds; {result.counts}")
    for problem in result.problems:
        tell(f"PROBLEM {problem}")
    tell(f"{len(result.problems)} problems")
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
