"""How rows are named. See docs/adr/0001-ids.md."""

import uuid
from datetime import datetime

from uuid_utils import compat


def new_capability_id() -> uuid.UUID:
    """A fully random UUID, for ids whose knowledge is itself a permission."""
    return uuid.uuid4()


def new_id() -> uuid.UUID:
    """A time-ordered UUID (version 7): neighbours in time are neighbours in the index."""
    return compat.uuid7()


def first_id_at(moment: datetime) -> uuid.UUID:
    """The lowest `new_id` of that millisecond, so that a time can be looked up by primary key."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))
