"""The files in which prometheus_client keeps a process's values, safe on a full disk."""

import json
import mmap
import os
import struct
from pathlib import Path

import structlog
from prometheus_client.mmap_dict import MmapedDict

logger = structlog.get_logger(__name__)

_FIRST_BYTES = 1 << 16
_HEAD_BYTES = 8
# The most that the package adds to a key: its length, padding, value and time.
_ENTRY_BYTES = 32


class ReservedDict(MmapedDict):
    """Values in a file each of whose blocks is there before it is written.

    The package makes files with holes, and writing into a hole on a full disk ends the process
    (SIGBUS). Here the values go on in memory instead; others see the last ones that had room.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        self.is_on_disk = True
        try:
            with open(filename, "a+b") as file:
                if file.seek(0, os.SEEK_END) == 0:
                    os.posix_fallocate(file.fileno(), 0, _FIRST_BYTES)
        except OSError as error:
            self._f, self._fname = None, filename  # type: ignore[assignment]
            self._positions: dict[str, int] = {}
            self._used, self._capacity = _HEAD_BYTES, _FIRST_BYTES
            self._go_on_in_memory(b"", error)
        else:
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        while self._used + len(key.encode()) + _ENTRY_BYTES > self._capacity:
            self._grow()
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _grow(self) -> None:
        self._capacity *= 2
        if self._f is None or not self.is_on_disk:
            self._move_to_memory(bytes(self._m))
            return
        try:
            os.posix_fallocate(self._f.fileno(), 0, self._capacity)
        except OSError as error:
            self._go_on_in_memory(bytes(self._m), error)
        else:
            self._m = mmap.mmap(self._f.fileno(), self._capacity)

    def _go_on_in_memory(self, values: bytes, error: OSError) -> None:
        logger.error("metrics_not_shared", reason=error.strerror)
        self.is_on_disk = False
        self._move_to_memory(values)

    def _move_to_memory(self, values: bytes) -> None:
        self._m = mmap.mmap(-1, self._capacity)
        self._m[: len(values)] = values
        self._m[:4] = struct.pack("i", self._used)


def read_values(file: Path) -> dict[str, float] | None:
    """What a file holds, by the package's keys; None for one that is damaged or not there."""
    try:
        rows = list(MmapedDict.read_all_values_from_file(str(file)))  # type: ignore[no-untyped-call]
        for key, *_ in rows:
            json.loads(key)
    except FileNotFoundError:
        return None
    except (RuntimeError, struct.error, ValueError) as error:
        # Cut off or torn by a crash. What it counted is not to be had any more.
        logger.warning("metrics_file_unreadable", file=file.name, error=str(error)[:200])
        return None
    return {key: value for key, value, _, _ in rows}


def write_values(values: dict[str, float], file: Path) -> bool:
    """Replace a file at once, so that a kill leaves the old or the new one; False without room."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    written = ReservedDict(str(draft))
    for key, value in values.items():
        written.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]
    if written.is_on_disk:
        written.close()  # type: ignore[no-untyped-call]
        draft.replace(file)
    return written.is_on_disk
