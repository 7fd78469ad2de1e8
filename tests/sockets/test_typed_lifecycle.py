"""A conversation's life, and a reconnect, as a v2 socket sees them."""

from telegram_simulator.seen import SeenMessage
from tenants.models import Tenant
from tests.cast import Desk
from tests.conftest import Stage
from tests.customer import Customer
from tests.sockets.typed import typed

TIMEOUT_SECONDS = 60


def post_of(stage: Stage, visitor: Customer, text: str) -> SeenMessage:
    topic = stage.group.wait_for_topic(visitor.codename, timeout_seconds=TIMEOUT_SECONDS)
    return stage.group.wait_for_message(text, topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)


def test_everything_that_happens_has_its_type(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer(name="Mara")
    desk = Desk(visitor.conversation_id, tenant=default_tenant)
    with typed(visitor, shows_all=True) as socket:
        ack = socket.message("Hello", "1")
        assert socket.next()["type"] == "message"
        note = socket.next()
        assert (note["type"], note["key"]) == ("info_note", "waiting_for_agent")
        assert socket.next(TIMEOUT_SECONDS) == {"type": "delivered", "id": ack["id"]}
        assert post_of(stage, visitor, "Mara: Hello")

        desk.claim()
        assert socket.next() == {"type": "agent_joined", "agent": "Support"}
        desk.reply("Hi")
        reply = socket.next()
        assert (reply["type"], reply["direction"]) == ("message", "OUTBOUND")
        assert (reply["text"], reply["agent"], reply["seq"]) == ("Hi", "Support", 2)
        assert set(reply) == {
            *("type", "id", "seq", "direction", "text", "agent", "created_at"),
        }

        desk.close()
        farewell = socket.next()
        assert (farewell["type"], farewell["seq"]) == ("message", 3)
        assert socket.next() == {"type": "conversation_closed"}

        again = socket.message("One more thing", "2")
        seen = [socket.next(TIMEOUT_SECONDS)]
        while seen[-1] != {"type": "delivered", "id": again["id"]}:
            seen.append(socket.next(TIMEOUT_SECONDS))
        kinds = [str(frame["type"]) for frame in seen]
        assert kinds[0] == "message", "the customer's own words come before our answer to them"
        assert "conversation_reopened" in kinds


def test_an_agents_edit_changes_the_words(stage: Stage) -> None:
    visitor = stage.customer()
    with typed(visitor, shows_all=True) as socket:
        socket.message("Hello")
        first = post_of(stage, visitor, ": Hello")
        controls = stage.group.wait_for_message(
            thread_id=first.thread_id, button="Claim", timeout_seconds=TIMEOUT_SECONDS
        )
        stage.group.press("Ana", controls.message_id, "Claim")
        socket.next_where(type="agent_joined")
        written = stage.group.write("Ana", "Tuseday", first.thread_id)
        shown = socket.next_where(type="message", direction="OUTBOUND")
        stage.group.edit("Ana", written.message_id, "Tuesday")
        edited = socket.next_where(type="message_edited")
        assert edited == {"type": "message_edited", "id": shown["id"], "text": "Tuesday"}


def test_a_long_message_is_delivered_once_with_its_last_piece(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = stage.customer(name="Mara")
    Desk(visitor.conversation_id, tenant=default_tenant).claim()
    visitor.rename("M" * 32)
    with typed(visitor, shows_all=True) as socket:
        acks = [socket.message("start " + "😀" * 1990 + " end."), socket.message("next")]
        deliveries = [socket.next_where(type="delivered")["id"] for _ in acks]
        assert deliveries == [ack["id"] for ack in acks]
    assert post_of(stage, visitor, "end.")


def test_a_v1_socket_is_told_nothing_of_it(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    Desk(visitor.conversation_id, tenant=default_tenant).claim()
    old = visitor.socket()
    with typed(visitor, shows_all=True) as socket:
        socket.message("one")
        socket.next_where(type="delivered")
        socket.message("two")
        assert [old.next_message()["text"] for _ in range(2)] == ["one", "two"]


def test_a_socket_goes_on_where_it_was(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    desk = Desk(visitor.conversation_id, tenant=default_tenant)
    desk.claim()
    with typed(visitor) as socket:
        socket.message("one", "first")
    desk.reply("two")
    desk.reply("three")
    with typed(visitor, stage.second_web, "&after=0") as socket:
        replayed = [socket.next_where(type="message") for _ in range(3)]
        assert [frame["seq"] for frame in replayed] == [1, 2, 3]
        assert replayed[0]["client_id"] == "first"
        desk.reply("four")
        assert socket.next_where(type="message")["seq"] == 4
    with typed(visitor, query="&after=3") as socket:
        assert socket.next_where(type="message")["seq"] == 4
