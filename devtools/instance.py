"""One data directory, one owner: the lock that keeps two runs apart."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.errors import AlreadyRunning, LocalError

MAX_TEST_RUNS = 16


@contextmanager
def owned(directory: Path, word: str) -> Iterator[Path]:
    """Hold `directory` for one run of `./dev <word>`; raises AlreadyRunning at once when held.

    The lock is the kernel's and ends with our process, so a killed run leaves none behind. What
    the file says (pid and word) is only for the message to the next one.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = (directory / "owner.lock").open("a+")
    except PermissionError as error:
        raise LocalError(
            f"Cannot write {error.filename}: it belongs to another user. Remove {directory}, or "
            "choose another place: CHATORICAL_DATA_DIR=/some/directory"
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another run"
            raise AlreadyRunning(f"{holder} already uses {directory}.") from None
        handle.seek(0)
        handle.truncate()
        handle.write(f"./dev {word} (pid {os.getpid()})")
        handle.flush()
        yield directory


@contextmanager
def owned_test_directory(root: Path, word: str) -> Iterator[Path]:
    """The first free one of `test`, `test-2` … under `root`: runs side by side do not meet."""
    for number in range(1, MAX_TEST_RUNS + 1):
        directory = root / ("test" if number == 1 else f"test-{number}")
        holding = owned(directory, word)
        try:
            holding.__enter__()
        except AlreadyRunning:
            continue
        try:
            yield directory
        finally:
            holding.__exit__(None, None, None)
        return
    raise AlreadyRunning(f"{MAX_TEST_RUNS} test runs use {root} already.")


def is_owned(directory: Path) -> bool:
    """Whether a live run holds `directory`."""
    try:
        handle = (directory / "owner.lock").open("r+")
    except OSError:
        return False
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
