"""An edit of a message that has not reached the customer sends it, does it, or is answered."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from channels_telegram import sql, texts
from channels_telegram.channels import find_channel
from channels_telegram.inbound.edits import SENDS_WITHIN_SECONDS
from channels_telegram.models import UnsentMessage
from channels_telegram.tests.cases import Case, open_case
from channels_telegram.tests.hook import deliver, new_update_id
from channels_telegram.topics.topic_records import attach_topic
from conversations import selectors, services
from telegram_simulator.seen import SeenMessage
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import setting
from tests.conftest import Stage
from tests.locks import until_it_waits_for_us

pytestmark = pytest.mark.usefixtures("without_files")


def edit(case: Case, written: SeenMessage, text: str, who: str | int = "Ana") -> None:
    case.stage.group.edit(who, written.message_id, text)
    case.settled()


def edit_later(case: Case, written: SeenMessage, after_seconds: int, **content: Any) -> None:
    """Telegram reports an edit that was made so long after the message."""
    body = {
        "message_id": written.message_id,
        "date": 1_700_000_000,
        "edit_date": 1_700_000_000 + after_seconds,
        "chat": {"id": case.stage.group.chat_id, "type": "supergroup", "is_forum": True},
        "from": {"id": 7001, "is_bot": False, "first_name": "Ana", "username": "ana"},
        "message_thread_id": case.thread_id,
        "is_topic_message": True,
        **content,
    }
    update = {"update_id": new_update_id(), "edited_message": body}
    assert deliver(case.stage, update).status_code == 200


def test_a_caption_written_by_an_edit_is_sent(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    written = case.write("Greg", "", kind="photo")
    case.told(texts.CANNOT_BE_SHOWN)
    edit(case, written, "Two pots", who="Greg")
    assert socket.next_where(direction="OUTBOUND")["text"] == "Two pots"
    case.told(texts.ONLY_CAPTION_SENT)
    # From now on it is a message like others.
    edit(case, written, "Three pots", who="Greg")
    assert case.history() == [case.first_line, "Three pots"]


def test_each_caption_that_an_edit_sends_is_announced(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    photos = [case.write("Ana", "", kind="photo") for _ in range(3)]
    case.told(texts.CANNOT_BE_SHOWN)
    for number, photo in enumerate(photos):
        edit(case, photo, f"Pot {number}")
        case.told(texts.ONLY_CAPTION_SENT, count=number + 1)
    assert case.history() == [case.first_line, "Pot 0", "Pot 1", "Pot 2"]


@pytest.mark.parametrize("refused_while", ["unclaimed", "closed"])
@pytest.mark.parametrize("kind", ["text", "photo"])
def test_what_the_state_kept_back_is_never_sent_by_an_edit(
    stage: Stage, refused_while: str, kind: str
) -> None:
    case = open_case(stage)
    if refused_while == "closed":
        case.claim("Ana")
        case.write("Ana", "/close")
        case.told("Closed by Ana")
    refused = case.write("Ana", "SECRET", **({} if kind == "text" else {"kind": kind}))
    bare = case.write("Ana", "", kind="photo")
    edit(case, refused, "SECRET, while it is refused")
    case.write("Ana", "/claim")
    case.wait_for_status("OPEN_ASSIGNED")
    edit(case, refused, "SECRET, better")
    case.told(texts.EDIT_UNSENT)
    edit(case, refused, "SECRET, still better")
    edit(case, bare, "SECRET, a caption")
    assert "SECRET" not in str(case.history())
    # What is written again is sent.
    case.write("Ana", "An answer")
    case.settled()
    assert case.history()[-1] == "An answer"


def test_a_caption_that_was_kept_back_is_not_sent_later(
    stage: Stage, default_tenant: Tenant
) -> None:
    """The picture was refused for what it is, its caption for the state or for its author."""
    case = open_case(stage)
    case.claim("Ana")
    first = case.write("Ana", "", kind="photo")
    second = case.write("Ana", "", kind="photo", anonymous=True)
    with setting(default_tenant, "telegram.allowAnonymousAdmins", False):
        edit(case, second, "SECRET")
        case.told(texts.ANONYMOUS_NOT_ALLOWED)
    case.write("Ana", "/close")
    case.told("Closed by Ana")
    edit(case, first, "SECRET")
    case.told(texts.NOT_OPEN)
    case.write("Ana", "/claim")
    case.wait_for_status("OPEN_ASSIGNED")
    for photo in (first, second):
        edit(case, photo, "SECRET, better")
    case.told(texts.EDIT_UNSENT)
    assert "SECRET" not in str(case.history())


def test_a_colleagues_remark_stays_among_agents(stage: Stage) -> None:
    case = open_case(stage)
    remark = case.write("Greg", "SECRET: who takes him?")
    case.told(texts.NOT_CLAIMED)
    case.claim("Ana")
    edit(case, remark, "SECRET: who takes this one?", who="Greg")
    case.told(texts.EDIT_UNSENT)
    edit(case, remark, "SECRET: never mind", who="Greg")
    assert case.history() == [case.first_line]
    assert len([text for text in case.texts() if text == texts.EDIT_UNSENT]) == 1


@pytest.mark.parametrize(
    ("after_seconds", "is_sent"),
    [(0, True), (SENDS_WITHIN_SECONDS, True), (SENDS_WITHIN_SECONDS + 1, False), (-1, False)],
)
def test_only_recent_captions_are_sent(stage: Stage, after_seconds: int, is_sent: bool) -> None:
    case = open_case(stage)
    case.claim("Ana")
    written = case.write("Ana", "", kind="photo")
    case.told(texts.CANNOT_BE_SHOWN)
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]
    edit_later(case, written, after_seconds, photo=photo, caption="Two pots")
    case.told(texts.ONLY_CAPTION_SENT if is_sent else texts.EDIT_UNSENT)
    assert case.history() == [case.first_line, *(["Two pots"] if is_sent else [])]


def test_an_edit_that_changes_no_words_sends_nothing(stage: Stage) -> None:
    """A link's preview arrives as an edit, seconds after the message."""
    case = open_case(stage)
    written = case.write("Ana", "SECRET https://shop.example/a")
    case.told(texts.NOT_CLAIMED)
    case.claim("Ana")
    before = case.texts()
    edit(case, written, "SECRET https://shop.example/a")
    edit_later(case, written, 3, text=" SECRET https://shop.example/a ")
    assert case.history() == [case.first_line]
    assert case.texts() == before


def test_a_live_location_moves_in_silence(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    written = case.write("Ana", "", kind="location")
    case.told(texts.CANNOT_BE_SHOWN)
    before = case.texts()
    for step in range(3):
        place = {"latitude": 56.9 + step, "longitude": 24.1, "live_period": 900}
        edit_later(case, written, step, location=place)
    assert case.texts() == before


def test_edits_in_a_closed_conversation(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    sent = case.write("Ana", "On Mondey")
    case.write("Ana", "/close")
    case.told("Closed by Ana")
    refused = case.write("Ana", "SECRET")
    case.told(texts.NOT_OPEN)
    # What was sent can be put right; what was not stays unsent, and that was said.
    edit(case, sent, "On Monday")
    edit(case, refused, "SECRET, better")
    assert case.history()[1] == "On Monday"
    assert "SECRET" not in str(case.history())
    assert len([text for text in case.texts() if text == texts.NOT_OPEN]) == 1


def test_a_mistyped_command_is_done_once_it_is_put_right(stage: Stage) -> None:
    case = open_case(stage)
    typed = case.write("Ana", "/clam")
    case.told("/clam is not a command")
    edit(case, typed, "/claim")
    case.told("Ana has claimed this conversation.")
    # It has been done: what it is edited into is no order, even by way of a remark.
    edit(case, typed, "// who has him?")
    edit(case, typed, "/close")
    case.told(texts.EDIT_OF_COMMAND)
    assert case.status == "OPEN_ASSIGNED"


def test_a_forgotten_slash_may_be_added(stage: Stage) -> None:
    case = open_case(stage)
    typed = case.write("Ana", "claim")
    case.told(texts.NOT_CLAIMED)
    edit(case, typed, "/claim")
    case.told("Ana has claimed this conversation.")
    assert case.history() == [case.first_line]


def test_commands_become_no_messages(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    note = case.write("Ana", "/note SECRET")
    case.told(texts.NOTE_SAVED)
    unknown = case.write("Ana", "/nte SECRET")
    case.told("/nte is not a command")
    edit(case, note, "SECRET, no note")
    case.told(texts.EDIT_OF_COMMAND)
    edit(case, unknown, "SECRET, better")
    edit_later(case, unknown, SENDS_WITHIN_SECONDS + 1, text="/note SECRET again")
    assert case.history() == [case.first_line]


def test_what_was_sent_cannot_be_emptied_or_made_a_command(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    written = case.write("Ana", "Look here", kind="photo")
    case.told(texts.ONLY_CAPTION_SENT)
    edit(case, written, "")
    case.told(texts.EDIT_NOT_SHOWN)
    edit(case, written, "/close")
    assert (case.history()[-1], case.status) == ("Look here", "AWAITING_CUSTOMER")


def test_edits_after_the_topic_was_given_to_another_customer(
    stage: Stage, default_tenant: Tenant
) -> None:
    case, other = open_case(stage), open_case(stage)
    refused = case.write("Ana", "SECRET")
    case.told(texts.NOT_CLAIMED)
    case.claim("Ana")
    sent = case.write("Ana", "On Mondey")
    other.claim("Ana")
    case.settled()
    elsewhere = stage.group.create_topic("Ana", "Elsewhere").thread_id
    for one, thread_id in ((case, elsewhere), (other, case.thread_id)):
        with tenant_scope(default_tenant.pk) as scoped:
            attach_topic(
                tenant=scoped,
                conversation_id=UUID(one.customer.conversation_id),
                thread_id=thread_id,
                actor=SYSTEM,
            )
    edit(case, refused, "SECRET, better")
    case.told(texts.EDIT_UNSENT)
    edit(case, sent, "On Monday")
    assert case.history() == [case.first_line, "On Monday"]
    assert other.history() == [other.first_line]


def test_a_colleague_who_is_anonymous_is_not_taken_for_the_holder(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    remark = case.write("Ana", "SECRET", anonymous=True)
    case.told(texts.NOT_CLAIMED)
    case.write("Greg", "/claim", anonymous=True)
    case.told("has claimed")
    edit(case, remark, "SECRET, better")
    case.told(texts.EDIT_UNSENT)
    sent = case.write("Ana", "Hello", anonymous=True)
    case.settled()
    with setting(default_tenant, "telegram.allowAnonymousAdmins", False):
        edit(case, sent, "SECRET")
        case.told(texts.ANONYMOUS_NOT_ALLOWED)
    assert case.history() == [case.first_line, "Hello"]


def test_a_message_from_before_is_answered(stage: Stage) -> None:
    """Nothing is known of it: it may be older than the connection of the group."""
    case = open_case(stage)
    case.claim("Ana")
    edit_later(case, case.controls, 5, text="SECRET")
    case.told(texts.EDIT_UNSENT)
    assert case.history() == [case.first_line]


def test_an_edit_that_waits_for_the_sending_changes_what_was_sent(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    written = case.controls
    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(default_tenant.pk) as tenant:
            id_, channel = UUID(case.customer.conversation_id), find_channel(tenant=tenant)
            selectors.lock_conversation(tenant=tenant, conversation_id=id_)
            edited = pool.submit(edit_later, case, written, 5, text="Two days")
            until_it_waits_for_us()
            sent = services.add_agent_reply(
                tenant=tenant,
                conversation_id=id_,
                agent=selectors.find_agent(tenant=tenant, channel_user_id="7001"),
                text="Two dyas",
            )
            assert channel is not None
            sql.link_message(
                tenant_id=tenant.pk,
                channel_id=channel.id,
                chat_id=stage.group.chat_id,
                telegram_message_id=written.message_id,
                message_id=sent.pk,
            )
        edited.result()
    assert case.history()[-1] == "Two days"
    assert texts.EDIT_UNSENT not in case.texts()


def test_an_edit_locks_the_conversation_before_the_note(
    stage: Stage, default_tenant: Tenant
) -> None:
    """Who deletes the conversation locks both in this order: neither may wait for the other."""
    case = open_case(stage)
    case.claim("Ana")
    written = case.write("Ana", "", kind="photo")
    case.settled()
    id_ = case.customer.conversation_id
    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(default_tenant.pk) as tenant:
            selectors.lock_conversation(tenant=tenant, conversation_id=UUID(id_))
            edited = pool.submit(edit_later, case, written, 5, photo=[], caption="Two pots")
            until_it_waits_for_us()
            notes = UnsentMessage.objects.select_for_update(nowait=True)
            assert notes.get(tenant=tenant, conversation_id=id_).reason == "content"
        edited.result()
    assert case.history()[-1] == "Two pots"
