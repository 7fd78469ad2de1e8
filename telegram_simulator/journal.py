"""The state file: one JSON line per changed record, so that even `kill -9` loses nothing.

A line is written before the answer that tells of the change. Opening the file replays it; it is
rewritten in compact form then, at a clean stop, and whenever it has grown a lot.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from telegram_simulator.records import Record

COMPACT_AFTER_BYTES = 64 * 1024 * 1024


class Journal:
    """Append-only file of records with atomic compaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoder = msgspec.json.Encoder()
        self._buffer = bytearray()
        self._grown_bytes = 0
        self._fd: int | None = None

    @property
    def wants_compaction(self) -> bool:
        return self._grown_bytes > COMPACT_AFTER_BYTES

    def replay(self) -> Iterator[Record]:
        """Yield the stored records in the order of their change.

        A last line torn by a kill is left out. Any other unreadable line raises
        `msgspec.DecodeError`: starting with half of a state would only hide the damage.
        """
        if not self._path.exists():
            return
        decoder = msgspec.json.Decoder(Record)
        lines = self._path.read_bytes().split(b"\n")
        torn = lines.pop()
        yield from (decoder.decode(line) for line in lines if line)
        if torn:
            try:
                yield decoder.decode(torn)
            except msgspec.DecodeError:
                return

    def append(self, record: Record) -> None:
        self._buffer += self._encoder.encode(record)
        self._buffer += b"\n"

    def flush(self) -> None:
        """Hand everything appended so far to the operating system."""
        if self._buffer and self._fd is not None:
            os.write(self._fd, self._buffer)
            self._grown_bytes += len(self._buffer)
            self._buffer.clear()

    def compact(self, records: Iterable[Record]) -> None:
        """Replace the file by exactly these records, atomically, and go on appending to it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("wb") as file:
            for record in records:
                file.write(self._encoder.encode(record) + b"\n")
        fresh.replace(self._path)
        self.close()
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        self._grown_bytes = 0
        self._buffer.clear()

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
