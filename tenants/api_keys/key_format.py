"""How a key reads: `chat_live_<prefix>_<random>_<checksum>`.

The fixed beginning lets secret scanners find a leaked key, and the checksum (CRC-32 of all that
comes before it) lets them tell a key from a look-alike without asking anybody.
"""

import hashlib
import re
import secrets
import string
import zlib

START = "chat_live_"
PREFIX_LENGTH = 10
# 43 of 62 characters are just over 256 bits.
_RANDOM_LENGTH = 43
_CHECKSUM_LENGTH = 6
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase

PATTERN = (
    rf"{START}[0-9A-Za-z]{{{PREFIX_LENGTH}}}_[0-9A-Za-z]{{{_RANDOM_LENGTH}}}"
    rf"_[0-9A-Za-z]{{{_CHECKSUM_LENGTH}}}"
)
_KEY = re.compile(PATTERN)


def new_key() -> tuple[str, str]:
    """A fresh key and the prefix that it may be known by."""
    prefix = _random_text(PREFIX_LENGTH)
    body = f"{START}{prefix}_{_random_text(_RANDOM_LENGTH)}"
    return f"{body}_{_checksum(body)}", prefix


def prefix_of(key: str) -> str | None:
    """The visible part of a key; None for a text that cannot be one of ours."""
    if _KEY.fullmatch(key) is None:
        return None
    body, _, checksum = key.rpartition("_")
    if checksum != _checksum(body):
        return None
    return body.removeprefix(START)[:PREFIX_LENGTH]


def looks_like_a_key(text: str) -> bool:
    """Whether this is meant as an API key, good or bad, and not another kind of token."""
    return text.startswith(START)


def hash_of(key: str) -> str:
    """What is stored of a key. It has 256 random bits, so that a fast hash is as good as a slow
    one."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
