"""What is not sent is mentioned once in the topic, until something changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db.models import F

from channels_telegram import texts
from channels_telegram.models import TopicNotice
from channels_telegram.outgoing import notices
from channels_telegram.tests.cases import Case, new_agent, open_case
from channels_telegram.tests.hook import deliver, message_update
from conversations.models import Conversation
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import Desk
from tests.conftest import Stage

pytestmark = pytest.mark.usefixtures("without_files")


def bot_posts(case: Case) -> list[str]:
    """What the bot has said in the topic, once everything so far has had its effect."""
    case.settled()
    end = case.write("Ana", "/myid")
    case.told("Your Telegram id", after=end.message_id)
    posts = [
        m.text
        for m in case.stage.group.messages(case.thread_id)
        if m.author.id == case.stage.group.bot_id
    ]
    return [text for text in posts[:-1] if not text.startswith(case.label)]


def test_an_album_for_nobody_costs_one_post(stage: Stage) -> None:
    case = open_case(stage)
    before = bot_posts(case)
    for number in range(10):
        case.write("Ana", "" if number else "Our pots", kind="photo", media_group_id="pots")
    assert bot_posts(case)[len(before) :][1:] == [texts.NOT_CLAIMED]


def test_remarks_of_colleagues_cost_one_post(stage: Stage) -> None:
    case = open_case(stage)
    before = bot_posts(case)
    mia = new_agent(stage, "Mia")
    for number in range(40):
        case.write(("Ana", "Greg", mia)[number % 3], f"remark {number}")
    assert bot_posts(case)[len(before) :][1:] == [texts.NOT_CLAIMED]
    assert case.history() == [case.first_line]


def test_any_mixture_in_one_state_costs_few_posts(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    before = bot_posts(case)
    for number in range(7):
        case.write("Ana", "", kind="photo")
        case.write("Greg", "", kind="voice")
        case.write("Greg", f"caption {number}", kind="photo")
        case.write("Ana", f"/nonsense{number}")
        case.write("Ana", "as a channel", as_channel=-1009)
    said = bot_posts(case)[len(before) :][1:]
    assert [text for text in said if "is not a command" not in text] == [
        texts.CANNOT_BE_SHOWN,
        texts.CANNOT_BE_SHOWN,
        texts.ONLY_CAPTION_SENT,
        texts.WRITTEN_AS_CHANNEL,
    ]
    assert len(said) == 4 + notices.MAX_UNKNOWN_COMMANDS
    assert case.history() == [case.first_line, *(f"caption {number}" for number in range(7))]


def test_each_change_of_state_makes_it_news_again(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    for _ in range(2):
        case.write("Greg", "remark")
    case.told(texts.NOT_CLAIMED)
    case.claim("Ana")
    for _ in range(2):
        case.write("Ana", "", kind="sticker")
    case.told(texts.CANNOT_BE_SHOWN)
    # A colleague takes over, for whom it is news.
    case.write("Greg", "/claim")
    case.press("Greg", case.told("Ana has this conversation."), "Take over")
    case.told("Greg has taken over")
    for _ in range(2):
        case.write("Greg", "", kind="sticker")
    case.told(texts.CANNOT_BE_SHOWN, count=2)
    case.write("Ana", "/close")
    case.told("Closed by Ana")
    for _ in range(2):
        case.write("Ana", "remark")
    case.told(texts.NOT_OPEN, button="Claim")
    case.customer.send("one more thing")
    case.told(": one more thing")
    for _ in range(2):
        case.write("Ana", "remark")
    case.told(texts.NOT_CLAIMED, count=2)
    Desk(case.customer.conversation_id, tenant=default_tenant).block()
    case.told(texts.BLOCKED_NOW)
    for _ in range(2):
        case.write("Ana", "remark")
    case.told(texts.BLOCKED)
    said = bot_posts(case)
    kinds = [texts.NOT_CLAIMED, texts.CANNOT_BE_SHOWN, texts.NOT_OPEN, texts.BLOCKED]
    assert [said.count(text) for text in kinds] == [2, 2, 1, 1]


def test_parallel_commands_in_one_topic_are_all_taken(stage: Stage) -> None:
    """Each is noted and locks the conversation: none may wait for one that waits for it."""
    for _ in range(4):
        case = open_case(stage)
        updates = [message_update(stage, case.thread_id, "/claim") for _ in range(12)]
        with ThreadPoolExecutor(12) as threads:
            answers = list(threads.map(lambda update: deliver(stage, update), updates))
        assert {answer.status_code for answer in answers} == {200}
        assert case.status == "OPEN_ASSIGNED"


def grow_old(tenant: Tenant, case: Case) -> None:
    """The notices in the topic were posted longer ago than they stand, and so was all before."""
    age = notices.REPEAT_AFTER + timedelta(seconds=1)
    with tenant_scope(tenant.pk) as scoped:
        id_ = case.customer.conversation_id
        told = TopicNotice.objects.filter(tenant=scoped, conversation_id=id_)
        told.update(posted_at=F("posted_at") - age)
        Conversation.objects.filter(tenant=scoped, pk=id_).update(
            last_customer_at=F("last_customer_at") - age
        )


def test_an_old_notice_is_repeated(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim("Ana")
    case.write("Ana", kind="photo")
    case.told(texts.CANNOT_BE_SHOWN)
    grow_old(default_tenant, case)
    case.write("Ana", kind="photo")
    case.told(texts.CANNOT_BE_SHOWN, count=2)


def test_a_state_is_named_again_only_when_the_customer_has_written(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    case.write("Greg", "remark")
    case.told(texts.NOT_CLAIMED)
    grow_old(default_tenant, case)
    case.write("Ana", "remark")
    case.write("Ana", "/myid")
    case.told("Your Telegram id")
    assert case.texts().count(texts.NOT_CLAIMED) == 1
    case.customer.send("Hello?")
    case.told(": Hello?")
    case.write("Ana", "an answer")
    case.told(texts.NOT_CLAIMED, count=2)


def test_a_new_topic_is_told_anew(stage: Stage) -> None:
    case = open_case(stage)
    case.write("Ana", "remark")
    case.told(texts.NOT_CLAIMED)
    stage.group.delete_topic("Ana", case.thread_id)
    case.customer.send("still there?")
    topic = stage.group.wait_for_topic(case.customer.codename, timeout_seconds=30)
    again = Case(stage, case.customer, topic, case.first_line)
    again.told(": still there?")
    again.write("Ana", "remark")
    again.told(texts.NOT_CLAIMED)


def test_many_at_once_are_told_once(stage: Stage) -> None:
    """The two web processes are handed the same topic's messages at the same time."""
    case = open_case(stage)
    bodies = [message_update(stage, case.thread_id, f"remark {number}") for number in range(12)]

    def bring(number: int) -> int:
        web = stage.second_web if number % 2 else stage.web
        return deliver(stage, bodies[number], web=web).status_code

    with ThreadPoolExecutor(max_workers=12) as threads:
        assert set(threads.map(bring, range(12))) == {200}
    assert bot_posts(case).count(texts.NOT_CLAIMED) == 1
