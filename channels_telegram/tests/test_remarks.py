"""What agents say to each other in a topic: it is kept for them, and no customer ever sees it."""

from uuid import UUID

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import Case, frames_until, open_case
from conversations.models import Remark
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import Desk, setting
from tests.conftest import Stage

SECRET = "INTERNAL"


def remarks(case: Case, tenant: Tenant) -> list[tuple[str, str]]:
    """Who has remarked what, oldest first."""
    with tenant_scope(tenant.pk):
        rows = Remark.objects.filter(
            tenant=tenant, conversation_id=UUID(case.customer.conversation_id)
        ).select_related("agent")
        return [
            (row.agent.internal_name if row.agent else "", row.text)
            for row in rows.order_by("created_at")
        ]


def test_colleagues_talk_in_a_claimed_topic(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    case.write("Ana", f"// {SECRET}: is this the one from last week?")
    case.write("Greg", f"//{SECRET} yes\nhe had the blue pot")
    case.write("Greg", f"\u200b //{SECRET} with a caption", kind="photo")
    case.write("Ana", "The blue one is back.")
    assert socket.next_where(direction="OUTBOUND")["text"] == "The blue one is back."
    frames = frames_until(socket, "great", case)
    assert SECRET not in f"{frames} {case.customer.history()}"
    assert remarks(case, default_tenant) == [
        ("Ana", f"{SECRET}: is this the one from last week?"),
        ("Greg", f"{SECRET} yes\nhe had the blue pot"),
        ("Greg", f"{SECRET} with a caption"),
    ]
    # A remark costs no post of the group's budget.
    assert not [text for text in case.texts() if text.startswith("Not sent")]


def test_nothing_invisible_hides_that_it_is_one(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim("Ana")
    for hidden in ("\u2068", "\u061c\u2067", "\ufe0f", "\u3164\u2800"):
        case.write("Ana", f"{hidden}// {SECRET}")
    # As keyboards of Chinese, Japanese and Korean write them.
    for slashes in ("\uff0f\uff0f", "\u3000\uff0f/"):
        case.write("Ana", f"{slashes} {SECRET}")
    case.settled()
    assert remarks(case, default_tenant) == [("Ana", SECRET)] * 6
    assert case.history() == [case.first_line]


@pytest.mark.parametrize("state", ["unclaimed", "closed", "blocked"])
def test_a_remark_is_kept_in_any_state(stage: Stage, default_tenant: Tenant, state: str) -> None:
    case = open_case(stage)
    desk = Desk(case.customer.conversation_id, tenant=default_tenant)
    if state == "closed":
        case.claim()
        case.write("Ana", "/close")
        case.wait_for_status("CLOSED")
    elif state == "blocked":
        desk.block()
    before = case.customer.history()
    case.write("Greg", f"// {SECRET}")
    case.settled()
    assert remarks(case, default_tenant) == [("Greg", SECRET)]
    assert case.customer.history() == before


def test_an_edit_changes_a_remark_and_never_sends_it(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim()
    written = case.write("Ana", f"// {SECRET} blue")
    stage.group.edit("Ana", written.message_id, f"// {SECRET} red")
    case.settled()
    assert remarks(case, default_tenant) == [("Ana", f"{SECRET} red")]
    stage.group.edit("Ana", written.message_id, f"{SECRET} red")
    case.told(texts.EDIT_UNSENT)
    stage.group.edit("Ana", written.message_id, f"// {SECRET} green")
    case.settled()
    assert remarks(case, default_tenant) == [("Ana", f"{SECRET} green")]
    assert case.history() == [case.first_line]
    stage.group.edit("Ana", written.message_id, "//")
    case.settled()
    assert remarks(case, default_tenant) == []


def test_what_was_sent_cannot_become_a_remark(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim()
    written = case.write("Ana", "Four pots")
    case.settled()
    stage.group.edit("Ana", written.message_id, f"// {SECRET}")
    case.told(texts.EDIT_NOT_SHOWN)
    assert case.history() == [case.first_line, "Four pots"]
    assert remarks(case, default_tenant) == []


def test_a_message_that_was_kept_back_becomes_a_remark_by_an_edit(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    written = case.write("Ana", f"{SECRET} nobody has this one")
    case.told(texts.NOT_CLAIMED)
    stage.group.edit("Ana", written.message_id, f"// {SECRET} nobody has this one")
    case.settled()
    assert remarks(case, default_tenant) == [("Ana", f"{SECRET} nobody has this one")]


def test_a_tenant_chooses_how_a_remark_begins(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim()
    with setting(default_tenant, "telegram.remarkPrefix", "!!"):
        case.write("Ana", f"!! {SECRET}")
        case.write("Ana", "//cdn.example/pots")
        case.told("Not sent: //cdn.example/pots is not a command")
    assert remarks(case, default_tenant) == [("Ana", SECRET)]
    assert case.history() == [case.first_line]


def test_only_the_claimer_answers_where_a_tenant_says_so(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    with setting(default_tenant, "replies.from", "claimer"):
        case.write("Greg", f"{SECRET} I would offer a discount")
        notice = case.told("Ana has this conversation, and only their words", button="Take over")
        case.write("Ana", "There is a discount.")
        case.settled()
        assert case.history() == [case.first_line, "There is a discount."]
        # The button makes it Greg's.
        case.press("Greg", notice, "Take over")
        case.write("Greg", "Ten per cent.")
        case.settled()
        assert case.history()[1:] == ["There is a discount.", "Ten per cent."]
        case.write("Ana", f"{SECRET} too much")
        case.told("Greg has this conversation, and only their words")
    case.write("Ana", "Until Friday.")
    case.settled()
    assert case.history()[-1] == "Until Friday."
