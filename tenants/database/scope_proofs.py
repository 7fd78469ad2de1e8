"""The proof that a transaction may work for a tenant, which the policies ask for.

Made with a key of the database that only platform work can read, and kept in this process: SQL that
runs inside a tenant's scope knows that tenant's proof and can make no other. Not to be logged.
"""

import hmac
from uuid import UUID

_key: bytes | None = None


def known_key() -> bytes | None:
    """The key, if this process has read it."""
    return _key


def remember_key(key: bytes | None) -> None:
    """Use this key from now on; None has it read again."""
    global _key
    _key = key


def prove(key: bytes, tenant_id: UUID) -> str:
    """The tenant's proof, 64 hexadecimal digits."""
    return hmac.digest(key, str(tenant_id).encode(), "sha256").hex()
