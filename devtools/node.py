"""Node.js, which only building and checking the widget needs."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from devtools import paths
from devtools.console import Console
from devtools.errors import LocalError

WIDGET = paths.ROOT / "widget"


def npm() -> str:
    """The npm on PATH; raises LocalError when there is none."""
    found = shutil.which("npm")
    if found is None or shutil.which("node") is None:
        raise LocalError(
            "The widget's build needs Node.js 20 or newer on PATH "
            "(Debian: apt install nodejs npm). Everything else works without."
        )
    return found


def ensure_packages(console: Console) -> None:
    """`npm ci` in widget/ unless what it would install is there; raises LocalError."""
    program = npm()
    if _installed():
        return
    console.say("Installing the widget's build tools …", "faint")
    done = subprocess.run(
        [program, "ci", "--no-audit", "--no-fund"], cwd=WIDGET, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise LocalError(f"npm ci failed in widget/:\n{done.stderr.strip()}")


def _installed() -> bool:
    """Whether npm's own record of node_modules is what the lock file asks for."""
    record = WIDGET / "node_modules" / ".package-lock.json"
    if not record.exists():
        return False
    wanted, present = _packages(WIDGET / "package-lock.json"), _packages(record)
    return all(wanted.get(name) == package for name, package in present.items()) and all(
        name in present or package.get("optional") for name, package in wanted.items() if name
    )


def _packages(path: Path) -> dict[str, Any]:
    packages: dict[str, Any] = json.loads(path.read_text())["packages"]
    return packages


def run(arguments: list[str], console: Console) -> int:
    """`./dev widget`: build widget/dist from its sources."""
    ensure_packages(console)
    command = [npm(), "--prefix", str(WIDGET), "run", "build", *arguments]
    return subprocess.run(command, cwd=paths.ROOT).returncode
