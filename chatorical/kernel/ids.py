"""How rows are named. See docs/adr/0001-ids.md."""

import uuid

from uuid_utils import compat


def new_capability_id() -> uuid.UUID:
    """A fully random UUID, for ids whose knowledge is itself a permission."""
    return uuid.uuid4()


def new_id() -> uuid.UUID:
    """A time-ordered UUID (version 7): neighbours in time are neighbours in the index."""
    return compat.uuid7()
