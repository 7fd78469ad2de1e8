"""What a call answers: one struct, which is sent as it is and described in the API document.

A struct's docstring and the `Meta` of its fields are the descriptions in the document
(`chatorical.openapi.answers`).
"""

from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from typing import Annotated

import msgspec
from msgspec import Meta

# Made by `kernel.clock.iso_ms`: msgspec writes a datetime with microseconds.
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Email = Annotated[str, Meta(extra_json_schema={"format": "email"})]

_ENCODER = msgspec.json.Encoder()
# The version of a thing does not depend on the order in which a dictionary was filled.
_ORDERED_ENCODER = msgspec.json.Encoder(order="deterministic")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, or an object within one."""


class PageJson(Answer, frozen=True, kw_only=True):
    """Rows of a list and the cursor of what follows."""

    data: Sequence[Answer]
    next_cursor: Annotated[
        str | None, Meta(description="Give it back as `cursor`; null on the last page.")
    ]


def encode(answer: object) -> bytes:
    """The answer in JSON, without blanks."""
    return _ENCODER.encode(answer)


def encode_ordered(answer: object) -> bytes:
    """As `encode`, the same bytes for equal answers."""
    return _ORDERED_ENCODER.encode(answer)


def answered(body: type[Answer], status: int = HTTPStatus.OK) -> dict[int, type[Answer]]:
    """What a call answers when all is well, for the API document."""
    return {int(status): body}


@cache
def page_of(row: type[Answer]) -> dict[int, type[Answer]]:
    """A `PageJson` of such rows, for the API document."""
    name = f"{row.__name__.removesuffix('Json')}Page"
    fields = [("data", list[row])]  # type: ignore[valid-type]
    page = msgspec.defstruct(name, fields, bases=(PageJson,), frozen=True, kw_only=True)
    assert issubclass(page, PageJson)
    return {200: page}
