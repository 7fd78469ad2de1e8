"""Agents take back what they have said: `/del`, as a reply to it."""

from uuid import UUID

import pytest

from attachments.models import StoredFile
from attachments.tests.sending import read
from channels_telegram import texts
from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from conversations import services
from telegram_simulator.seen import SeenMessage
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage
from tests.keyed_browser import KeyedBrowser
from tests.sockets.typed import typed
from tests.waiting import wait_until


@pytest.fixture
def case(stage: Stage) -> Case:
    """A conversation that Ana has."""
    opened = open_case(stage)
    opened.claim("Ana")
    return opened


def delete(case: Case, written: SeenMessage, who: str = "Ana", command: str = "/del") -> None:
    case.write(who, command, reply_to=written.message_id)


def test_the_customer_does_not_see_it_any_more(case: Case, default_tenant: Tenant) -> None:
    old = case.customer.socket()
    with typed(case.customer) as socket:
        written = case.write("Ana", "The pot of Mara Kalnina costs 12 euros.")
        shown = socket.next_where(type="message", direction="OUTBOUND")
        delete(case, written)
        frame = socket.next_where(type="message_deleted")
    assert frame == {"type": "message_deleted", "id": shown["id"]}
    case.told(texts.DELETED)
    assert case.history() == [case.first_line]
    # A page of the first release is told nothing, and draws nothing.
    assert old.next_where(direction="OUTBOUND")["text"].startswith("The pot")
    case.write("Ana", "It costs 12 euros.")
    assert old.next_where(direction="OUTBOUND")["text"] == "It costs 12 euros."
    with tenant_scope(default_tenant.pk) as tenant:
        [noted] = AuditEntry.objects.filter(
            tenant=tenant,
            object_id=case.customer.conversation_id,
            action="conversation.message_deleted",
        )
        assert (noted.changes, noted.actor_id) == ({"seq": 2}, "7001")


def test_a_session_learns_on_its_next_look_what_to_take_away(stage: Stage) -> None:
    visitor = KeyedBrowser(stage.web, tenant="default").start().customer()
    visitor.send("Do you ship?")
    topic = stage.group.wait_for_topic(visitor.codename, timeout_seconds=TIMEOUT_SECONDS)
    case = Case(stage, visitor, topic, "Do you ship?")
    case.claim("Ana")
    delete(case, case.write("Ana", "Wrong window"))
    case.told(texts.DELETED)
    [asked, gone] = visitor.call("GET", "messages").json()["messages"]
    assert "deleted" not in asked
    assert (gone["seq"], gone["text"], gone["deleted"]) == (2, "", True)


def test_a_colleague_may_also_in_a_closed_conversation(case: Case) -> None:
    written = case.write("Ana", "Wrong window")
    case.write("Ana", "/close")
    case.wait_for_status("CLOSED")
    delete(case, written, who="Greg", command=" /DEL ")
    case.told(texts.DELETED)
    assert "Wrong window" not in case.history()


def test_what_is_gone_stays_gone(case: Case) -> None:
    written = case.write("Ana", "Wrong window")
    delete(case, written)
    case.told(texts.DELETED)
    delete(case, written)
    case.told(texts.DELETED_ALREADY)
    case.stage.group.edit("Ana", written.message_id, "Right window")
    case.told(texts.EDIT_OF_DELETED)
    assert case.history() == [case.first_line]


def test_a_deletion_says_what_it_cannot_do(case: Case, default_tenant: Tenant) -> None:
    case.write("Ana", "/del")
    case.told(texts.DELETE_NOTHING)
    line = case.told(f": {case.first_line}")
    delete(case, line)
    case.told(texts.DELETE_OF_BOTS)
    remark = case.write("Ana", "// for colleagues")
    delete(case, remark)
    case.told(texts.DELETE_UNSENT)
    with tenant_scope(default_tenant.pk) as tenant:
        services.place_legal_hold(
            tenant=tenant,
            conversation_id=UUID(case.customer.conversation_id),
            reason="A lawsuit",
            actor=SYSTEM,
        )
    written = case.write("Ana", "We owe you nothing.")
    delete(case, written)
    case.told(texts.DELETE_ON_HOLD)
    assert case.history() == [case.first_line, "We owe you nothing."]


def test_another_topics_message_stays(stage: Stage, case: Case) -> None:
    other = open_case(stage)
    other.claim("Ana")
    written = case.write("Ana", "It ships today.")
    case.settled()
    delete(other, written)
    other.settled()
    assert case.history()[-1] == "It ships today."


def test_a_command_that_was_mistyped_deletes_after_its_edit(case: Case) -> None:
    written = case.write("Ana", "Wrong window")
    mistyped = case.write("Ana", "/dle", reply_to=written.message_id)
    case.told("/dle is not a command")
    case.stage.group.edit("Ana", mistyped.message_id, "/del")
    case.told(texts.DELETED)
    assert case.history() == [case.first_line]


def test_its_file_goes_with_it(case: Case, default_tenant: Tenant) -> None:
    written = case.write("Ana", "The invoice", kind="document")
    [file] = wait_until(
        lambda: case.customer.history()["messages"][-1].get("attachments"), "the file"
    )
    delete(case, written)
    case.told(texts.DELETED)
    assert read(case.customer, file["url"]).status_code == 404
    with tenant_scope(default_tenant.pk):
        assert not StoredFile.objects.filter(pk=file["id"]).exists()
    assert case.history() == [case.first_line]


def test_a_file_on_its_way_is_kept_back(case: Case) -> None:
    case.stage.simulator.add_fault("slow", method="getFile", delay_ms=3000, times=1)
    written = case.write("Ana", "Wrong window", kind="document")
    delete(case, written)
    case.told(texts.FILE_WITHDRAWN)
    # It comes after the first one has been fetched, which was for nobody.
    case.write("Ana", "See the next one", kind="document")
    wait_until(lambda: len(case.history()) > 1, "the next file")
    assert [text for text in case.history() if "Wrong window" in text] == []
