"""What an agent's own program says: that the conversation was read, that somebody is writing."""

from typing import Any

from tests.admin_v2.conftest import Server
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer, arrive
from tests.sockets.typed import typed


def customer_of(stage: Stage, acme: Server) -> tuple[Customer, str]:
    visitor = arrive(stage.web, tenant=acme.tenant.slug)
    return visitor, f"conversations/{visitor.conversation_id}"


def receipts(acme: Server, path: str) -> Any:
    return acme.get(f"{path}/messages").json()["receipts"]


def test_what_was_read_elsewhere_is_seen(stage: Stage, acme: Server) -> None:
    visitor, path = customer_of(stage, acme)
    visitor.send("One")
    visitor.send("Two")
    assert set(receipts(acme, path).values()) == {0}, "no channel has accepted it"
    with typed(visitor) as socket:
        socket.ask("receipts")
        assert socket.next_where(type="receipts")["seen_seq"] == 0
        before = acme.get(path).headers["ETag"]
        answer = acme.post(f"{path}/seen", {"seq": 1})
        assert (answer.status_code, answer.json()["agents_seen_seq"]) == (200, 1)
        assert socket.next_where(type="receipts")["seen_seq"] == 1
        assert acme.post(f"{path}/seen", {}).json()["agents_seen_seq"] == 2
        frame = socket.next_where(type="receipts")
        assert (frame["delivered_seq"], frame["seen_seq"]) == (2, 2), "seen is delivered"
        assert acme.post(f"{path}/seen", {"seq": 1}).json()["agents_seen_seq"] == 2
        assert acme.get(path).headers["ETag"] == before, "an edit of the note stays valid"
    assert_refused(acme.post(f"{path}/seen", {"seq": 0}), 400, "invalid_parameter")
    reader = acme.with_scopes("conversations:read")
    assert_refused(reader.post(f"{path}/seen"), 403, "insufficient_scope")


def test_an_answer_by_api_has_read_what_is_stored(stage: Stage, acme: Server) -> None:
    visitor, path = customer_of(stage, acme)
    ana = acme.post("agents", {"channel_user_id": "4711", "display_name": "Ana"}).json()
    visitor.send("Hello")
    assert acme.post(f"{path}/claim", {"agent_id": ana["id"]}).status_code == 200
    assert receipts(acme, path)["agents_seen_seq"] == 0, "nobody has read it yet"
    assert acme.post(f"{path}/messages", {"text": "Hi"}).status_code == 201
    assert receipts(acme, path)["agents_seen_seq"] == 1
    visitor.post_receipts({"seen_seq": 2})
    shown = receipts(acme, path)
    assert (shown["customer_delivered_seq"], shown["customer_seen_seq"]) == (2, 2)


def test_the_customer_sees_who_is_writing(stage: Stage, acme: Server) -> None:
    visitor, path = customer_of(stage, acme)
    ana = acme.post("agents", {"channel_user_id": "4711", "display_name": "Ana"}).json()
    plain = visitor.socket()
    with typed(visitor, stage.second_web) as socket:
        assert acme.post(f"{path}/typing", {"agent_id": ana["id"]}).status_code == 204
        writes = {"type": "typing", "from": "agent", "agent": "Ana", "expires_in": 6}
        assert socket.next() == writes
        assert acme.post(f"{path}/typing").status_code == 204
        assert socket.next() == {**writes, "agent": "Support"}
        visitor.send("Hello")
        assert plain.next()["text"] == "Hello", "v1 sockets hear no typing"
