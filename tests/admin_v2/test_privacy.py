"""Taking conversations out, and getting rid of them."""

import csv
import io

import requests

from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from outbox.models import OutboxItem
from tenants.models import AuditEntry
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import new_agent, path, visit
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.keyed_browser import KeyedBrowser


def test_a_conversation_as_files(acme: Server) -> None:
    mara = visit(acme, name="Mara")
    texts = ["hello", "=1+1", 'a "b"\nc', "two\r\nlines\n=3", "\ufeff=1", "žagari"]
    for text in texts:
        mara.send(text)
    as_json = acme.get(path(mara, "export.json"))
    assert as_json.headers["Content-Disposition"].endswith('.json"')
    messages = acme.get(path(mara, "messages")).json()["data"]
    assert as_json.json() == {**acme.get(path(mara)).json(), "messages": messages}
    as_csv = acme.get(path(mara, "export.csv"))
    assert as_csv.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert as_csv.content.startswith(b"\xef\xbb\xbfcreated_at,direction,text\r\n")
    rows = list(csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"), newline="")))
    stored = [message["text"] for message in messages if message["direction"] == "INBOUND"]
    harmless = {"=1+1": "'=1+1", "\ufeff=1": "'\ufeff=1"}
    expected = [harmless.get(text, text.replace("\n=3", "\n'=3")) for text in stored]
    assert [row[2] for row in rows[1:] if row[1] == "INBOUND"] == expected
    assert as_csv.content.count(b"\xef\xbb\xbf") == 1 + sum("\ufeff" in text for text in stored)


def test_a_customer_sees_everything_about_themselves(acme: Server) -> None:
    mara = visit(acme, name="Mara")
    mara.send("hello")
    KeyedBrowser(acme.base_url).start(mara.token)
    acme.patch(path(mara), {"note": "VIP", "codename": "Blue Falcon"})
    data = acme.get(path(mara, "personal-data")).json()
    assert set(data) == {"conversation", "sessions", "audit", "messages"}
    listed = acme.get(path(mara, "sessions")).json()["data"]
    assert data["sessions"] == listed and [row["device"] for row in listed] == ["Chrome on Windows"]
    assert data["conversation"] == acme.get(path(mara)).json()
    assert [message["text"] for message in data["messages"]][:1] == ["hello"]
    assert [entry["action"] for entry in data["audit"]] == [
        *("conversation.started", "conversation.note_changed", "conversation.codename_changed"),
    ]
    assert data["audit"][-1]["changes"] == {"codename": [mara.codename, "Blue Falcon"]}
    assert data["audit"][-1]["actor"] == "api_key"


def test_an_erased_customer_leaves_no_trace(shop: Server, stage: Stage) -> None:
    case = open_case(stage, name="Mara Ozola")
    mara = case.customer
    shop.patch(path(mara), {"codename": "The one called Ozola"})
    toms = new_agent(shop, "Toms", 990_900)["id"]
    shop.post(path(mara, "messages"), {"text": "Hi", "agent_id": toms, "claim": True})
    case.told("Toms (by API): Hi")
    socket = mara.socket()
    count = shop.get(path(mara)).json()["message_count"]
    assert shop.post(path(mara, "erase")).json() == {"erased": True, "messages": count}
    socket.close_code()
    refused = mara.call("POST", "messages", json={"text": "hello?"})
    assert_refused(refused, 404, "conversation_not_found")
    assert_refused(shop.get(path(mara)), 404, "conversation_not_found")
    assert_refused(shop.post(path(mara, "erase")), 404, "conversation_not_found")
    stage.simulator.wait_for_call(
        "deleteForumTopic", thread_id=case.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )
    with tenant_scope(shop.tenant.pk) as tenant:
        trail = AuditEntry.objects.filter(tenant=tenant, object_id=mara.conversation_id)
        told = {entry.action: entry.changes for entry in trail}
        payloads = [item.payload for item in OutboxItem.objects.filter(tenant=tenant)]
    assert told.pop("conversation.erased") == {"messages": count}
    assert {"conversation.started", "conversation.claimed", "conversation.deleted"} <= set(told)
    assert set(map(str, told.values())) == {"{}"}
    assert "Ozola" not in str(payloads)


def test_a_deleted_conversation_takes_its_topic_along(shop: Server, stage: Stage) -> None:
    case = open_case(stage)
    answer = shop.delete(path(case.customer), Idempotency_Key=case.customer.conversation_id)
    assert (answer.status_code, answer.content) == (204, b"")
    again = shop.delete(path(case.customer), Idempotency_Key=case.customer.conversation_id)
    assert again.status_code == 204
    assert_refused(shop.delete(path(case.customer)), 404, "conversation_not_found")
    stage.simulator.wait_for_call(
        "deleteForumTopic", thread_id=case.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )


def listed(server: Server) -> list[str]:
    """The ids of all conversations."""
    return [row["id"] for row in server.get("conversations").json()["data"]]


def test_many_are_deleted_at_once(acme: Server, globex: Server) -> None:
    first, second, closed, stays = (visit(acme) for _ in range(4))
    theirs = visit(globex)
    acme.post(path(closed, "close"))
    globex.post(path(theirs, "close"))
    ids = [first.conversation_id, second.conversation_id, first.conversation_id]
    body = {"ids": [*ids, theirs.conversation_id]}
    for _ in range(2):
        # Repeated, it is answered as the first time.
        answer = acme.post("conversations/bulk-delete", body, Idempotency_Key="tidy")
        assert answer.json() == {"deleted": 2, "on_legal_hold": 0}
    by_status = acme.post("conversations/bulk-delete", {"status": "closed,BLOCKED"})
    assert by_status.json() == {"deleted": 1, "on_legal_hold": 0}
    assert listed(acme) == [stays.conversation_id]
    assert listed(globex) == [theirs.conversation_id]


def test_what_to_delete_must_be_said_clearly(acme: Server) -> None:
    visit(acme)
    answers: list[tuple[requests.Response, str]] = [
        (acme.post("conversations/bulk-delete", {}), "ids"),
        (acme.post("conversations/bulk-delete", {"ids": [], "status": "open"}), "ids"),
        (acme.post("conversations/bulk-delete", {"ids": ["x"]}), "ids"),
        (acme.post("conversations/bulk-delete", {"ids": "all"}), "ids"),
        (acme.post("conversations/bulk-delete", {"status": "all"}), "status"),
        (acme.post("conversations/bulk-delete", {"status": ""}), "status"),
    ]
    for answer, field in answers:
        assert list(assert_refused(answer, 400, "invalid_parameter")["details"]) == [field]
    assert len(listed(acme)) == 1
