"""Files that agents send: fetched from Telegram, and shown to the customer."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone
from PIL import Image

from attachments.tests import hostile
from attachments.tests.sending import read
from channels_telegram import texts
from channels_telegram.models import TopicNotice
from channels_telegram.outgoing.fetching import TELLS_AFTER_ATTEMPTS
from channels_telegram.outgoing.kinds import FETCH_FILE
from channels_telegram.tests.cases import Case, open_case
from outbox.models import OutboxItem
from outbox.retry import MAX_ATTEMPTS
from telegram_simulator.seen import SeenMessage
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import setting
from tests.sockets.typed import typed
from tests.stage import Stage
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def case(stage: Stage) -> Case:
    """A conversation that Ana has."""
    opened = open_case(stage)
    opened.claim("Ana")
    return opened


def next_message(case: Case, seen: int) -> dict[str, Any]:
    """The message after so many, once it is there."""
    found: list[dict[str, Any]] = wait_until(
        lambda: case.customer.history(after=seen)["messages"], "the next message"
    )
    return found[0]


def newest(case: Case) -> int:
    """The seq of the newest message."""
    seq: int = case.customer.history()["messages"][-1]["seq"]
    return seq


def files_at_the_customer(case: Case) -> list[dict[str, Any]]:
    """The messages with files, once there is one."""
    found: list[dict[str, Any]] = wait_until(
        lambda: [one for one in case.customer.history()["messages"] if one.get("attachments")],
        "a file",
    )
    return found


@pytest.mark.parametrize(
    ("kind", "shown", "name"),
    [
        ("photo", "image", "file.png"),
        ("document", "document", "invoice.pdf"),
        ("voice", "audio", "file.ogg"),
        ("audio", "audio", "file.mp3"),
        ("video", "video", "file.mp4"),
        ("video_note", "video", "file.mp4"),
        ("animation", "video", "file.mp4"),
    ],
)
def test_the_customer_gets_what_the_agent_sends(
    case: Case, kind: str, shown: str, name: str
) -> None:
    before = newest(case)
    case.write("Ana", f"See this {kind}", kind=kind)
    message = next_message(case, before)
    assert (message["caption"], message["direction"]) == (f"See this {kind}", "OUTBOUND")
    [file] = message["attachments"]
    assert (file["kind"], file["name"]) == (shown, name)
    answer = read(case.customer, file["url"])
    assert answer.status_code == 200 and len(answer.content) == file["bytes"]
    assert case.texts()[-1] == f"See this {kind}"


def test_a_photo_is_drawn_anew_and_needs_no_words(case: Case) -> None:
    before = newest(case)
    case.write("Ana", kind="photo", data=hostile.photo_that_tells())
    message = next_message(case, before)
    assert message["caption"] == "" and "agent" in message
    [file] = message["attachments"]
    content = read(case.customer, file["url"]).content
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (48, 64) == (file["width"], file["height"])
        assert not picture.getexif()


def test_sockets_are_shown_it_as_it_comes(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    plain = case.customer.socket()
    with typed(case.customer) as browser:
        case.write("Ana", "Look", kind="photo")
        frame = browser.next_where(type="message", direction="OUTBOUND")
        assert frame["text"] == "Look" and frame["attachments"][0]["kind"] == "image"
    shown = plain.next_where(direction="OUTBOUND")
    assert shown["text"] == f"Look\nfile.png: {frame['attachments'][0]['url']}"


def test_an_edited_caption_changes_what_the_customer_reads(case: Case) -> None:
    before = newest(case)
    written = case.write("Ana", "Two dyas", kind="photo")
    message = next_message(case, before)
    case.stage.group.edit("Ana", written.message_id, "Two days")
    case.settled()
    changed = case.customer.history()["messages"][-1]
    assert (changed["caption"], changed["attachments"]) == ("Two days", message["attachments"])


def test_an_album_arrives_in_order_and_whole(case: Case) -> None:
    before = newest(case)
    for number in range(3):
        case.write(
            "Ana",
            "Three pots" if number == 0 else "",
            kind="document",
            media_group_id="pots",
            file_name=f"{number}.txt",
            data=b"pot",
        )
    wait_until(lambda: newest(case) == before + 3, "three messages")
    found = case.customer.history(after=before)["messages"]
    names = [one["attachments"][0]["name"] for one in found]
    assert names == ["0.txt", "1.txt", "2.txt"]


def test_a_file_that_was_sent_before_the_closing_arrives(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    # The download takes longer than the agent.
    stage.simulator.add_fault("slow", method="getFile", delay_ms=1500, times=1)
    case.write("Ana", "Your invoice", kind="document", file_name="invoice.txt", data=b"12 euros")
    case.write("Ana", "/close")
    case.told("Closed by Ana")
    [found] = files_at_the_customer(case)
    assert [file["name"] for file in found["attachments"]] == ["invoice.txt"]
    assert case.status == "CLOSED"


def test_a_caption_edited_on_the_way_is_the_one_that_is_sent(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    stage.simulator.add_fault("slow", method="getFile", delay_ms=1500, times=1)
    written = case.write("Ana", "Price is 10", kind="document", file_name="a.txt", data=b"list")
    for words in ("Price is 1", "Price is 100"):
        stage.group.edit("Ana", written.message_id, words)
    assert next_message(case, 1)["caption"] == "Price is 100"
    # It is a message like any other now, and what comes next has an order of its own.
    stage.group.edit("Ana", written.message_id, "Price is 99")
    case.write("Ana", "/myid")
    case.told("Your Telegram id")
    assert case.customer.history()["messages"][-1]["caption"] == "Price is 99"
    assert texts.EDIT_UNSENT not in case.texts()


def test_of_a_refused_file_the_edited_words_are_sent(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    stage.simulator.add_fault("slow", method="getFile", delay_ms=1500, times=1)
    written = case.write("Ana", "See thsi", kind="document", file_name="a.txt", data=hostile.HTML)
    stage.group.edit("Ana", written.message_id, "See this")
    case.told("Only your words were sent.")
    assert case.history() == [case.first_line, "See this"]


def test_another_file_in_a_sent_message_changes_nothing_and_the_topic_says_so(
    stage: Stage,
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    written = case.write("Ana", "", kind="document", file_name="a.txt", data=b"old")
    sent = next_message(case, 1)
    stage.group.edit("Ana", written.message_id, "", file_name="b.txt", data=b"new")
    case.told(texts.FILE_NOT_REPLACED)
    assert case.customer.history()["messages"][-1] == sent


@pytest.mark.parametrize("caption", ["// Greg, look", "/note look", "/nte look"])
def test_a_caption_that_becomes_a_remark_or_a_command_keeps_its_file_back(
    stage: Stage, caption: str
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    stage.simulator.add_fault("slow", method="getFile", delay_ms=1500, times=1)
    written = case.write("Ana", "Greg, look", kind="document", file_name="a.txt", data=b"private")
    stage.group.edit("Ana", written.message_id, caption)
    case.write("Ana", "For you", kind="document", file_name="b.txt", data=b"public")
    found = next_message(case, 1)
    assert [file["name"] for file in found["attachments"]] == ["b.txt"]


FOR_GREG = "// for Greg: the receipts"


def send_album(case: Case, *captions: str) -> list[SeenMessage]:
    """Ana sends an album of private files."""
    return [
        case.write(
            "Ana",
            caption,
            kind="document",
            media_group_id="receipts",
            file_name=f"{number}.txt",
            data=b"private",
        )
        for number, caption in enumerate(captions)
    ]


def assert_only_what_comes_now_is_sent(case: Case) -> None:
    """A file that comes later is fetched after those that wait."""
    case.write("Ana", "/claim")
    case.write("Ana", "For you", kind="document", file_name="public.txt", data=b"public")
    [found] = files_at_the_customer(case)
    assert (found["caption"], found["attachments"][0]["name"]) == ("For you", "public.txt")
    assert "March" not in case.history()


@pytest.mark.parametrize(
    "captions",
    [
        (FOR_GREG, "", ""),
        ("", "", FOR_GREG),
        (FOR_GREG, "March", "April"),
        ("/note the receipts", "", ""),
        ("", "", "/note the receipts"),
        ("/claim", "", ""),
        ("", "", "/close"),
    ],
)
def test_an_album_whose_caption_is_for_colleagues_stays_with_them(
    stage: Stage, captions: tuple[str, ...]
) -> None:
    case = open_case(stage)
    if "/claim" not in captions:
        case.claim("Ana")
    send_album(case, *captions)
    assert_only_what_comes_now_is_sent(case)


def test_it_stays_with_them_whatever_the_conversation_becomes(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    send_album(case, "", "", FOR_GREG)
    case.write("Ana", "/close")
    assert_only_what_comes_now_is_sent(case)


def test_it_stays_with_them_however_late_its_files_come(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    send_album(case, FOR_GREG)
    case.settled()
    with tenant_scope(default_tenant.pk) as tenant:
        marks = TopicNotice.objects.filter(
            tenant=tenant,
            conversation_id=UUID(case.customer.conversation_id),
            kind="aside:receipts",
        )
        assert marks.update(posted_at=timezone.now() - timedelta(days=1)) == 1
    send_album(case, "", "")
    assert_only_what_comes_now_is_sent(case)


def test_an_edit_keeps_an_album_back_that_is_not_fetched_yet(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    written = send_album(case, "The receipts", "", "")
    stage.group.edit("Ana", written[0].message_id, FOR_GREG)
    assert_only_what_comes_now_is_sent(case)


def test_what_of_an_album_is_not_sent_yet_is_kept_back_by_an_edit(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    [written] = send_album(case, "The receipts")
    [sent] = files_at_the_customer(case)
    send_album(case, "")
    stage.group.edit("Ana", written.message_id, FOR_GREG)
    case.told(texts.EDIT_NOT_SHOWN)
    case.write("Ana", "For you", kind="document", file_name="public.txt", data=b"public")
    found = next_message(case, sent["seq"])
    assert (found["caption"], found["attachments"][0]["name"]) == ("For you", "public.txt")


def test_what_is_refused_is_said_once_for_an_album(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    before = case.history()
    for _ in range(6):
        written = case.write(
            "Ana",
            kind="document",
            media_group_id="pages",
            file_name="page.html",
            data=hostile.HTML,
        )
    said = case.told("Not sent: Files of this kind", after=written.message_id)
    end = case.write("Ana", "/myid")
    case.told("Your Telegram id", after=end.message_id)
    assert [text for text in case.texts() if text.startswith("Not sent")] == [said.text]
    assert case.history() == before


def test_each_refused_file_is_answered(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    for number in (1, 2):
        case.write("Ana", kind="document", file_name="page.html", data=hostile.HTML)
        case.told("Not sent: Files of this kind", count=number)
    case.write("Ana", "See this", kind="document", file_name="page.html", data=hostile.HTML)
    case.told("Only your words were sent. Files of this kind")


@pytest.mark.parametrize("data", [hostile.SVG, hostile.HTML, b"\x7fELF" + bytes(99)])
def test_of_a_file_that_is_refused_the_words_are_sent(stage: Stage, data: bytes) -> None:
    case = open_case(stage)
    case.claim("Ana")
    written = case.write("Ana", "See this", kind="document", file_name="logo.png", data=data)
    case.told("Only your words were sent.", after=written.message_id)
    last = case.customer.history()["messages"][-1]
    assert last["text"] == "See this" and "attachments" not in last


def test_a_file_over_the_cap_is_not_fetched(case: Case) -> None:
    before = case.history()
    calls = case.stage.simulator.calls("getFile")
    written = case.write("Ana", kind="video", size=11 * 1024 * 1024)
    case.told(
        "Not sent: The file is too large. Send files of up to 10 MB.", after=written.message_id
    )
    assert case.stage.simulator.calls("getFile") == calls
    assert case.history() == before


def test_a_file_that_telegram_does_not_hand_out_is_said_in_the_topic(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    stage.simulator.add_fault("error", method="getFile", name="file_unavailable")
    written = case.write("Ana", kind="photo")
    case.told("Not sent: Telegram does not hand it out", after=written.message_id)


def test_nothing_is_fetched_where_nobody_has_claimed(stage: Stage) -> None:
    case = open_case(stage)
    written = case.write("Ana", kind="photo")
    case.told(texts.NOT_CLAIMED, after=written.message_id)
    assert "attachments" not in case.customer.history()["messages"][-1]


def test_a_tenant_that_takes_no_files_says_so(stage: Stage, default_tenant: Any) -> None:
    case = open_case(stage)
    case.claim("Ana")
    with setting(default_tenant, "attachments.allowed", False):
        written = case.write("Ana", kind="photo")
        case.told(texts.CANNOT_BE_SHOWN, after=written.message_id)
    assert "attachments" not in case.customer.history()["messages"][-1]


def test_a_file_that_does_not_come_is_said_once_and_when_it_is_given_up(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    stage.simulator.add_fault("error", name="server_error", method="getFile", times=None)
    written = case.write("Ana", kind="photo")
    try_for_the(TELLS_AFTER_ATTEMPTS, default_tenant, written, after=1)
    case.told(texts.FILE_LATE)
    try_for_the(TELLS_AFTER_ATTEMPTS, default_tenant, written, after=TELLS_AFTER_ATTEMPTS)
    try_for_the(MAX_ATTEMPTS, default_tenant, written, after=TELLS_AFTER_ATTEMPTS)
    case.told("Not sent: The file could not be fetched for days.")
    stage.simulator.clear_faults()
    assert case.texts().count(texts.FILE_LATE) == 1
    case.write("Ana", "Here it is", kind="photo")
    assert next_message(case, 1)["caption"] == "Here it is"


def try_for_the(attempt: int, default_tenant: Tenant, written: SeenMessage, *, after: int) -> None:
    """Try again to fetch the message's file, after so many attempts, as if it were this one."""

    def is_set() -> bool:
        with tenant_scope(default_tenant.pk) as tenant:
            waiting = OutboxItem.objects.filter(
                tenant=tenant,
                kind=FETCH_FILE.name,
                payload__message_id=written.message_id,
                attempts__gte=after,
                lease__isnull=True,
            )
            return bool(waiting.update(attempts=attempt - 1, next_attempt_at=Now()))

    wait_until(is_set, "an attempt has failed")


def test_files_that_are_slow_keep_no_button_waiting(stage: Stage) -> None:
    cases = [open_case(stage) for _ in range(settings.OUTBOX_SENDERS_PER_CHANNEL)]
    for case in cases:
        case.claim("Ana")
    before = stage.simulator.last_call
    stage.simulator.add_fault("timeout", method="getFile", times=len(cases))
    for case in cases:
        case.write("Ana", "Look", kind="photo")
    wait_until(
        lambda: len(stage.simulator.calls("getFile", after=before)) == len(cases), "the calls"
    )
    assert "have this conversation already" in case.press("Ana", case.controls, "Claim")
    stage.simulator.clear_faults()
    for case in cases:
        assert next_message(case, 1)["caption"] == "Look"


def test_trouble_on_the_way_is_overcome(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    before = newest(case)
    stage.simulator.add_fault("reset", method="getFile")
    case.write("Ana", "Look", kind="photo")
    assert next_message(case, before)["caption"] == "Look"
