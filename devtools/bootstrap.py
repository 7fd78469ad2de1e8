"""Make `.venv` and install the pinned requirements; run by `./dev` with any Python >= 3.11.

Standard library only: this runs before anything is installed. The caller writes the stamp after
this has ended well, so a failed or interrupted installation is simply done again.
"""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

PIP_LOG_TAIL_LINES = 15


def main(root: Path) -> int:
    """Leave a complete `.venv` behind and return 0, or explain what went wrong and return 1."""
    venv = root / ".venv"
    logs = root / ".data" / "logs"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        venv.mkdir(exist_ok=True)
        lock = (root / ".data" / "install.lock").open("w")
    except PermissionError as error:
        return _fail(f"Cannot write {error.filename}: it belongs to another user.")
    # Two first runs at once (demo in one terminal, test in another) must not share one pip.
    fcntl.flock(lock, fcntl.LOCK_EX)
    # Without the stamp the old contents are in doubt while pip works on them.
    (venv / ".installed").unlink(missing_ok=True)
    python = venv / "bin" / "python"
    if not _works(python) and not _make_venv(venv):
        return 1
    return _install(python, root, logs / "pip.log")


def _works(python: Path) -> bool:
    """Whether the venv's Python runs, is recent enough and has pip (a half-made venv has not)."""
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", probe], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv(venv: Path) -> bool:
    _say(f"Making .venv with Python {sys.version_info.major}.{sys.version_info.minor} …")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True
    )
    if made.returncode == 0:
        return True
    _fail(made.stdout.strip() or made.stderr.strip())
    if "ensurepip" in made.stdout + made.stderr:
        _fail("On Debian and Ubuntu this is mended by: apt install python3-venv")
    return False


def _install(python: Path, root: Path, log_path: Path) -> int:
    _say("Installing the pinned requirements (once; a minute or so) …")
    started = time.monotonic()
    command = [
        str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
        "--require-hashes", "--requirement", str(root / "requirements-dev.txt"),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": ""}
    with log_path.open("wb") as log:
        done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
    if done.returncode != 0:
        tail = log_path.read_text(errors="replace").splitlines()[-PIP_LOG_TAIL_LINES:]
        _fail("\n".join(tail))
        return _fail(f"pip could not install the requirements. The whole log: {log_path}")
    _make_importable(python, root)
    _say(f"Installed in {time.monotonic() - started:.0f} s.")
    return 0


def _make_importable(python: Path, root: Path) -> None:
    """Put the checkout on the path of .venv, so that a bare `.venv/bin/pytest` finds it too."""
    probe = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=True)
    (Path(found.stdout.strip()) / "chatorical.pth").write_text(f"{root}\n")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _fail(line: str) -> int:
    _say(line)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
