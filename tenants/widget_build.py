"""The widget's file as it was built, and what names just this build."""

import hashlib
from base64 import b64encode
from functools import lru_cache

from django.conf import settings

_FILE = settings.BASE_DIR / "widget" / "dist" / "widget.min.js"
_VERSION_LENGTH = 20


@lru_cache(maxsize=1)
def script() -> bytes:
    """What browsers run; read once in a process."""
    return _FILE.read_bytes()


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
