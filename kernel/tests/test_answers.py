"""Answers as they leave, and how versions of them are told apart."""

from uuid import UUID

import pytest

from kernel.rest.answers import Answer, PageJson
from kernel.rest.preconditions import etag_of
from kernel.rest.renderers import AnswerRenderer


class ThingJson(Answer, frozen=True, kw_only=True):
    """Anything."""

    id: UUID
    text: str
    values: dict[str, object]


def thing(**values: object) -> ThingJson:
    """One with these values."""
    return ThingJson(id=UUID(int=1), text='“ä”\n"', values=values)


def test_a_struct_leaves_as_json() -> None:
    page = PageJson(data=[thing(on=True, no=None)], next_cursor=None)
    expected = (
        '{"data":[{"id":"00000000-0000-0000-0000-000000000001","text":"“ä”\\n\\"",'
        '"values":{"on":true,"no":null}}],"next_cursor":null}'
    )
    assert AnswerRenderer().render(page) == expected.encode()


@pytest.mark.parametrize(("answer", "body"), [(None, b""), ([], b"[]"), ({}, b"{}")])
def test_what_is_empty_leaves_as_it_is(answer: object, body: bytes) -> None:
    assert AnswerRenderer().render(answer) == body


def test_a_version_is_what_is_shown_in_whichever_order() -> None:
    assert etag_of(thing(a=1, b=2)) == etag_of(thing(b=2, a=1))
    assert etag_of(thing(a=1, b=2)) != etag_of(thing(a=1, b=3))
