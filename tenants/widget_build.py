"""The widget's files as they were built, and what names just this build."""

import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

_FOLDER = settings.BASE_DIR / "widget" / "dist"
_VERSION_LENGTH = 20


@lru_cache(maxsize=1)
def script() -> bytes:
    """The loader, which pages embed; read once in a process."""
    return (_FOLDER / "widget.min.js").read_bytes()


@lru_cache(maxsize=1)
def parts() -> Mapping[str, bytes]:
    """The files that the loader fetches, by the name under which it does: `engine-<hash>.js`."""
    files = {path.stem: path.read_bytes() for path in (_FOLDER / "parts").glob("*.js")}
    return {f"{stem}-{_part_hash(content)}.js": content for stem, content in files.items()}


def _part_hash(content: bytes) -> str:
    """As `widget/src/parts.js` makes it of the SHA-256 that the loader compares."""
    return urlsafe_b64encode(hashlib.sha256(content).digest()).decode()[:_VERSION_LENGTH]


@lru_cache(maxsize=1)
def version() -> str:
    """Another one for each content: 20 hexadecimal digits."""
    return hashlib.sha256(script()).hexdigest()[:_VERSION_LENGTH]


@lru_cache(maxsize=1)
def integrity() -> str:
    """For a tag's `integrity`: a browser that is served anything else does not run it."""
    return f"sha384-{b64encode(hashlib.sha384(script()).digest()).decode()}"


def is_of_another_build(name: str) -> bool:
    """Whether a name that looks like a `version()` is not this build's.

    An older server, or an older page, during an upgrade.
    """
    is_version = len(name) == _VERSION_LENGTH and not name.strip("0123456789abcdef")
    return is_version and name != version()
