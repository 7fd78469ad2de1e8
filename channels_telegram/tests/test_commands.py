"""What agents type with a slash does something, and never reaches a customer."""

import pytest

from channels_telegram import texts
from channels_telegram.models import TopicNotice
from channels_telegram.tests.cases import Case, frames_until, new_agent, open_case
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage

ODD = [
    ("/CLAIM", "has this conversation"),
    (" /note SECRET tea", "Note saved"),
    ("\n/Note\nSECRET\ntoast", "Note saved"),
    ("/note@chatorical_bot SECRET", "Note saved"),
    ("/codename@Chatorical_Bot X", "Not changed"),
    ("/codename", "Not changed"),
    ("/codename " + "SECRET" * 10, "Not changed"),
    ("/codename@Chatorical_Bot Secret Fox", "Secret Fox now"),
    ("/nonsense SECRET", "/nonsense is not a command"),
    ("/", "/ is not a command"),
    ("/ claim SECRET", "/ is not a command"),
    ("/ /SECRET", "/ is not a command"),
    ("/@chatorical_bot SECRET", "/ is not a command"),
    ("/claim_ SECRET", "/claim_ is not a command"),
    ("/cl SECRET", "/cl is not a command"),
    ("/etc/passwd SECRET", "/etc/passwd is not a command"),
    ("/" + "x" * 4000, "is not a command"),
    ("\u200b/note SECRET", "Note saved"),
    ("/HELP", "/claim takes"),
    ("/MyName", "Customers see you as Support"),
    ("/whoami@chatorical_bot", "Customers see you as Support"),
    ("/MYID SECRET", "Your Telegram id is {user_id}"),
]


@pytest.fixture(scope="module")
def claimed(stage: Stage) -> Case:
    """A conversation that Ana has, so that any text of hers would go out."""
    case = open_case(stage)
    case.claim("Ana")
    return case


@pytest.fixture(scope="module")
def newcomer(stage: Stage) -> int:
    """The id of an agent to whom no test has given a name."""
    return new_agent(stage, "Nora")


@pytest.mark.parametrize(("typed", "answer"), ODD)
def test_odd_spellings_are_commands(
    claimed: Case, newcomer: int, default_tenant: Tenant, typed: str, answer: str
) -> None:
    with tenant_scope(default_tenant.pk) as scoped:
        # As where no such notice stands yet.
        TopicNotice.objects.filter(tenant=scoped).delete()
    before = claimed.history()
    written = claimed.write(newcomer, typed)
    claimed.told(answer.format(user_id=newcomer), after=written.message_id)
    assert claimed.history() == before


def test_a_command_for_another_bot_neither_acts_nor_goes_out(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    before, said = case.history(), case.texts()
    for typed in ("/close@OtherBot", "/note@OtherBot SECRET", "/nonsense@OtherBot"):
        case.write("Ana", typed)
    stage.group.write("Ana", "/myid@OtherBot")
    case.settled()
    assert (case.history(), case.status) == (before, "OPEN_ASSIGNED")
    case.write("Ana", "/help")
    case.told("/claim takes")
    assert [text for text in case.texts() if "@OtherBot" not in text][len(said) :][1:] == [
        texts.help_in_topic("//")
    ]


def test_no_command_reaches_the_socket(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    for typed, _ in ODD:
        if typed != "/CLAIM":
            case.write("Ana", typed)
    case.settled()
    frames = frames_until(socket, "hello?", case)
    assert [frame.get("text") for frame in frames] == ["hello?"]
    assert case.history() == [case.first_line, "hello?"]


def test_a_command_as_a_caption_is_one_too(claimed: Case) -> None:
    before = claimed.history()
    written = claimed.write("Ana", "/note SECRET picture", kind="photo")
    claimed.told(texts.NOTE_SAVED, after=written.message_id)
    assert claimed.history() == before


def test_an_edit_into_a_command_changes_nothing(claimed: Case) -> None:
    written = claimed.write("Ana", "Good morning")
    claimed.settled()
    claimed.stage.group.edit("Ana", written.message_id, "/note SECRET")
    claimed.settled()
    assert claimed.history()[-1] == "Good morning"


def test_notes(stage: Stage) -> None:
    case = open_case(stage)
    case.write("Ana", "/note")
    case.told(texts.NOTE_EMPTY)
    case.write("Ana", "/note likes tea\nand toast")
    saved = case.told(texts.NOTE_SAVED)
    stage.group.wait_until_topic(case.thread_id, name=f"{case.customer.codename} — 📝")
    case.write("Ana", "/shownote")
    case.told("likes tea\nand toast", after=saved.message_id)
    case.write("Ana", "/note " + "x" * 2001)
    case.told(texts.NOTE_TOO_LONG)
    case.write("Ana", "/note")
    case.told("Note removed. It was:\nlikes tea\nand toast")
    stage.group.wait_until_topic(case.thread_id, name=case.customer.codename)
    case.write("Ana", "/shownote")
    case.told(texts.NOTE_EMPTY, count=2)
    # What agents of earlier versions have learned.
    case.write("Ana", "/note in a hurry")
    case.told(texts.NOTE_SAVED, count=2)
    case.write("Ana", "/note -")
    case.told("Note removed. It was:\nin a hurry")


def test_a_codename_keeps_its_bounds(stage: Stage) -> None:
    case = open_case(stage)
    for typed, is_taken in [("ab", True), ("c" * 48, True), ("d", False), ("e" * 49, False)]:
        written = case.write("Ana", f"/codename {typed}")
        expected = "now." if is_taken else texts.CODENAME_INVALID
        case.told(expected, after=written.message_id)
        if is_taken:
            stage.group.wait_until_topic(case.thread_id, name=typed)
    stage.group.wait_until_topic(case.thread_id, name="c" * 48)


def test_the_groups_root_knows_four_commands(stage: Stage) -> None:
    mira = new_agent(stage, "Mira")
    for typed, answer in [
        ("/help", "Each customer has a topic"),
        ("/myname", "Customers see you as Support"),
        ("/WhoAmI", "Customers see you as Support"),
        ("/myid@chatorical_bot", f"Your Telegram id is {mira}"),
    ]:
        asked = stage.group.write(mira, typed)
        stage.group.wait_for_message(answer, after=asked.message_id)


def test_everything_else_in_the_root_is_ignored(stage: Stage) -> None:
    case = open_case(stage)
    before = stage.simulator.last_call
    start = stage.group.write("Ana", "Lunch?")
    for typed in ("/claim", "/close", "/note SECRET", "/codename Blue Falcon", "/x", "/", "1/2"):
        stage.group.write("Ana", typed)
    stage.group.write("Ana", "What do you mean?", reply_to=start.message_id)
    stage.group.write("Ana", "", kind="sticker")
    stage.group.write("Ana", "SECRET", kind="photo")
    case.settled()
    asked = stage.group.write("Ana", "/myid")
    stage.group.wait_for_message("Your Telegram id", after=asked.message_id)
    assert len(stage.simulator.calls(after=before)) == 1
    assert case.status == "OPEN_UNCLAIMED"
    assert case.history() == [case.first_line]
