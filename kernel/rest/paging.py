"""Reading a long list page by page, newest first.

A cursor names the last row of a page by its moment and id, not by its place in the list: rows that
are added or deleted meanwhile neither repeat nor hide another one.

REST framework is imported by what needs it: a customer's list is read without it, by a process that
may never need it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.exceptions import DisallowedHost
from django.db.models import Model, QuerySet

from kernel.errors import InvalidParameter
from kernel.rest.answers import Answer, PageJson

if TYPE_CHECKING:
    from drf_spectacular.utils import OpenApiParameter
    from rest_framework.request import Request
    from rest_framework.response import Response

Row = TypeVar("Row", bound=Model)
DEFAULT_LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Position:
    """Just behind a row of a list."""

    moment: datetime
    id: Any


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A stretch of a list, and the cursor of what follows, if anything does."""

    rows: list[Row]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The stretch that a caller asks for."""

    list_name: str
    limit: int
    position: Position | None

    @classmethod
    def of(
        cls,
        request: "Request",
        list_name: str,
        *,
        default: int = DEFAULT_LIMIT,
        maximum: int = MAX_LIMIT,
        cuts_limit: bool = False,
    ) -> "PageRequest":
        """From `limit` and `cursor` of the query; raises InvalidParameter naming the wrong one.

        A cursor is good for the list of this name only. With `cuts_limit`, who asks for more rows
        than `maximum` gets that many, and is not refused.
        """
        return cls.of_query(
            request.query_params,
            list_name,
            default=default,
            maximum=maximum,
            cuts_limit=cuts_limit,
        )

    @classmethod
    def of_query(
        cls,
        query: Mapping[str, str],
        list_name: str,
        *,
        default: int = DEFAULT_LIMIT,
        maximum: int = MAX_LIMIT,
        cuts_limit: bool = False,
    ) -> "PageRequest":
        """As `of`, from a query that is no part of REST framework's request."""
        limit = _read_limit(query.get("limit"), default, maximum, cuts=cuts_limit)
        cursor = query.get("cursor") or None
        return cls(list_name, limit, None if cursor is None else _read_cursor(list_name, cursor))

    @staticmethod
    def parameters(
        *, default: int | None = DEFAULT_LIMIT, maximum: int = MAX_LIMIT
    ) -> list["OpenApiParameter"]:
        """The two of them, for the API's description."""
        from drf_spectacular.utils import OpenApiParameter

        limit: dict[str, object] = {"type": "integer", "minimum": 1, "maximum": maximum}
        if default is not None:
            limit["default"] = default
        return [
            OpenApiParameter("limit", limit, description="Rows of a page at most."),
            OpenApiParameter("cursor", str, description="The page before's `next_cursor`."),
        ]

    def take(self, rows: "QuerySet[Row]", *, moment: str = "created_at") -> "Page[Row]":
        """This stretch of `rows`, ordered by `moment` (never null) and id, newest first."""
        found = list(self.ordered(rows, moment=moment)[: self.limit + 1])
        page = found[: self.limit]
        if len(found) <= self.limit:
            return Page(page, None)
        last = Position(getattr(page[-1], moment), page[-1].pk)
        return Page(page, _write_cursor(self.list_name, last))

    def ordered(self, rows: "QuerySet[Row]", *, moment: str = "created_at") -> "QuerySet[Row]":
        """All of `rows` from this stretch's beginning on, in the list's order."""
        ordered = rows.order_by(f"-{moment}", "-pk")
        if self.position is None:
            return ordered
        # The first condition alone bounds the walk through the index.
        return ordered.filter(**{f"{moment}__lte": self.position.moment}).exclude(
            **{moment: self.position.moment, "pk__gte": self.position.id}
        )


def array_answer(request: "Request", page: Page[Row], show: Callable[[Row], Answer]) -> "Response":
    """The rows as a bare array, as v1 has them; what follows is named in the headers."""
    from rest_framework.response import Response

    response = Response([show(row) for row in page.rows])
    if page.next_cursor is not None:
        query = {**request.query_params.dict(), "cursor": page.next_cursor}
        address = _absolute(request, f"{request.path}?{urlencode(query)}")
        response.headers["Link"] = f'<{address}>; rel="next"'
        response.headers["X-Next-Cursor"] = page.next_cursor
    return response


def object_answer(rows: Iterable[Answer], next_cursor: str | None) -> "Response":
    """The rows in an object that also has the next cursor, as v2 has them."""
    from rest_framework.response import Response

    return Response(PageJson(data=list(rows), next_cursor=next_cursor))


def _absolute(request: "Request", place: str) -> str:
    """By the host that was called, if it is known as ours; else by the name customers know."""
    try:
        return request.build_absolute_uri(place)
    except DisallowedHost:
        return f"{settings.PUBLIC_ORIGIN}{place}"


def _read_limit(value: str | None, default: int, maximum: int, *, cuts: bool) -> int:
    if value is None or value == "":
        return default
    limit = int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0
    if limit > maximum and cuts:
        return maximum
    if not 1 <= limit <= maximum:
        sentence = "Use a number from 1 on." if cuts else f"Use a number from 1 to {maximum}."
        raise InvalidParameter(f"limit: {sentence}", details={"limit": [sentence]})
    return limit


def _signer(list_name: str) -> signing.Signer:
    return signing.Signer(salt=f"chatorical.cursor.{list_name}")


def _write_cursor(list_name: str, position: Position) -> str:
    place = [position.moment.isoformat(), str(position.id)]
    return _signer(list_name).sign_object(place)


def _read_cursor(list_name: str, cursor: str) -> Position:
    try:
        moment, row_id = _signer(list_name).unsign_object(cursor)
    except (signing.BadSignature, ValueError):
        sentence = "Use a cursor as an earlier answer to this list gave it."
        raise InvalidParameter(f"cursor: {sentence}", details={"cursor": [sentence]}) from None
    return Position(datetime.fromisoformat(moment), row_id)
