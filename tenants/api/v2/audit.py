"""/v2/admin/audit"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms
from kernel.errors import InvalidParameter
from kernel.rest.answers import Answer, Moment, encode, page_of
from kernel.rest.csv_files import CSV_TYPE, csv_header, csv_rows, harmless
from kernel.rest.paging import PageRequest, Position, object_answer
from kernel.rest.streaming import fetching, streamed
from kernel.text import is_storable
from tenants import selectors
from tenants.api.v2.base import ApiKeyView
from tenants.api_keys.scopes import Scope
from tenants.audit import ActorKind
from tenants.models import AuditEntry
from tenants.scope import tenant_scope
from tenants.selectors import AuditFilter

_TAGS = ["Audit trail"]
_BATCH = 200
_MAX_VALUE = 64
_MOMENT = {"type": "string", "format": "date-time"}
_FILTERS = [
    OpenApiParameter("actor_kind", str, enum=[kind.value for kind in ActorKind]),
    OpenApiParameter("action", str, description="Such as `setting.changed`."),
    OpenApiParameter("object_type", str, description="Such as `setting`."),
    OpenApiParameter("object_id", str, description="Fast together with `object_type`."),
    OpenApiParameter("after", _MOMENT, description="From this moment on, such as …T00:00:00Z."),
    OpenApiParameter("before", _MOMENT, description="Up to this moment, without it."),
]


class AuditEntryJson(Answer, frozen=True, kw_only=True):
    """Who did what to which object."""

    id: UUID
    at: Moment
    actor_kind: ActorKind
    actor_id: str
    action: str
    object_type: str
    object_id: str
    changes: Annotated[
        dict[str, object], Meta(description="New values, or pairs of the old and the new one.")
    ]
    request_id: str

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryJson":
        """The entry as it is shown."""
        return cls(
            id=entry.pk,
            at=iso_ms(entry.at),
            actor_kind=ActorKind(entry.actor_kind),
            actor_id=entry.actor_id,
            action=entry.action,
            object_type=entry.object_type,
            object_id=entry.object_id,
            changes=entry.changes,
            request_id=entry.request_id,
        )


class AuditTrail(ApiKeyView):
    """The trail, page by page."""

    reading: ClassVar[Scope] = Scope.AUDIT_READ

    @extend_schema(
        operation_id="listAuditEntries",
        tags=_TAGS,
        summary="List audit entries",
        parameters=[*_FILTERS, *PageRequest.parameters()],
        responses=page_of(AuditEntryJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        entries = selectors.list_audit(tenant=self.tenant, wanted=wanted_entries(request))
        page = PageRequest.of(request, "audit").take(entries, moment="at")
        return object_answer(map(AuditEntryJson.of, page.rows), page.next_cursor)


class AuditJsonExport(ApiKeyView):
    """The trail as a JSON file."""

    reading: ClassVar[Scope] = Scope.AUDIT_READ

    @extend_schema(
        operation_id="exportAuditJson",
        tags=_TAGS,
        summary="Export audit entries as JSON",
        parameters=_FILTERS,
        responses={(200, "application/json"): list[AuditEntryJson]},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """One array, newest first, of any length."""
        batches = _batches(self.tenant.pk, wanted_entries(request))
        return streamed(
            fetching(_json_pieces(batches)),
            request=request,
            tenant_id=self.tenant.pk,
            content_type="application/json",
            file_name="audit.json",
        )


class AuditCsvExport(ApiKeyView):
    """The trail as a table."""

    reading: ClassVar[Scope] = Scope.AUDIT_READ

    @extend_schema(
        operation_id="exportAuditCsv",
        tags=_TAGS,
        summary="Export audit entries as CSV",
        parameters=_FILTERS,
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """A header, then a row per entry, newest first; `changes` is JSON."""
        batches = _batches(self.tenant.pk, wanted_entries(request))
        return streamed(
            fetching(_csv_pieces(batches)),
            request=request,
            tenant_id=self.tenant.pk,
            content_type=CSV_TYPE,
            file_name="audit.csv",
        )


def wanted_entries(request: Request) -> AuditFilter:
    """The filters of the query; raises InvalidParameter naming the wrong one."""
    query = request.query_params
    kind = query.get("actor_kind") or None
    if kind is not None and kind not in [known.value for known in ActorKind]:
        raise _wrong("actor_kind", f"Use one of: {', '.join(ActorKind)}.")
    return AuditFilter(
        actor_kind=kind,
        action=_plain("action", query.get("action")),
        object_type=_plain("object_type", query.get("object_type")),
        object_id=_plain("object_id", query.get("object_id")),
        after=moment_of("after", query.get("after")),
        before=moment_of("before", query.get("before")),
    )


def moment_of(name: str, value: str | None) -> datetime | None:
    """A moment of the query, in UTC unless it says otherwise; raises InvalidParameter."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(name, "Use a moment such as 2026-01-31T12:00:00Z.") from None


def _plain(name: str, value: str | None) -> str | None:
    if not value:
        return None
    if len(value) > _MAX_VALUE or not is_storable(value):
        raise _wrong(name, f"Use up to {_MAX_VALUE} characters.")
    return value


def _wrong(name: str, sentence: str) -> InvalidParameter:
    return InvalidParameter(f"{name}: {sentence}", details={name: [sentence]})


def _batches(tenant_id: UUID, wanted: AuditFilter) -> Iterator[list[AuditEntryJson]]:
    """Entries as they are shown, newest first; those that are written meanwhile are left out.

    No scope is open between two batches: the reader of the file may take all the time they want.
    """
    position: Position | None = None
    while True:
        with tenant_scope(tenant_id) as tenant:
            entries = selectors.list_audit(tenant=tenant, wanted=wanted)
            page = PageRequest("audit", _BATCH, position).take(entries, moment="at")
        if page.rows:
            yield [AuditEntryJson.of(entry) for entry in page.rows]
            position = Position(page.rows[-1].at, page.rows[-1].pk)
        if page.next_cursor is None:
            return


def _json_pieces(batches: Iterator[list[AuditEntryJson]]) -> Iterator[bytes]:
    yield b"["
    separator = b"\n"
    for batch in batches:
        yield separator + b",\n".join(map(encode, batch))
        separator = b",\n"
    yield b"\n]\n"


def _csv_pieces(batches: Iterator[list[AuditEntryJson]]) -> Iterator[bytes]:
    yield csv_header(AuditEntryJson.__struct_fields__)
    for batch in batches:
        yield csv_rows([_csv_row(entry) for entry in batch])


def _csv_row(entry: AuditEntryJson) -> list[str]:
    changes = json.dumps(entry.changes, ensure_ascii=False)
    cells = {**msgspec.structs.asdict(entry), "changes": changes}
    return [harmless(str(cell)) for cell in cells.values()]
