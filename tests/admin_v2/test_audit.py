"""A tenant's server reads who did what."""

import csv
import io
from datetime import timedelta

import pytest

from kernel.clock import iso_ms
from tenants import audit
from tenants.audit import Actor, ActorKind
from tenants.models import AuditEntry
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused


def leave(server: Server, count: int, **fields: str) -> None:
    """Entries as if services had written them."""
    with tenant_scope(server.tenant.pk) as tenant:
        for number in range(count):
            audit.record(
                tenant=tenant,
                actor=Actor(ActorKind.AGENT, "=cmd()"),
                action=fields.get("action", "thing.changed"),
                object_type="thing",
                object_id=f"t-{number}",
                changes={"name": ["old", "new"]},
            )


def test_entries_come_in_pages_newest_first(acme: Server) -> None:
    leave(acme, 5)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = acme.get(f"audit?object_type=thing&limit=2&cursor={cursor}").json()
        seen += [entry["object_id"] for entry in page["data"]]
        cursor = page["next_cursor"]
    assert seen == ["t-4", "t-3", "t-2", "t-1", "t-0"]


def test_filters_narrow_the_trail(acme: Server, globex: Server) -> None:
    leave(acme, 2)
    leave(acme, 1, action="thing.removed")
    leave(globex, 1)

    def found(query: str) -> int:
        return len(acme.get(f"audit?{query}").json()["data"])

    assert found("actor_kind=agent") == 3
    assert found("action=thing.removed") == 1
    assert found("object_type=thing&object_id=t-0") == 2
    [newest] = acme.get("audit?limit=1").json()["data"]
    with tenant_scope(acme.tenant.pk):
        moment = AuditEntry.objects.get(pk=newest["id"]).at
    later = iso_ms(moment + timedelta(seconds=1))
    assert found(f"after={later}") == 0
    assert found(f"before={later}&object_type=thing") == 3
    assert found(f"before={iso_ms(moment - timedelta(days=1))}") == 0


def test_the_trail_as_a_file(acme: Server) -> None:
    leave(acme, 501)
    answer = acme.get("audit/export.json?object_type=thing")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.json"'
    entries = answer.json()
    assert [entry["object_id"] for entry in entries] == [f"t-{n}" for n in reversed(range(501))]
    table = acme.get("audit/export.csv?object_type=thing")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.content.startswith(b"\xef\xbb\xbfid,at,")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 501
    # What a spreadsheet would run is text.
    assert rows[0]["actor_id"] == "'=cmd()"
    assert rows[0]["changes"] == '{"name": ["old", "new"]}'
    assert acme.get("audit/export.json?action=nothing").json() == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("actor_kind=king", "actor_kind"),
        ("after=yesterday", "after"),
        ("before=0001-01-01T00:00:00%2B14:00", "before"),
        ("action=%00", "action"),
        ("object_id=" + "x" * 65, "object_id"),
        ("cursor=abc", "cursor"),
        ("limit=-1", "limit"),
    ],
)
def test_a_wrong_filter_is_named(acme: Server, query: str, named: str) -> None:
    error = assert_refused(acme.get(f"audit?{query}"), 400, "invalid_parameter")
    assert named in error["details"]


def test_the_trail_needs_its_scope(acme: Server) -> None:
    narrow = acme.with_scopes("settings:read")
    for path in ("audit", "audit/export.json", "audit/export.csv"):
        error = assert_refused(narrow.get(path), 403, "insufficient_scope")
        assert error["details"] == {"required": "audit:read"}
