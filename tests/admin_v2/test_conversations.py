"""A tenant's server looks at its conversations and changes what they are called."""

from urllib.parse import quote
from uuid import uuid4

from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import history, new_agent, path, visit
from tests.answers import assert_refused
from tests.customer import Customer

SHAPE = {
    *("id", "codename", "customer_name", "note", "status", "locale", "thread_id"),
    *("assigned_agent", "waiting_since", "last_customer_at", "last_agent_at"),
    *("last_message_at", "message_count", "closed_at", "legal_hold", "created_at", "updated_at"),
}
# What a list would have to ask for row by row.
ONE_BY_ITSELF = {"visitor", "presence"}


def ids(server: Server, query: str = "") -> list[str]:
    """The ids that a list shows."""
    answer = server.get(f"conversations?{query}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


def test_a_conversation_is_shown_in_full(acme: Server) -> None:
    mara = visit(acme, name="Mara")
    mara.send("hello")
    agent = new_agent(acme, "Ana", 4711)
    answer = acme.get(path(mara))
    shown = answer.json()
    assert set(shown) == SHAPE | ONE_BY_ITSELF
    assert (shown["id"], shown["codename"]) == (mara.conversation_id, mara.codename)
    assert (shown["customer_name"], shown["note"], shown["status"]) == (
        *("Mara", None, "OPEN_UNCLAIMED"),
    )
    assert shown["waiting_since"] == shown["last_customer_at"] is not None
    assert (shown["assigned_agent"], shown["last_agent_at"], shown["thread_id"]) == (None,) * 3
    assert shown["message_count"] == len(history(mara))
    assert answer.headers["ETag"]
    acme.post(path(mara, "claim"), {"agent_id": agent["id"]})
    listed = acme.get("conversations").json()["data"]
    claimed = acme.get(path(mara)).json()
    assert listed == [{name: claimed[name] for name in SHAPE}]
    assert listed[0]["assigned_agent"] == {"id": agent["id"], "display_name": "Ana"}
    assert listed[0]["waiting_since"] is None


def test_the_list_is_narrowed(acme: Server) -> None:
    ana = new_agent(acme, "Ana", 4711)["id"]
    waiting, claimed, closed, blocked = (visit(acme) for _ in range(4))
    acme.post(path(claimed, "claim"), {"agent_id": ana})
    acme.post(path(closed, "close"))
    acme.post(path(blocked, "block"))
    by_name: dict[str, Customer] = {
        "waiting": waiting,
        "claimed": claimed,
        "closed": closed,
        "blocked": blocked,
    }
    names = {customer.conversation_id: name for name, customer in by_name.items()}
    middle = quote(acme.get(path(closed)).json()["created_at"])
    for query, wanted in (
        ("", ["blocked", "closed", "claimed", "waiting"]),
        ("status=", ["blocked", "closed", "claimed", "waiting"]),
        ("status=open", ["claimed", "waiting"]),
        ("status=OPEN_UNCLAIMED", ["waiting"]),
        ("status=OPEN_ASSIGNED,CLOSED", ["closed", "claimed"]),
        ("status=closed,blocked", ["blocked", "closed"]),
        (f"agent={ana}", ["claimed"]),
        (f"agent={uuid4()}", []),
        ("agent=none&status=open", ["waiting"]),
        (f"created_after={middle}", ["blocked"]),
        (f"created_before={middle}", ["claimed", "waiting"]),
        (f"updated_after={middle}&status=closed", ["closed"]),
        ("updated_after=2000-01-01T00:00:00+02:00&status=blocked", ["blocked"]),
        ("created_after=0001-01-01T00:00:00Z&status=CLOSED", ["closed"]),
        ("locale=lv", []),
        ("locale=default&status=blocked", ["blocked"]),
    ):
        assert [names[found] for found in ids(acme, query)] == wanted, query


def test_a_search_looks_at_names_and_notes(acme: Server, globex: Server) -> None:
    mara, other = visit(acme, name="Mara Ozola"), visit(acme)
    visit(globex, name="Mara Ozola")
    acme.patch(path(other), {"note": "likes 100% cotton"})
    assert ids(acme, "q=ozola") == [mara.conversation_id]
    assert ids(acme, "q=100%25") == [other.conversation_id]
    assert ids(acme, f"q={quote(mara.codename)}") == [mara.conversation_id]
    assert ids(acme, f"q={mara.conversation_id}") == [mara.conversation_id]
    assert ids(globex, f"q={mara.conversation_id}") == []
    assert ids(globex, "q=cotton") == []


def test_what_somebody_is_called_no_longer_is_not_found(acme: Server) -> None:
    mara = visit(acme, name="Mara Ozola")
    acme.patch(path(mara), {"note": "cotton, linen"})
    acme.patch(path(mara), {"name": "Zoë Bērziņa", "note": "linen", "codename": "Plain Sparrow"})
    for gone in ("mara", "ozola", "cotton", mara.codename.split("#")[1]):
        assert ids(acme, f"q={gone}") == [], gone
    for word in ("zoe", "BERZ", "linen", "plain+sparrow", "spar+lin+zo"):
        assert ids(acme, f"q={word}") == [mara.conversation_id], word
    acme.patch(path(mara), {"note": None})
    assert ids(acme, "q=linen") == []


def test_who_is_erased_is_not_found(acme: Server) -> None:
    mara = visit(acme, name="Mara Ozola")
    acme.post(path(mara, "erase"))
    for search in ("mara", quote(mara.codename), mara.conversation_id):
        assert ids(acme, f"q={search}") == []


def test_the_list_comes_in_pages_that_hold_still(acme: Server) -> None:
    wanted = [visit(acme).conversation_id for _ in range(5)][::-1]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = acme.get(f"conversations?limit=2&cursor={cursor}").json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        visit(acme)
    assert seen == wanted


def test_what_cannot_be_meant_is_refused(acme: Server) -> None:
    for query, field in (
        ("status=opne", "status"),
        ("status=,", "status"),
        ("agent=ana", "agent"),
        ("created_after=yesterday", "created_after"),
        ("created_before=9999-12-31T23:59:59-14:00", "created_before"),
        ("updated_after=-1", "updated_after"),
        ("locale=%00", "locale"),
        (f"q={'x' * 101}", "q"),
        ("q=%00", "q"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
    ):
        error = assert_refused(acme.get(f"conversations?{query}"), 400, "invalid_parameter")
        assert list(error["details"]) == [field]


def test_a_conversation_is_renamed_and_noted(acme: Server) -> None:
    mara = visit(acme)
    changed = acme.patch(
        path(mara), {"name": " Mara  Ozola ", "note": "VIP", "codename": "Blue Falcon"}
    )
    shown = changed.json()
    assert (shown["customer_name"], shown["note"], shown["codename"]) == (
        *("Mara Ozola", "VIP", "Blue Falcon"),
    )
    assert changed.headers["ETag"] == acme.get(path(mara)).headers["ETag"]
    taken_away = acme.patch(path(mara), {"name": None, "note": ""}).json()
    assert (taken_away["customer_name"], taken_away["note"]) == (None, None)
    assert taken_away["codename"] == "Blue Falcon"


def test_who_has_read_an_older_version_changes_nothing(acme: Server) -> None:
    mara = visit(acme)
    old = acme.get(path(mara)).headers["ETag"]
    new = acme.patch(path(mara), {"note": "first"}, If_Match=old).headers["ETag"]
    late = acme.patch(path(mara), {"note": "second"}, If_Match=old)
    assert_refused(late, 412, "precondition_failed")
    assert_refused(acme.delete(path(mara), If_Match=old), 412, "precondition_failed")
    assert acme.get(path(mara)).json()["note"] == "first"
    assert acme.delete(path(mara), If_Match=new).status_code == 204


def test_a_change_that_is_not_possible_changes_nothing(acme: Server) -> None:
    mara = visit(acme)
    for change, code, field in (
        ({"name": "x"}, "invalid_name", "name"),
        ({"name": "see www.example.com"}, "invalid_name", "name"),
        ({"note": "x" * 2001}, "invalid_note", "note"),
        ({"codename": ""}, "invalid_codename", "codename"),
        ({"codename": "x" * 49}, "invalid_codename", "codename"),
        ({"name": 7}, "invalid_parameter", "name"),
        ({"note": "a\x00b"}, "invalid_parameter", "note"),
        ({"codename": None}, "invalid_parameter", "codename"),
        ({"colour": "red"}, "invalid_parameter", "colour"),
    ):
        refused = acme.patch(path(mara), {"note": "kept out", **change})
        details = assert_refused(refused, 400, code)["details"]
        assert field in (*details, details.get("field")), change
    assert acme.get(path(mara)).json()["note"] is None


def test_the_history_is_read_by_seq(acme: Server) -> None:
    mara = visit(acme)
    for number in range(5):
        mara.send(f"line {number}")
    everything = acme.get(path(mara, "messages")).json()
    seqs = [message["seq"] for message in everything["data"]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert not everything["has_more"]
    for query, wanted, has_more in (
        ("limit=2", seqs[:2], True),
        (f"after={seqs[-2]}", seqs[-1:], False),
        ("after=1&limit=2", seqs[1:3], True),
        (f"before={seqs[-1]}&limit=2", seqs[-3:-1], True),
        ("before=3", seqs[:2], False),
        ("after=1&before=3", [2], False),
        (f"after={2**31 - 1}", [], False),
    ):
        page = acme.get(path(mara, f"messages?{query}")).json()
        assert [message["seq"] for message in page["data"]] == wanted, query
        assert page["has_more"] == has_more, query
    first = everything["data"][0]
    assert (first["direction"], first["text"]) == ("INBOUND", "line 0")
    assert (first["agent_id"], first["agent_name"], first["template_key"]) == (None,) * 3
    for query in ("after=-1", "before=x", "limit=201", f"after={2**31}"):
        refused = acme.get(path(mara, f"messages?{query}"))
        error = assert_refused(refused, 400, "invalid_parameter")
        assert list(error["details"]) == [query.partition("=")[0]]


def calls_about(server: Server, customer: Customer) -> dict[str, object]:
    """Every call about one conversation: its answer."""
    agent_id = new_agent(server, "Ana", 4711)["id"]
    return {
        "read": server.get(path(customer)),
        "change": server.patch(path(customer), {"note": "mine"}),
        "messages": server.get(path(customer, "messages")),
        "reply": server.post(path(customer, "messages"), {"text": "hi"}),
        "claim": server.post(path(customer, "claim"), {"agent_id": agent_id}),
        "close": server.post(path(customer, "close")),
        "reopen": server.post(path(customer, "reopen")),
        "block": server.post(path(customer, "block")),
        "thread": server.post(path(customer, "thread"), {"thread_id": "12"}),
        "legal hold": server.put(path(customer, "legal-hold"), {"reason": "A lawsuit"}),
        "no legal hold": server.delete(path(customer, "legal-hold")),
        "csv": server.get(path(customer, "export.csv")),
        "json": server.get(path(customer, "export.json")),
        "data": server.get(path(customer, "personal-data")),
        "erase": server.post(path(customer, "erase")),
        "delete": server.delete(path(customer)),
    }


def test_another_tenants_conversation_is_unknown(acme: Server, globex: Server) -> None:
    theirs = visit(globex)
    theirs.send("hello")
    before = globex.get(path(theirs)).json()
    for answer in calls_about(acme, theirs).values():
        assert_refused(answer, 404, "conversation_not_found")  # type: ignore[arg-type]
    assert acme.post("conversations/bulk-delete", {"ids": [theirs.conversation_id]}).json() == {
        "deleted": 0,
        "on_legal_hold": 0,
    }
    assert ids(acme) == []
    assert globex.get(path(theirs)).json() == before


def test_each_call_needs_its_scope(acme: Server) -> None:
    mara = visit(acme)
    reader, writer = acme.with_scopes("conversations:read"), acme.with_scopes("conversations:write")
    assert ids(reader) == [mara.conversation_id]
    for answer, needed in (
        (writer.get("conversations"), "conversations:read"),
        (writer.get(path(mara, "personal-data")), "conversations:read"),
        (writer.get(path(mara, "export.csv")), "conversations:read"),
        (reader.patch(path(mara), {"note": "x"}), "conversations:write"),
        (reader.post(path(mara, "messages"), {"text": "x"}), "conversations:write"),
        (reader.post(path(mara, "thread"), {"thread_id": "12"}), "conversations:write"),
        (reader.put(path(mara, "legal-hold"), {"reason": "x"}), "conversations:write"),
        (writer.delete(path(mara, "legal-hold")), "admin:write"),
        (reader.post(path(mara, "erase")), "conversations:write"),
        (reader.delete(path(mara)), "conversations:write"),
        (reader.post("conversations/bulk-delete", {"ids": []}), "conversations:write"),
    ):
        error = assert_refused(answer, 403, "insufficient_scope")
        assert error["details"] == {"required": needed}
    assert writer.post(path(mara, "close")).json()["status"] == "CLOSED"
