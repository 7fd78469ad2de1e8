"""Find a Chromium for the browser tests, or get one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devtools.console import Console
from devtools.errors import LocalError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_or_install(environment: Mapping[str, str], console: Console) -> Path:
    """CHROMIUM_PATH, else the one on PATH, else Debian's package when root, else Playwright's.

    Raises LocalError with what to do when none can be had.
    """
    named = environment.get("CHROMIUM_PATH")
    if named:
        if os.access(named, os.X_OK):
            return Path(named)
        raise LocalError(f"CHROMIUM_PATH names {named}, which is no program.")
    found = _on_path() or _playwright_chromium()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        console.say("No Chromium on PATH: installing Debian's package …")
        _apt_install()
        found = _on_path()
    if found is None:
        console.say("No Chromium on PATH: installing Playwright's …")
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
        found = _playwright_chromium()
    if found is None:
        raise LocalError(
            "The browser tests need Chromium, and none could be installed. Install it "
            "(Debian: apt install chromium) or set CHROMIUM_PATH=/path/to/chromium"
        )
    return found


def _on_path() -> Path | None:
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def _playwright_chromium() -> Path | None:
    """Where Playwright keeps its own; asked of it, since the place depends on its version."""
    script = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    path = Path(done.stdout.strip() or "/nonexistent")
    return path if os.access(path, os.X_OK) and path.is_file() else None


def _apt_install() -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-q"], quiet)
    _run(["apt-get", "install", "-qy", "--no-install-recommends", "chromium"], quiet)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run quietly; a failure shows as no Chromium found, its output is kept for the reader."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write((done.stderr or done.stdout)[-2000:])
