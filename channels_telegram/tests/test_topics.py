"""The topic of a conversation: when it is made, what it is called, what stands in it first."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from kernel.text import utf16_length
from tenants import rate_limits as rate_limits  # knows the settings `rl.…`
from tenants.models import Tenant
from tests.cast import setting
from tests.conftest import Stage


def rename(case: Case, name: str) -> None:
    answer = case.customer.call("PATCH", "name", json={"name": name})
    assert answer.status_code == 200, answer.text


def titled(case: Case, title: str) -> None:
    case.stage.group.wait_until_topic(case.thread_id, name=title, timeout_seconds=TIMEOUT_SECONDS)


def test_the_title_follows_name_note_and_codename(stage: Stage) -> None:
    case = open_case(stage)
    codename = case.customer.codename
    assert case.topic.name == codename

    rename(case, "Mara")
    titled(case, f"Mara — {codename}")
    case.write("Ana", "/note likes tea")
    case.told("Note saved")
    titled(case, f"Mara — {codename} — 📝")
    case.write("Ana", "/codename Blue Falcon")
    case.told("Blue Falcon now")
    titled(case, "Mara — Blue Falcon — 📝")
    case.write("Ana", "/note -")
    titled(case, "Mara — Blue Falcon")


def test_the_longest_title_fits(stage: Stage) -> None:
    case = open_case(stage, name="N" * 32)
    case.write("Ana", f"/codename {'🦊' * 48}")
    titled(case, f"{'N' * 32} — {'🦊' * 48}")
    case.write("Ana", "/note x")
    titled(case, f"{'N' * 32} — {'🦊' * 48} — 📝")
    topic = stage.group.topic(case.thread_id)
    assert topic is not None
    assert len(topic.name) <= 128


def test_the_controls_come_first(stage: Stage) -> None:
    case = open_case(stage, name="Mara")
    first, second = stage.group.messages(case.thread_id)
    conversation_id = case.customer.conversation_id
    assert first.buttons == {
        "Claim": f"claim:{conversation_id}",
        "Close": f"close:{conversation_id}",
    }
    assert second.text == f"Mara: {case.first_line}"
    assert second.buttons == {}


def test_lines_are_signed_with_the_name_of_the_moment(stage: Stage) -> None:
    case = open_case(stage)
    rename(case, "Mara")
    case.customer.send("and now")
    case.told("Mara: and now")
    assert case.texts()[1] == f"{case.customer.codename}: {case.first_line}"


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold?</b> & *stars* _and_ [links](https://example.org) `code`",
        "šķūnis · žöü · 日本語 · עברית · العربية",
        "👩‍💻🦊❤️ 🇱🇻 e\u0301\u0301",
        "/claim",
        "first\n\nthird line",
        "@everybody #tag https://example.org/a?b=c&d=e",
    ],
)
def test_text_arrives_literally(stage: Stage, text: str) -> None:
    case = open_case(stage)
    case.customer.send(text)
    case.told(f": {text}")
    assert case.customer_lines()[-1] == text


def test_a_long_text_is_split_between_characters(stage: Stage) -> None:
    case = open_case(stage)
    codename = "🦊" * 48
    case.write("Ana", f"/codename {codename}")
    case.told("now.")
    text = "a" + "e\u0301" * 1999 + "b"
    assert utf16_length(text) == 4000
    case.customer.send(text)
    case.customer.send("after")
    case.told(": after")

    pieces = case.texts()[case.texts().index(f"This conversation is called {codename} now.") + 1 :]
    assert len(pieces) == 3
    assert all(utf16_length(piece) <= 4096 for piece in pieces)
    assert "".join(pieces[:2]) == f"{codename}: {text}"
    assert pieces[1] == "e\u0301b"
    assert pieces[2] == f"{codename}: after"


@pytest.mark.parametrize("name", ["Ana (by API)", "Remark, by API", "Ana (\uff42\uff59 api)"])
def test_a_customer_with_the_name_of_a_label_is_called_by_the_codename(
    stage: Stage, name: str
) -> None:
    case = open_case(stage)
    rename(case, name)
    case.customer.send("Give them their money back")
    case.told("money back")
    assert case.texts()[-1] == f"{case.customer.codename}: Give them their money back"


def test_everything_is_silent(stage: Stage) -> None:
    case = open_case(stage)
    case.claim()
    case.write("Ana", "/help")
    case.told("/claim takes")
    mine = [m for m in stage.group.messages(case.thread_id) if m.author.is_bot]
    assert len(mine) >= 4
    assert all(message.is_silent for message in mine)


def test_a_tenant_may_want_to_hear_it(stage: Stage, default_tenant: Tenant) -> None:
    with setting(default_tenant, "telegram.silent", False):
        case = open_case(stage)
        assert not any(m.is_silent for m in stage.group.messages(case.thread_id))
        asked = stage.group.write("Ana", "/myid")
        answer = stage.group.wait_for_message("Your Telegram id", after=asked.message_id)
        assert not answer.is_silent


def test_a_topic_can_be_made_at_the_start(stage: Stage, default_tenant: Tenant) -> None:
    with setting(default_tenant, "telegram.topicOn", "start"):
        customer = stage.customer(name="Mara")
        topic = stage.group.wait_for_topic(customer.codename)
        controls = stage.group.wait_for_message(thread_id=topic.thread_id, button="Claim")
        customer.send("hello")
        stage.group.wait_for_message("Mara: hello", topic.thread_id)
    messages = stage.group.messages(topic.thread_id)
    assert messages[0].message_id == controls.message_id
    assert len(messages) == 2


def test_a_conversation_without_a_word_has_no_topic(stage: Stage) -> None:
    silent = stage.customer()
    open_case(stage)
    assert not [topic for topic in stage.group.topics() if silent.codename in topic.name]


def test_fifty_first_messages_at_once_make_one_topic(stage: Stage, default_tenant: Tenant) -> None:
    customer = stage.customer()
    webs = [stage.web, stage.second_web]

    def send(number: int) -> int:
        answer = requests.post(
            customer.url("messages", webs[number % 2]),
            json={"text": f"line {number}"},
            headers=customer.headers,
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        seq: int = answer.json()["message"]["seq"]
        return seq

    with (
        setting(default_tenant, "rl.send.points", 0),
        ThreadPoolExecutor(max_workers=50) as threads,
    ):
        seqs = list(threads.map(send, range(50)))
    assert sorted(seqs) == list(range(1, 51))
    topic = stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
    stage.group.wait_for_message(
        ": line ", topic.thread_id, count=50, timeout_seconds=TIMEOUT_SECONDS
    )
    named = [one for one in stage.group.topics() if one.name == customer.codename]
    assert len(named) == 1
    messages = stage.group.messages(topic.thread_id)
    assert "Claim" in messages[0].buttons
    assert len(messages) == 51
    said = [message["text"] for message in customer.history()["messages"]]
    assert [m.text.removeprefix(f"{customer.codename}: ") for m in messages[1:]] == said


def test_quick_changes_end_with_the_last_title(stage: Stage) -> None:
    case = open_case(stage)
    for number in range(12):
        case.write("Ana", f"/codename Owl {number}")
    titled(case, "Owl 11")
