"""Edits of answers, and what customers cannot be shown."""

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import Case, frames_until, open_case
from telegram_simulator.seen import SeenMessage
from tests.conftest import Stage

pytestmark = pytest.mark.usefixtures("without_files")

WITHOUT_WORDS = [
    "sticker",
    "voice",
    "photo",
    "video",
    "video_note",
    "animation",
    "audio",
    "document",
    "dice",
    "location",
    "contact",
    "poll",
    "venue",
    "checklist",
    "story",
    "game",
]


@pytest.fixture(scope="module")
def case(stage: Stage) -> Case:
    """A conversation that Ana has."""
    opened = open_case(stage)
    opened.claim("Ana")
    return opened


def edit(case: Case, written: SeenMessage, text: str) -> None:
    case.stage.group.edit("Ana", written.message_id, text)
    case.settled()


def test_an_edit_changes_what_the_customer_reads(case: Case) -> None:
    written = case.write("Ana", "Two dyas")
    case.settled()
    seq = case.customer.history()["messages"][-1]["seq"]
    edit(case, written, "Two days")
    edit(case, written, " Two days, I think ")
    last = case.customer.history()["messages"][-1]
    assert (last["text"], last["seq"]) == ("Two days, I think", seq)


def test_an_edit_draws_no_second_bubble(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    written = case.write("Ana", "Two dyas")
    assert socket.next_where(direction="OUTBOUND")["text"] == "Two dyas"
    edit(case, written, "Two days")
    frames = frames_until(socket, "thanks", case)
    assert [frame["text"] for frame in frames if "text" in frame] == ["thanks"]


def test_an_edit_without_words_keeps_the_old_ones(case: Case) -> None:
    written = case.write("Ana", "Look here", kind="photo")
    case.told(texts.ONLY_CAPTION_SENT)
    edit(case, written, "")
    assert case.history()[-1] == "Look here"
    edit(case, written, "Look there")
    assert case.history()[-1] == "Look there"


@pytest.mark.parametrize("kind", WITHOUT_WORDS)
def test_what_cannot_be_shown_is_said_in_the_topic(case: Case, kind: str) -> None:
    before = case.history()
    written = case.write("Ana", "", kind=kind)
    case.told(texts.CANNOT_BE_SHOWN, after=written.message_id)
    assert case.history() == before


def test_a_kind_newer_than_this_version_is_taken_for_a_report(case: Case) -> None:
    """Telegram adds more kinds of reports than of content: better silent than wrong."""
    before = case.history()
    case.write("Ana", "", kind="unknown")
    end = case.write("Ana", "/myid")
    case.told("Your Telegram id", after=end.message_id)
    assert case.texts()[-2:][0] == "/myid"
    assert case.history() == before


@pytest.mark.parametrize("kind", ["photo", "video", "document", "voice"])
def test_a_caption_is_delivered_and_the_rest_is_mentioned(stage: Stage, kind: str) -> None:
    case = open_case(stage)
    case.claim("Ana")
    written = case.write("Ana", f"See this {kind}", kind=kind)
    case.told(texts.ONLY_CAPTION_SENT, after=written.message_id)
    assert case.history()[-1] == f"See this {kind}"


def test_an_album_gets_one_answer(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    first = case.write("Ana", "Three pots", kind="photo", media_group_id="album-1")
    for _ in range(2):
        case.write("Ana", "", kind="photo", media_group_id="album-1")
    case.settled()
    end = case.write("Ana", "/myid")
    case.told("Your Telegram id", after=end.message_id)
    said = [m.text for m in case.stage.group.messages(case.thread_id) if m.author.is_bot]
    mine = [
        m.text
        for m in case.stage.group.messages(case.thread_id)
        if m.author.is_bot and first.message_id < m.message_id
    ]
    assert mine[:-1] == [texts.ONLY_CAPTION_SENT], said
    assert case.history()[-1] == "Three pots"


def test_an_album_without_a_caption_is_answered_after_one_with_a_caption(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    case.write("Ana", "Three pots", kind="photo", media_group_id="album-2")
    case.told(texts.ONLY_CAPTION_SENT)
    case.write("Ana", "", kind="photo", media_group_id="album-3")
    case.told(texts.CANNOT_BE_SHOWN)


def test_reactions_and_pins_are_no_answers(case: Case) -> None:
    before = case.history()
    said = case.texts()
    written = case.write("Ana", "/myid")
    case.told("Your Telegram id", after=written.message_id)
    case.stage.group.react("Ana", written.message_id, ["👍"])
    case.stage.group.pin("Ana", written.message_id)
    case.stage.group.rename_topic("Ana", case.thread_id, "By hand")
    case.settled()
    assert case.history() == before
    assert len(case.texts()) == len(said) + 2


def test_an_address_that_makes_an_answer_too_long_is_left_out_and_mentioned(stage: Stage) -> None:
    text = "here " + "." * 3990
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "https://shop.example/parcel"}
    sent, edited = open_case(stage), open_case(stage)
    for case in (sent, edited):
        case.claim("Ana")
    sent.write("Ana", text, entities=[link])
    written = edited.write("Ana", "here", entities=[link])
    edited.settled()
    assert edited.history()[-1] == "here (https://shop.example/parcel)"
    stage.group.edit("Ana", written.message_id, text, entities=[link])
    for case in (sent, edited):
        case.told(texts.ADDRESSES_LEFT_OUT)
        assert case.history()[-1] == text
