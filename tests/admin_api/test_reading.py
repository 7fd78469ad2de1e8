"""Lists that hold still, searches, and one conversation in full."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from channels_telegram.tests.cases import open_case
from conversations import searching
from conversations.models import Conversation
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.cast import Desk
from tests.conftest import Stage
from tests.customer import Customer
from tests.operator import operator_of

SHAPE = {
    *("id", "codename", "customerName", "aboutNote", "threadId", "status"),
    *("assignedAgentTgId", "assignedAgentName", "lastCustomerAt", "lastAgentAt"),
    *("locale", "createdAt", "updatedAt"),
}


def crowd(stage: Stage, name: str, count: int) -> list[str]:
    """So many customers of one name; returns their conversations' ids, newest first."""
    return [stage.customer(name=name).conversation_id for _ in range(count)][::-1]


def unique_name() -> str:
    """A name that nobody else has."""
    return f"Mara {uuid4().hex[:12]}"


def test_the_newest_come_first(stage: Stage) -> None:
    name = unique_name()
    ids = crowd(stage, name, 3)
    rows = operator_of(stage).get("/v1/conversations", q=name)
    assert [row["id"] for row in rows] == ids
    assert set(rows[0]) == SHAPE
    assert (
        rows[0]
        | {
            "customerName": name,
            "aboutNote": None,
            "threadId": None,
            "status": "OPEN_UNCLAIMED",
            "assignedAgentTgId": None,
            "assignedAgentName": None,
            "lastCustomerAt": None,
            "locale": "default",
        }
        == rows[0]
    )


def test_activity_brings_a_conversation_to_the_front(stage: Stage, default_tenant: Tenant) -> None:
    name = unique_name()
    first, second, third = (stage.customer(name=name) for _ in range(3))
    first.send("hello")
    Desk(second.conversation_id, tenant=default_tenant).close()
    wanted = [customer.conversation_id for customer in (second, first, third)]
    operator = operator_of(stage)
    assert [row["id"] for row in operator.get("/v1/conversations", q=name)] == wanted
    assert [row["id"] for row in operator.get("/v1/conversations", q=name, limit=2)] == wanted[:2]
    pages = operator.pages("/v1/conversations", q=name, limit=1)
    assert [row["id"] for page in pages for row in page] == wanted


def test_without_a_limit_all_of_them_come(stage: Stage, default_tenant: Tenant) -> None:
    name = unique_name()
    with tenant_scope(default_tenant.pk) as tenant:
        for made in Conversation.objects.bulk_create(
            Conversation(tenant=tenant, codename=f"Grey Heron #{n}", customer_name=name)
            for n in range(1203)
        ):
            searching.index_new(made)
    operator = operator_of(stage)
    answer = operator.call("GET", "/v1/conversations", params={"q": name})
    assert "Link" not in answer.headers
    assert answer.headers["Content-Type"] == "application/json"
    rows = answer.json()
    assert len({row["id"] for row in rows}) == len(rows) == 1203
    assert [row["updatedAt"] for row in rows] == sorted(
        (row["updatedAt"] for row in rows), reverse=True
    )
    assert set(rows[0]) == SHAPE
    assert operator.get("/v1/conversations", q=name, status="closed") == []
    paged = [
        row["id"]
        for page in operator.pages("/v1/conversations", q=name, limit=1000)
        for row in page
    ]
    assert paged == [row["id"] for row in rows]
    operator.post("/v1/admin/conversations/bulk-delete", ids=paged)


def test_a_claimed_conversation_shows_who_has_it(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    desk = Desk(case.customer.conversation_id, tenant=default_tenant, agent=4720)
    desk.claim()
    desk.reply("Hello")
    shown = operator_of(stage).get(f"/v1/conversations/{case.customer.conversation_id}")
    assert set(shown) == SHAPE | {"messages"}
    assert (shown["status"], shown["threadId"]) == ("AWAITING_CUSTOMER", case.thread_id)
    assert (shown["assignedAgentTgId"], shown["assignedAgentName"]) == ("4720", "Ana")
    first, *_, last = shown["messages"]
    assert set(first) == {"id", "seq", "createdAt", "direction", "text"}
    assert (first["seq"], first["text"]) == (1, case.first_line)
    assert set(last) == {"id", "seq", "createdAt", "direction", "text", "agent"}
    assert (last["direction"], last["text"]) == ("OUTBOUND", "Hello")
    rows = operator_of(stage).get("/v1/conversations", q=shown["codename"])
    assert rows == [{key: value for key, value in shown.items() if key != "messages"}]


@pytest.fixture
def one_of_each(stage: Stage, default_tenant: Tenant) -> Iterator[tuple[str, dict[str, str]]]:
    """A name, and by status the conversation that has it."""
    name = unique_name()
    ids = crowd(stage, name, 5)
    desks = [Desk(conversation_id, tenant=default_tenant) for conversation_id in ids]
    desks[1].claim()
    desks[2].claim()
    desks[2].reply("Hello")
    desks[3].close()
    desks[4].block()
    words = ("OPEN_UNCLAIMED", "OPEN_ASSIGNED", "AWAITING_CUSTOMER", "CLOSED", "BLOCKED")
    yield name, dict(zip(words, ids, strict=True))


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("open", {"OPEN_UNCLAIMED", "OPEN_ASSIGNED", "AWAITING_CUSTOMER"}),
        ("closed", {"CLOSED"}),
        ("blocked", {"BLOCKED"}),
        ("all", {"OPEN_UNCLAIMED", "OPEN_ASSIGNED", "AWAITING_CUSTOMER", "CLOSED", "BLOCKED"}),
        ("", {"OPEN_UNCLAIMED", "OPEN_ASSIGNED", "AWAITING_CUSTOMER", "CLOSED", "BLOCKED"}),
    ],
)
def test_a_status_narrows_the_list(
    stage: Stage, one_of_each: tuple[str, dict[str, str]], status: str, wanted: set[str]
) -> None:
    name, by_status = one_of_each
    query = {"status": status} if status else {}
    rows = operator_of(stage).get("/v1/conversations", q=name, **query)
    assert {row["status"]: row["id"] for row in rows} == {word: by_status[word] for word in wanted}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "opne"}, "status"),
        ({"status": "OPEN_UNCLAIMED"}, "status"),
        ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "\u2028:\x00"}, "cursor"),
        ({"q": "x" * 101}, "q"),
        ({"q": "\x00"}, "q"),
    ],
)
def test_what_cannot_be_meant_is_refused(stage: Stage, query: dict[str, str], field: str) -> None:
    answer = operator_of(stage).call("GET", "/v1/conversations", params=query)
    error = assert_refused(answer, 400, "invalid_parameter")
    assert list(error["details"]) == [field]


def test_a_tampered_cursor_is_refused(stage: Stage) -> None:
    crowd(stage, unique_name(), 2)
    answer = operator_of(stage).call("GET", "/v1/conversations", params={"limit": 1})
    cursor = answer.headers["X-Next-Cursor"]
    for changed in (cursor[:-1], f"A{cursor}", cursor.swapcase()):
        refused = operator_of(stage).call("GET", "/v1/conversations", params={"cursor": changed})
        assert_refused(refused, 400, "invalid_parameter")


def test_pages_hold_still_while_customers_arrive(stage: Stage, default_tenant: Tenant) -> None:
    name = unique_name()
    ids = crowd(stage, name, 7)
    seen: list[str] = []
    for page in operator_of(stage).pages("/v1/conversations", q=name, status="open", limit=2):
        seen += [row["id"] for row in page]
        # In between somebody arrives, and somebody who has been listed goes.
        stage.customer(name=name)
        Desk(seen[-1], tenant=default_tenant).close()
    assert seen == ids


def test_a_page_of_more_rows_than_there_can_be_is_cut(stage: Stage, default_tenant: Tenant) -> None:
    name = unique_name()
    with tenant_scope(default_tenant.pk) as tenant:
        for made in Conversation.objects.bulk_create(
            Conversation(tenant=tenant, codename=f"Grey Heron #{n}", customer_name=name)
            for n in range(1002)
        ):
            searching.index_new(made)
    operator = operator_of(stage)
    assert len(operator.get("/v1/conversations", q=name, limit=500)) == 500
    for limit in (1001, 10**6, 10**12):
        pages = operator.pages("/v1/conversations", q=name, limit=limit)
        assert [len(page) for page in pages] == [1000, 2]
    operator.post(
        "/v1/admin/conversations/bulk-delete",
        ids=[row["id"] for row in operator.get("/v1/conversations", q=name)],
    )
    assert operator.get("/v1/conversations", q=name) == []


def test_the_last_page_names_no_next_one(stage: Stage) -> None:
    name = unique_name()
    crowd(stage, name, 2)
    answer = operator_of(stage).call("GET", "/v1/conversations", params={"q": name, "limit": 2})
    assert len(answer.json()) == 2
    assert "Link" not in answer.headers
    assert "X-Next-Cursor" not in answer.headers


def test_a_search_looks_at_names_and_notes(stage: Stage) -> None:
    operator = operator_of(stage)
    case = open_case(stage)
    word = uuid4().hex
    case.write("Ana", f"/note likes 100% {word}_x")
    case.told("Note saved")
    wanted = [case.customer.conversation_id]
    for words in (
        case.customer.codename.upper(),
        f"100% {word}",
        f"{word.upper()}_X",
        f"{word[:20]} LIKÉ",
        wanted[0].upper(),
    ):
        assert [row["id"] for row in operator.get("/v1/conversations", q=words)] == wanted
    # Parts of words are found, and each must be there; other signs only separate them, whatever
    # they mean to the database. Texts are not looked at.
    for words in (word[1:], word[5:20].upper(), f"{word[3:9]} IKÉ", case.customer.codename[2:6]):
        found = operator.get("/v1/conversations", q=words)
        assert wanted[0] in [row["id"] for row in found], words
    for words in (f"{word}_qqzz", "%", "_", case.first_line):
        found = operator.get("/v1/conversations", q=words)
        assert wanted[0] not in [row["id"] for row in found]


def test_an_unknown_conversation_does_not_exist(stage: Stage) -> None:
    answer = operator_of(stage).call("GET", f"/v1/conversations/{uuid4()}")
    assert_refused(answer, 404, "conversation_not_found")


def test_customers_calls_are_as_they_were(stage: Stage) -> None:
    visitor: Customer = stage.customer(name="Mara")
    visitor.send("hello")
    assert [m["text"] for m in visitor.history()["messages"]][:1] == ["hello"]
