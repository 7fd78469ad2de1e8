"""Conversations as files: whole, harmless and never all in memory."""

import csv
import io
from uuid import UUID

import psutil
import pytest
import requests
from django.conf import settings
from django.db import connection

from channels_telegram.tests.cases import open_case
from conversations import exports, services
from conversations.models import Conversation
from kernel.rest.csv_files import harmless
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage
from tests.operator import HEADER, operator_of

MANY = 50_000
MEGABYTE = 1024 * 1024


def fill(tenant_id: UUID, conversation_id: str, *, count: int, text: str) -> None:
    """Give a conversation so many messages of this text, as if written one a second."""
    with tenant_scope(tenant_id), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO conversations_message (id, tenant_id, conversation_id, seq, direction,
                                               text, agent_name, template_key, created_at)
            SELECT gen_random_uuid(), %s, %s, n, 'INBOUND', %s, '', '', now() + n * '1 s'::interval
            FROM generate_series(1, %s) n
            """,
            [tenant_id, conversation_id, text, count],
        )
        cursor.execute(
            "UPDATE conversations_conversation SET last_seq = %s WHERE id = %s",
            [count, conversation_id],
        )


def test_a_conversation_as_csv(stage: Stage) -> None:
    visitor = stage.customer()
    texts = ['He said "hi", twice', "two\nlines", "=1+1", "žagari 🦦"]
    for text in texts:
        visitor.send(text)
    path = f"/v1/conversations/{visitor.conversation_id}/export.csv"
    answer = operator_of(stage).call("GET", path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    name = f"conversation_{visitor.conversation_id}.csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.content.startswith(b"createdAt,direction,text\r\n")
    rows = list(csv.reader(io.StringIO(answer.content.decode(), newline="")))
    history = visitor.history()["messages"]
    assert [row[2] for row in rows[1:]] == [*texts[:2], "'=1+1", texts[3]]
    assert [row[0] for row in rows[1:]] == [message["createdAt"] for message in history]
    assert {row[1] for row in rows[1:]} == {"INBOUND"}
    assert b'"He said ""hi"", twice"' in answer.content
    assert 'INBOUND","žagari 🦦"\r\n'.encode() in answer.content, "whatever it says"


def test_a_conversation_as_json(stage: Stage) -> None:
    operator = operator_of(stage)
    empty = stage.customer(name="Mara").conversation_id
    shown = operator.get(f"/v1/conversations/{empty}")
    assert operator.get(f"/v1/conversations/{empty}/export.json") == shown | {"messages": []}
    case = open_case(stage)
    case.customer.send("=1+1")
    path = f"/v1/conversations/{case.customer.conversation_id}"
    answer = operator.call("GET", f"{path}/export.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"].endswith('.json"')
    assert answer.json() == operator.get(path)
    texts = [message["text"] for message in answer.json()["messages"]]
    assert texts == [case.first_line, "=1+1"]


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "\u00a0=1", '"=1"'),
        *(
            "\u200b=1",
            "\ufeff=1",
            "\uff1d1",
            "\uff0b1",
            "\uff0d1",
            "\uff20A",
            "\ufe661",
            "\x00=1",
            "\u22121",
        ),
    ],
)
def test_a_cell_that_could_run_is_made_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("hello;=1+1", "hello;'=1+1"),
        ("hello; \u00a0@A1;-1", "hello;' \u00a0@A1;'-1"),
        ("a\t=1\t=2", "a\t'=1\t'=2"),
        ('hi\n=HYPERLINK("//x","y")', 'hi\n\'=HYPERLINK("//x","y")'),
        ("hi\r\n\r\n\uff1d1", "hi\r\n\r\n'\uff1d1"),
        ("hi\r\u22121", "hi\r'\u22121"),
        ('hi;"=1;', "hi;'\"=1;"),
        ("hi\u2028=1\x0b=2", "hi\u2028'=1\x0b'=2"),
        ("\t=1", "'\t'=1"),
        ("\n;=1", "'\n;'=1"),
        (";=1", ";'=1"),
        ("=1;=1", "'=1;'=1"),
    ],
)
def test_what_some_program_takes_for_a_cell_is_made_harmless(cell: str, shown: str) -> None:
    assert harmless(cell) == shown


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            "hello",
            "1+1",
            "a=b",
            "'=1",
            " ",
            "#1",
            "🦦",
            "5-3",
            "a;b=c",
            "one, two\nthree",
            "Hi, @Ana",
        ),
        *(";", ";;,\t", "x\n", 'say "=1"', "a; '=1"),
    ],
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


@pytest.mark.parametrize(
    ("codename", "name"),
    [
        ("Amber Otter #3F2A", "amber-otter-3f2a.csv"),
        ('a"b\r\nX: y/../z', "a-b-x-y-z.csv"),
        ("Жук 🦦", "conversation.csv"),
    ],
)
def test_file_names_are_plain(codename: str, name: str) -> None:
    assert exports.file_name(Conversation(codename=codename), "csv") == name


def test_a_long_conversation_streams_in_little_memory(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    fill(default_tenant.pk, visitor.conversation_id, count=MANY, text="word " * 60)
    process, web = stage.product.web()
    server = psutil.Process(process.pid)
    for what, marks in (("csv", b"\r\n"), ("json", b'"seq"')):
        url = f"{web}/v1/conversations/{visitor.conversation_id}/export.{what}"
        # The first one also loads what every later one uses.
        for attempt in range(2):
            before = server.memory_info().rss
            size = found = 0
            with requests.get(
                url, headers={HEADER: settings.SERVICE_TOKEN}, stream=True, timeout=60
            ) as answer:
                for chunk in answer.iter_content(MEGABYTE):
                    size += len(chunk)
                    found += chunk.count(marks)
            assert size > 15 * MEGABYTE
            assert abs(found - MANY) <= MANY // 1000 + 1
            if attempt:
                assert server.memory_info().rss - before < 12 * MEGABYTE
    process.stop()


def test_rows_are_fetched_as_they_are_read(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    fill(default_tenant.pk, visitor.conversation_id, count=5000, text="x" * 4000)
    url = f"{stage.web}/v1/conversations/{visitor.conversation_id}/export.csv"
    with requests.get(
        url, headers={HEADER: settings.SERVICE_TOKEN}, stream=True, timeout=60
    ) as answer:
        pieces = answer.iter_content(64 * 1024)
        head = next(pieces)
        # The reader is slow: meanwhile the conversation goes, so the rest cannot be read any more.
        with tenant_scope(default_tenant.pk) as tenant:
            services.delete_conversations(
                tenant=tenant,
                conversation_ids=[UUID(visitor.conversation_id)],
                actor=SYSTEM,
            )
        rest = sum(len(piece) for piece in pieces)
    assert head.startswith(b"createdAt,direction")
    assert rest < 5000 * 4000
