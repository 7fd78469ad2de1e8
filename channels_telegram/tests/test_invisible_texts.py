"""What Telegram refuses because nobody would see it is said to agents all the same."""

import pytest

from channels_telegram import texts
from channels_telegram.outgoing import effects
from channels_telegram.outgoing.effects import Post
from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from conversations.models import Conversation
from outbox import services as outbox
from outbox.models import OutboxItem
from telegram_simulator.text import clean, topic_name
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage

INVISIBLE = ["\u200b", "\u200d\ufeff\u2060", "\u2800\u2800", "\u3164", "\ufffc", "\U000e0041"]


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_customers_invisible_message_is_shown_as_one(stage: Stage, text: str) -> None:
    case = open_case(stage)
    case.customer.send(text)
    case.customer.send("and now?")
    case.told(": and now?")
    assert case.customer_lines() == [case.first_line, texts.NOTHING_VISIBLE, "and now?"]


@pytest.mark.parametrize("text", INVISIBLE)
def test_no_post_dies_of_having_nothing_to_see(
    stage: Stage, default_tenant: Tenant, text: str
) -> None:
    case = open_case(stage)
    with tenant_scope(default_tenant.pk) as tenant:
        conversation = Conversation.objects.get(thread_id=case.thread_id)
        posted = effects.notice(tenant, conversation, Post(text=text, bold_units=1))
        key = f"telegram:test:{conversation.pk}"
        in_general = effects.post_in_general(tenant, text, idempotency_key=key, is_silent=True)
        outbox.enqueue(tenant=tenant, effects=[posted, in_general])
    case.told(texts.NOTHING_VISIBLE)
    stage.group.wait_for_message(texts.NOTHING_VISIBLE, timeout_seconds=TIMEOUT_SECONDS)
    with tenant_scope(default_tenant.pk):
        items = OutboxItem.objects.filter(payload__text=text)
        assert not items.filter(status=OutboxItem.Status.DEAD).exists()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Ana\u2800\u2800Liepa", "Ana Liepa — Amber Otter"),
        ("\u202eAna\ufffc", "Ana — Amber Otter"),
        ("Ana\u3000 \u00a0Liepa", "Ana Liepa — Amber Otter"),
        ("\u0b95\u0bbf", "\u0b95\u0bbf — Amber Otter"),
    ],
)
def test_a_title_is_what_telegram_makes_of_it(name: str, title: str) -> None:
    """So that a topic is known again by its title when nobody has heard that it was made."""
    conversation = Conversation(codename="Amber Otter", customer_name=name)
    assert texts.topic_title(conversation) == title
    assert topic_name(texts.topic_title(conversation)) == title


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_title_always_shows_something(text: str) -> None:
    title = texts.topic_title(Conversation(codename=text * 2))
    assert clean(title, [])[0] == title != ""


def test_a_topic_with_odd_blanks_is_made_once(rough: Stage) -> None:
    rough.simulator.add_fault(
        "timeout", method="createForumTopic", after_effect=True, hold_seconds=20
    )
    customer = rough.customer(name="Ana\u2800Liepa")
    customer.send("hello")
    topic = rough.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
    rough.group.wait_for_message("hello", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
    assert [one.name for one in rough.group.topics() if customer.codename in one.name] == [
        f"Ana Liepa — {customer.codename}"
    ]
