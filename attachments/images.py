"""Pictures drawn anew in a process of their own, a few at a time."""

import subprocess  # nosec B404
import sys
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec
import structlog

from attachments import reencode
from attachments.errors import AttachmentTooLarge, InvalidAttachment
from attachments.sniffing import GIF, JPEG, PNG, WEBP, FileType

logger = structlog.get_logger(__name__)

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", GIF: "GIF"}
_TIMEOUT_SECONDS = 30


class _Places:
    """Where pictures are drawn: a few at once, and of one owner one at a time.

    So a tenant whose pictures take long keeps only its own pictures waiting.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._owners: set[Hashable] = set()
        self._has_changed = threading.Condition()

    @contextmanager
    def of(self, owner: Hashable) -> Iterator[None]:
        """Wait for a place, and have it."""
        with self._has_changed:
            self._has_changed.wait_for(
                lambda: len(self._owners) < self._number and owner not in self._owners
            )
            self._owners.add(owner)
        try:
            yield
        finally:
            with self._has_changed:
                self._owners.remove(owner)
                self._has_changed.notify_all()


# Each may take hundreds of megabytes for a moment.
_PLACES = _Places(2)


class _Size(msgspec.Struct):
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was drawn anew; its content is where it was wanted."""

    file_type: FileType
    width: int
    height: int


def draw_anew(
    content: IO[bytes], file_type: FileType, into: IO[bytes], *, owner: Hashable
) -> Picture:
    """Write the picture without metadata into a real file, its longer side at most 4096 pixels.

    One of the owner's at a time in each process. Of what moves, the first picture. Raises
    InvalidAttachment for what is none, and AttachmentTooLarge for one of more than 40 million
    pixels or that takes too long.
    """
    content.seek(0)
    command = [sys.executable, "-I", str(Path(reencode.__file__)), _FORMATS[file_type]]
    with _PLACES.of(owner):
        try:
            done = subprocess.run(  # noqa: S603  # nosec B603 (a constant program of our own)
                command,
                stdin=content,
                stdout=into,
                stderr=subprocess.PIPE,
                env={},
                timeout=_TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise AttachmentTooLarge("The picture takes too long to read.") from None
    if done.returncode == reencode.NO_PICTURE:
        raise InvalidAttachment("The picture cannot be read.")
    if done.returncode == reencode.TOO_SLOW:
        raise AttachmentTooLarge("The picture takes too long to read.")
    if done.returncode != 0:
        # Too many pixels, or a limit of the kernel's.
        logger.info("picture_refused", code=done.returncode)
        raise AttachmentTooLarge("The picture has too many pixels.")
    size = msgspec.json.decode(done.stderr.splitlines()[-1], type=_Size)
    return Picture(PNG if file_type is GIF else file_type, size.width, size.height)
