"""The console's sessions: SESSION_ENGINE.

A row is found by the hash of its key, and opens under that key only. So who reads the table, or a
copy of it, can take over no session, and who writes to it cannot give one away. The application's
role can do neither.
"""

from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db.models.functions import Now
from django.utils import timezone

from tenants import pruning
from tenants.scope import platform_tables

# What Django's column holds: 160 bits.
_KEPT_DIGITS = 40


class SessionStore(db.SessionStore):
    """Django's own, as platform work, with other keys in the table than in the cookies.

    `await` is not for it: the console is not asynchronous.
    """

    @property
    def key_salt(self) -> str:
        """Binds the signature of the data to the session's key."""
        return f"{super().key_salt}.{self.session_key}"

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        with platform_tables("console sessions"):
            found: AbstractBaseSession | None = self.model.objects.filter(
                session_key=_kept(self.session_key or ""), expire_date__gt=timezone.now()
            ).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with this key, expired or not."""
        with platform_tables("console sessions"):
            return super().exists(_kept(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row to be saved."""
        row = super().create_model_instance(data)
        row.session_key = _kept(row.session_key)
        return row

    def save(self, must_create: bool = False) -> None:
        """Keep it; raises CreateError and UpdateError as Django's."""
        with platform_tables("console sessions"):
            super().save(must_create)

    def delete(self, session_key: str | None = None) -> None:
        """End it, or that of the key."""
        key = session_key or self.session_key
        if key is not None:
            with platform_tables("console sessions"):
                super().delete(_kept(key))

    @classmethod
    def clear_expired(cls) -> None:
        """Delete those whose time is over; beat has it done each hour."""
        delete_expired()


def delete_expired() -> int:
    """Delete the sessions whose time is over; returns how many."""
    model = SessionStore.get_model_class()
    return pruning.delete_old(lambda: model.objects.filter(expire_date__lt=Now()))


def _kept(session_key: str) -> str:
    """What stands in the table for the key in a cookie, which has 165 random bits."""
    return sha256(session_key.encode()).hexdigest()[:_KEPT_DIGITS]
