"""Where the local stack keeps its things."""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# sun_path holds 104 bytes on macOS and 108 on Linux, the closing NUL included.
MAX_SOCKET_PATH_BYTES = 100
MAX_SOCKET_NAME = ".s.PGSQL.5432.lock"


def data_root() -> Path:
    """`.data` of this checkout, or the directory named by CHATORICAL_DATA_DIR."""
    named = os.environ.get("CHATORICAL_DATA_DIR", "")
    return Path(named).expanduser().resolve() if named else ROOT / ".data"


def socket_directory(home: Path) -> Path:
    """A directory whose UNIX socket paths are short enough; `home` itself when it can be.

    A deep checkout gets one under /tmp, named by a hash of `home`: every process of the checkout
    computes the same, whatever its TMPDIR, without a word between them.
    """
    if len(os.fsencode(home / MAX_SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES:
        return home
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    name = f"chatorical-{os.geteuid()}-{digest}"
    return Path("/tmp") / name  # noqa: S108 - made 0700 and its owner is checked before use
