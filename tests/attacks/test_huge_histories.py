"""Long histories, and callers who ask for them and do not read."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
import requests
from django.conf import settings

from tenants.models import Tenant
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer, new_address
from tests.huge import LENGTH, ask_and_not_read, closing, grow, has_been_hung_up_on, memory_mib
from tests.processes import Process, Product

MESSAGES = 3_000


@pytest.fixture(scope="module")
def apart(stage: Stage) -> Iterator[tuple[Process, str]]:
    """A web process whose memory no other test uses, and which waits 3 s for a reader."""
    with Product(
        {**stage.product.environment, "SEND_TIMEOUT_SEC": "3", "MEMORY_CEILING_MIB": "100"}
    ) as product:
        yield product.web()


@pytest.fixture(scope="module")
def talk(stage: Stage, django_db_blocker: pytest.FixtureRequest) -> Customer:
    """A conversation of 12 MB."""
    visitor = stage.customer()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        grow(visitor, Tenant.objects.get(slug="default"), MESSAGES)
    return visitor


def path_of(talk: Customer) -> str:
    return f"/v1/conversations/{talk.conversation_id}/messages"


def note_figures(line: str) -> None:
    """Where somebody measures: CHATORICAL_FIGURES names a file."""
    if file := os.environ.get("CHATORICAL_FIGURES"):
        with Path(file).open("a") as figures:
            figures.write(line + "\n")


def test_sixteen_callers_who_do_not_read_cost_little(
    stage: Stage, apart: tuple[Process, str], talk: Customer
) -> None:
    process, web = apart
    neighbour = stage.customer()
    neighbour.send("warm", web=web)
    neighbour.call("GET", "messages", web=web)
    before, slowest = memory_mib(process.pid), 0.0
    deaf = [
        ask_and_not_read(web, path_of(talk), {"X-Forwarded-For": new_address()}) for _ in range(16)
    ]
    with closing(deaf):
        for number in range(20):
            started = monotonic()
            neighbour.send(f"{number}", web=web)
            slowest = max(slowest, monotonic() - started)
        assert neighbour.call("GET", "messages", web=web).status_code == 200
        grown = memory_mib(process.pid) - before
    note_figures(f"RSS {before:.0f} + {grown:.0f} MiB, slowest send {slowest * 1000:.0f} ms")
    assert grown < 60


def test_a_caller_who_does_not_read_is_hung_up_on(
    apart: tuple[Process, str], talk: Customer
) -> None:
    process, web = apart
    process.skip_log()
    deaf = ask_and_not_read(web, path_of(talk), {"X-Forwarded-For": new_address()})
    with closing([deaf]):
        process.wait_for_log("client_does_not_read", timeout_seconds=30)
        assert has_been_hung_up_on(deaf)


def test_the_whole_history_comes_in_one_answer(stage: Stage, talk: Customer) -> None:
    answer = talk.call("GET", "messages")
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {"status", "messages"}
    assert [message["seq"] for message in body["messages"]] == [*range(1, MESSAGES + 1)]
    assert all(len(message["text"]) == LENGTH for message in body["messages"])


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({"after": 100}, 101, MESSAGES),
        ({"limit": 250}, MESSAGES - 249, MESSAGES),
        ({"limit": 250, "after": 10}, 11, 260),
        ({"limit": 250, "before": 1001}, 751, 1000),
        ({"before": 301}, 1, 300),
    ],
)
def test_a_part_of_it_is_exact_too(
    talk: Customer, query: dict[str, str | int], first: int, last: int
) -> None:
    seqs = [message["seq"] for message in talk.history(**query)["messages"]]
    assert seqs == [*range(first, last + 1)]


def test_who_reads_is_served_beside_those_who_do_not(
    stage: Stage, talk: Customer, committed_db: None
) -> None:
    """Four callers hold all slots of the conversation, and do not read."""
    other = stage.customer()
    grow(other, Tenant.objects.get(slug="default"), 100)
    deaf = [
        ask_and_not_read(stage.web, path_of(talk), {"X-Forwarded-For": new_address()})
        for _ in range(4)
    ]
    with closing(deaf):
        # Each has its slot when its answer has begun.
        assert all(one.recv(1) for one in deaf)
        export = requests.get(
            f"{stage.web}/v2/admin/conversations/{talk.conversation_id}/export.csv",
            headers={"Authorization": f"Bearer {settings.SERVICE_TOKEN}"},
            timeout=60,
        )
        assert export.status_code == 401, "no slot is taken by a caller who is not known"
        refused = requests.get(
            f"{stage.web}/v1/conversations/{talk.conversation_id}/export.json",
            headers={"X-Internal-Auth": settings.SERVICE_TOKEN},
            timeout=60,
        )
        assert_refused(refused, 429, "rate_limited")
        assert int(refused.headers["Retry-After"]) > 0
        assert len(other.call("GET", "messages").json()["messages"]) == 100
        # The one who has not read for longest makes room.
        assert len(talk.call("GET", "messages").json()["messages"]) == MESSAGES
        assert sum(has_been_hung_up_on(one) for one in deaf) == 1


def test_sockets_that_resume_and_do_not_read_cost_little(
    apart: tuple[Process, str], talk: Customer
) -> None:
    process, web = apart
    before = memory_mib(process.pid)
    process.skip_log()
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    path = f"/v1/ws?token={talk.token}&after=0"
    deaf = [ask_and_not_read(web, path, headers) for _ in range(16)]
    with closing(deaf):
        # Four of them are being served, and all of those are hung up on in the end.
        for _ in range(4):
            process.wait_for_log("client_does_not_read", timeout_seconds=30)
        assert memory_mib(process.pid) - before < 60


def test_a_process_says_that_its_memory_is_nearly_used_up(apart: tuple[Process, str]) -> None:
    process, _ = apart
    said = [line for line in process.log if "memory_near_ceiling" in line]
    line = json.loads(
        said[0] if said else process.wait_for_log("memory_near_ceiling", timeout_seconds=30)
    )
    assert (line["level"], line["ceiling_mib"]) == ("warning", 100)
    assert line["used_mib"] >= 80
