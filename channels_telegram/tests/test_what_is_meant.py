"""More than words: links behind words, and what is no message at all."""

from typing import Any

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import Case, frames_until, open_case
from channels_telegram.tests.test_entities import SHOP, TRACK, link
from tests.conftest import Stage

REPORTS: list[tuple[str, Any]] = [
    ("checklist_tasks_done", {"marked_as_done_task_ids": [1]}),
    ("gift", {"gift": {"id": "1", "star_count": 50}}),
    ("giveaway_created", {}),
    ("paid_message_price_changed", {"paid_message_star_count": 3}),
    ("suggested_post_approved", {"send_date": 1}),
    ("pinned_of_tomorrow", {"anything": [1]}),
]


@pytest.fixture(scope="module")
def case(stage: Stage) -> Case:
    """A conversation that Ana has."""
    opened = open_case(stage)
    opened.claim("Ana")
    return opened


def test_a_link_keeps_its_address(case: Case) -> None:
    with_astral = f"😀 {TRACK}"
    case.write("Ana", with_astral, entities=[link(with_astral, "here")])
    case.settled()
    assert case.history()[-1] == f"😀 Track your parcel here ({SHOP}) please"


@pytest.mark.usefixtures("without_files")
def test_a_link_in_a_caption_keeps_its_address(case: Case) -> None:
    case.write("Ana", TRACK, kind="photo", entities=[link(TRACK, "here")])
    case.settled()
    assert case.history()[-1] == f"Track your parcel here ({SHOP}) please"


def test_an_edit_of_the_address_alone_reaches_the_customer(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    written = case.write("Ana", TRACK, entities=[link(TRACK, "here")])
    assert SHOP in socket.next_where(direction="OUTBOUND")["text"]
    other = "https://shop.example/parcel/8"
    stage.group.edit("Ana", written.message_id, TRACK, entities=[link(TRACK, "here", other)])
    case.settled()
    assert case.history()[-1] == f"Track your parcel here ({other}) please"
    frames_until(socket, "thanks", case)


@pytest.mark.parametrize(("kind", "content"), REPORTS)
def test_reports_in_a_topic_draw_no_answer(case: Case, kind: str, content: Any) -> None:
    before, said = case.history(), case.texts()
    case.stage.group.report("Ana", kind, content, case.thread_id)
    end = case.write("Ana", "/myid")
    case.told("Your Telegram id", after=end.message_id)
    assert case.history() == before
    assert len(case.texts()) == len(said) + 2


def test_reports_in_an_unclaimed_topic_draw_no_answer_either(stage: Stage) -> None:
    case = open_case(stage)
    said = case.texts()
    stage.group.report("Greg", "checklist_tasks_done", {}, case.thread_id)
    end = case.write("Greg", "/myid")
    case.told("Your Telegram id", after=end.message_id)
    assert len(case.texts()) == len(said) + 2
    assert texts.NOT_CLAIMED not in case.texts()
