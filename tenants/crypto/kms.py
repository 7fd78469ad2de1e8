"""Who keeps the master keys and wraps data keys with them.

`key_management()` is the one place that says which; everything else sees only the protocol, so a
key service of a cloud can take the place of the keys in the environment.
"""

import hashlib
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from tenants.errors import SealBroken

_NONCE_BYTES = 12


class KeyManagement(Protocol):
    """Wraps data keys. `context` is authenticated: a wrapped key opens in its own place only."""

    @property
    def wrapping_id(self) -> str:
        """The public name of the master key that wraps now."""

    @property
    def known_ids(self) -> tuple[str, ...]:
        """The public names of all master keys that can unwrap, the wrapping one first."""

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """The master key's name and the wrapped key."""

    def unwrap(self, wrapped: bytes, master_key_id: str, context: bytes) -> bytes:
        """The data key; raises SealBroken for an unknown master key, or what was altered."""


class LocalKeys:
    """Master keys in this process's memory, from KMS_MASTER_KEY: AES-256-GCM, 96-bit nonces."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {master_key_id(key): key for key in keys}

    @property
    def wrapping_id(self) -> str:
        """The first key's name."""
        return self.known_ids[0]

    @property
    def known_ids(self) -> tuple[str, ...]:
        """All keys' names, in the order of the setting."""
        return tuple(self._keys)

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrapped by the first key."""
        wrapping_id, nonce = self.wrapping_id, secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._keys[wrapping_id]).encrypt(nonce, data_key, context)
        return wrapping_id, nonce + sealed

    def unwrap(self, wrapped: bytes, master_key_id: str, context: bytes) -> bytes:
        """Unwrapped by whichever key is named."""
        master = self._keys.get(master_key_id)
        if master is None:
            raise SealBroken(
                f"KMS_MASTER_KEY does not contain master key {master_key_id}, which wrapped this "
                "data key. Put it back, after the new one, separated by a comma."
            )
        try:
            return AESGCM(master).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise SealBroken(f"a key wrapped by master key {master_key_id} was altered") from None


def master_key_id(key: bytes) -> str:
    """A short public name of a master key: the head of its SHA-256."""
    return hashlib.sha256(b"chatorical master key" + key).hexdigest()[:12]


def key_management() -> KeyManagement:
    """The installation's key management."""
    return _local(tuple(settings.KMS_MASTER_KEYS))


@lru_cache(maxsize=4)
def _local(keys: tuple[bytes, ...]) -> LocalKeys:
    return LocalKeys(keys)
