"""/v2/admin/outbox"""

from typing import Annotated, Any, ClassVar

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms, iso_ms_or_none
from kernel.errors import InvalidParameter
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.paging import PageRequest, object_answer
from outbox import selectors, services
from outbox.errors import OutboxItemNotOpen
from outbox.kinds import redacted
from outbox.models import Lane, OutboxItem
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope

_TAGS = ["Outbox"]
_LANES = {lane.name.lower(): lane for lane in Lane}
_MAX_KIND = 48

_INCLUDE_PAYLOAD = OpenApiParameter(
    "include_payload",
    {"type": "string", "enum": ["0", "1"], "default": "0"},
    description="`1` shows payloads as they are, with people's words in them: the key must hold "
    "`admin:write`. Otherwise words are hidden. Secrets are never part of a payload.",
)
_FILTERS = [
    OpenApiParameter("status", {"type": "string", "enum": list(OutboxItem.Status)}),
    OpenApiParameter(
        "kind",
        {"type": "string", "maxLength": _MAX_KIND},
        description="Such as `telegram.post`.",
    ),
    OpenApiParameter("lane", {"type": "string", "enum": list(_LANES)}),
]


class OutboxItemJson(Answer, frozen=True, kw_only=True):
    """One promised effect on the outside world."""

    id: int
    kind: str
    status: OutboxItem.Status
    lane: Annotated[
        str,
        Meta(
            description="A lower lane leaves earlier when a budget is short.",
            extra_json_schema={"enum": list(_LANES)},
        ),
    ]
    attempts: int
    next_attempt_at: Annotated[Moment | None, Meta(description="Null unless it is pending.")]
    is_being_attempted: bool
    last_error: str | None
    ordering_key: Annotated[
        str, Meta(description="Items that share it leave one after another, by id.")
    ]
    request_id: str | None
    created_at: Moment
    expires_at: Moment | None
    finished_at: Moment | None
    payload: dict[str, object]
    is_payload_redacted: bool

    @classmethod
    def of(cls, item: OutboxItem, *, shows_payload: bool = False) -> "OutboxItemJson":
        """The item as it is shown; people's words only with `shows_payload`."""
        is_pending = item.status == OutboxItem.Status.PENDING
        return cls(
            id=item.pk,
            kind=item.kind,
            status=OutboxItem.Status(item.status),
            lane=Lane(item.lane).name.lower(),
            attempts=item.attempts,
            next_attempt_at=iso_ms(item.next_attempt_at) if is_pending else None,
            is_being_attempted=item.lease is not None,
            last_error=item.last_error or None,
            ordering_key=item.ordering_key,
            request_id=item.request_id or None,
            created_at=iso_ms(item.created_at),
            expires_at=iso_ms_or_none(item.expires_at),
            finished_at=iso_ms_or_none(item.finished_at),
            payload=item.payload if shows_payload else redacted(item),
            is_payload_redacted=not shows_payload,
        )


class Nothing(serializers.Serializer[Any]):
    """The call needs no values."""


class _OutboxView(ApiKeyView):
    reading: ClassVar[Scope] = Scope.ADMIN_READ
    writing: ClassVar[Scope | None] = Scope.ADMIN_WRITE

    def _item(self, item_id: int) -> OutboxItem:
        return selectors.get_item(tenant=self.tenant, item_id=item_id)

    def _shows_payload(self, request: Request) -> bool:
        wanted = _one_of(request.query_params, "include_payload", ["0", "1"]) == "1"
        if wanted:
            self.caller.require_scope(Scope.ADMIN_WRITE)
        return wanted


class Items(_OutboxView):
    """What is promised, and what has become of it."""

    @extend_schema(
        operation_id="listOutboxItems",
        tags=_TAGS,
        summary="List outbox items",
        description="Needs `admin:read`. Finished items disappear after a week.",
        parameters=[*PageRequest.parameters(), *_FILTERS, _INCLUDE_PAYLOAD],
        responses=page_of(OutboxItemJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        query = request.query_params
        status = _one_of(query, "status", list(OutboxItem.Status))
        lane = _one_of(query, "lane", list(_LANES))
        shows_payload = self._shows_payload(request)
        rows = selectors.list_items(
            tenant=self.tenant,
            status=status,
            kind=_kind(query),
            lane=_LANES[lane] if lane else None,
        )
        page = PageRequest.of(request, "outbox").take(rows)
        shown = [OutboxItemJson.of(item, shows_payload=shows_payload) for item in page.rows]
        return object_answer(shown, page.next_cursor)


class OneItem(_OutboxView):
    """One item."""

    @extend_schema(
        operation_id="readOutboxItem",
        tags=_TAGS,
        summary="Read an outbox item",
        description="Needs `admin:read`.",
        parameters=[_INCLUDE_PAYLOAD],
        responses=answered(OutboxItemJson),
    )
    def get(self, request: Request, item_id: int) -> Response:
        """The item."""
        shows_payload = self._shows_payload(request)
        return Response(OutboxItemJson.of(self._item(item_id), shows_payload=shows_payload))


class Retry(_OutboxView):
    """Another first attempt."""

    @extend_schema(
        operation_id="retryOutboxItem",
        tags=_TAGS,
        summary="Retry an outbox item",
        description="Needs `admin:write`. A dead or waiting item is attempted at once, as if for "
        "the first time. 409 `outbox_item_not_open` when it is finished or being attempted.",
        request=Nothing,
        responses=answered(OutboxItemJson),
    )
    def post(self, request: Request, item_id: int) -> Response:
        """The item, pending again."""
        read(Nothing, request)
        item = self._item(item_id)
        if not services.retry_item(tenant=self.tenant, item=item, actor=self.actor):
            raise OutboxItemNotOpen(item_id=item_id)
        return Response(OutboxItemJson.of(self._item(item_id)))


class Discard(_OutboxView):
    """Never to be sent."""

    @extend_schema(
        operation_id="discardOutboxItem",
        tags=_TAGS,
        summary="Discard an outbox item",
        description="Needs `admin:write`. It will never be sent; what waits behind it can leave. "
        "409 `outbox_item_not_open` when it is finished or being attempted.",
        request=Nothing,
        responses=answered(OutboxItemJson),
    )
    def post(self, request: Request, item_id: int) -> Response:
        """The item, discarded."""
        read(Nothing, request)
        item = self._item(item_id)
        if not services.discard_item(tenant=self.tenant, item=item, actor=self.actor):
            raise OutboxItemNotOpen(item_id=item_id)
        return Response(OutboxItemJson.of(self._item(item_id)))


def _one_of(query: QueryDict, name: str, allowed: list[str]) -> str | None:
    value = query.get(name)
    if value is None or value == "":
        return None
    if value not in allowed:
        raise InvalidParameter(
            f"{name}: Use one of {', '.join(allowed)}.", details={"field": name, "known": allowed}
        )
    return value


def _kind(query: QueryDict) -> str | None:
    value = query.get("kind")
    if value and ("\0" in value or len(value) > _MAX_KIND):
        raise InvalidParameter("kind: There is no such kind.", details={"field": "kind"})
    return value or None
