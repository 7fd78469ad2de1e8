"""The secret end of an invitation's link: which invitation it is, and the proof of holding it.

`<id of the invitation, 32 hexadecimal digits><43 random characters>`
"""

import hashlib
import re
import secrets
from uuid import UUID

# 32 bytes: 256 bits, written in 43 characters.
_RANDOM_BYTES = 32
_TOKEN = re.compile(r"([0-9a-f]{32})[0-9A-Za-z_-]{43}")


def new_token(invitation_id: UUID) -> str:
    """A fresh token for an invitation."""
    return invitation_id.hex + secrets.token_urlsafe(_RANDOM_BYTES)


def id_of(token: str) -> UUID | None:
    """Which invitation a token is for; None for a text that cannot be one of ours."""
    found = _TOKEN.fullmatch(token)
    return None if found is None else UUID(found[1])


def hash_of(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so that a fast hash is as good as a slow
    one."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
