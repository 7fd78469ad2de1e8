"""Where the bytes are: a Django storage, by default a directory."""

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import IO

from django.core.files import File
from django.core.files.storage import Storage, storages

_PIECE_BYTES = 128 * 1024


@lru_cache(maxsize=1)
def _storage() -> Storage:
    return storages["attachments"]


def save(key: str, content: IO[bytes]) -> None:
    """Keep the content under the key, which is new; raises OSError."""
    content.seek(0)
    used = _storage().save(key, File(content))
    if used != key:
        _storage().delete(used)
        raise FileExistsError(key)


def open_file(key: str) -> IO[bytes]:
    """The content; raises FileNotFoundError."""
    opened: IO[bytes] = _storage().open(key, "rb")
    return opened


def pieces(key: str) -> Iterator[bytes]:
    """The content in pieces; raises FileNotFoundError before the first."""
    with open_file(key) as content:
        while piece := content.read(_PIECE_BYTES):
            yield piece


def remove(key: str) -> None:
    """Make sure that nothing is there."""
    with suppress(FileNotFoundError):
        _storage().delete(key)
