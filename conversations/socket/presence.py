"""Whether a customer has the page open, from the sockets of all processes.

It is worked out when somebody asks, and kept in Redis alone: what is not sure is said to
be unknown. So it is after Redis was emptied, after a process has died with its sockets, and for
browsers that reach no socket.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from conversations.socket.open_sockets import left_of, process_of, set_of
from tenants.redis_client import REDIS_FAULTS, Breaker, redis_client

# Between two pages, and while a connection is lost, nobody has left.
GRACE_SECONDS = 30
_breaker = Breaker("presence")


class PresenceState(StrEnum):
    """Whether the customer is there."""

    HERE = "here"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Presence:
    """The state, and for somebody who has left, since when."""

    state: PresenceState
    left_at: datetime | None = None

    @property
    def in_words(self) -> str:
        """For agents; empty for what is not known."""
        if self.state == PresenceState.HERE:
            return "open"
        return f"left at {self.left_at:%Y-%m-%d %H:%M} UTC" if self.left_at else ""


_UNKNOWN = Presence(PresenceState.UNKNOWN)


def read_presence(*, tenant_id: UUID, conversation_id: UUID) -> Presence:
    """Whether the customer of a tenant's conversation has it open somewhere."""
    if _breaker.is_open:
        return _UNKNOWN
    name = set_of(tenant_id, conversation_id)
    try:
        with redis_client().pipeline(transaction=False) as pipeline:
            pipeline.smembers(name)
            pipeline.get(left_of(name))
            members, left = pipeline.execute()
        processes = {process_of(member) for member in members}
        if processes:
            return Presence(PresenceState.HERE) if redis_client().exists(*processes) else _UNKNOWN
    except REDIS_FAULTS as error:
        _breaker.trip(error)
        return _UNKNOWN
    if left is None:
        return _UNKNOWN
    if time.time() - int(left) < GRACE_SECONDS:
        return Presence(PresenceState.HERE)
    return Presence(PresenceState.LEFT, datetime.fromtimestamp(int(left), UTC))


def note_seen(*, tenant_id: UUID, conversation_id: UUID) -> None:
    """A browser reads without a socket: from now on it is not known whether it has left."""
    if _breaker.is_open:
        return
    try:
        redis_client().delete(left_of(set_of(tenant_id, conversation_id)))
    except REDIS_FAULTS as error:
        _breaker.trip(error)
