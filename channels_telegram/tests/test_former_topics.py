"""What is noted about a topic stays with it: another topic, or another group, has its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from channels_telegram import services, sql, tasks, watching
from channels_telegram.channels import DecryptedChannel, TopicId, find_channel
from channels_telegram.models import FormerTopic, TelegramChannel, Topic
from channels_telegram.services import ChannelConfig
from channels_telegram.topics import former_topics, topic_records
from channels_telegram.updates import Chat, Message
from conversations import services as conversation_services
from conversations.models import Conversation
from outbox.models import OutboxItem
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tests.locks import until_it_waits_for_us

OLD, NEW = -1001111, -1002222
TITLE = "Amber Otter"


@pytest.fixture
def acme(db: None) -> Iterator[Tenant]:
    with tenant_scope(founded().pk) as tenant:
        yield tenant


def founded() -> Tenant:
    made = create_tenant(slug=f"acme-{uuid4().hex}", name="Acme", actor=SYSTEM)
    configure(made, OLD)
    return made


def configure(tenant: Tenant, chat_id: int) -> None:
    token = f"{uuid4().int % 10**9 + 10**9}:AAformerformerformerformerformer"
    with tenant_scope(tenant.pk) as fresh:
        current = find_channel(tenant=fresh)
        config = ChannelConfig(bot_token=current.bot_token if current else token, chat_id=chat_id)
        services.configure_channel(tenant=fresh, config=config, actor=SYSTEM)


def channel_of(tenant: Tenant) -> DecryptedChannel:
    with tenant_scope(tenant.pk) as fresh:
        channel = find_channel(tenant=fresh)
    assert channel is not None
    return channel


def move(tenant: Tenant, old: int = OLD, new: int = NEW) -> bool:
    return services.adopt_new_group(tenant_id=tenant.pk, old_chat_id=old, new_chat_id=new)


def start(tenant: Tenant) -> Conversation:
    return conversation_services.start_conversation(tenant=tenant, customer_name="", locale="en")


def remember(tenant: Tenant, conversation: Conversation, topic: TopicId) -> bool:
    return topic_records.remember_topic(
        tenant_id=tenant.pk, conversation_id=conversation.pk, topic=topic, title=TITLE, bot_id=1
    )


def thread_of(conversation: Conversation) -> str | None:
    conversation.refresh_from_db()
    return conversation.thread_id


def found(
    tenant: Tenant, topic: TopicId, written_at: datetime | None = None
) -> Conversation | None:
    """The conversation that a message in this topic is meant for."""
    written_at = written_at or timezone.now()
    message = Message(
        message_id=1,
        chat=Chat(id=topic.chat_id),
        date=int(written_at.timestamp()),
        message_thread_id=topic.thread_id,
        is_topic_message=True,
    )
    return former_topics.find_conversation(
        tenant=tenant, channel=channel_of(tenant), message=message
    )


def test_who_learns_late_of_an_upgrade_forgets_no_topics(acme: Tenant) -> None:
    conversation = start(acme)
    assert [move(acme), move(acme)] == [True, False]
    new = channel_of(acme).topic(7)
    assert remember(acme, conversation, new)
    assert not move(acme)
    assert thread_of(conversation) == "7"
    assert Topic.objects.get(conversation=conversation).title == TITLE
    moved = AuditEntry.objects.filter(action="telegram_channel.group_moved")
    assert [entry.changes for entry in moved] == [{"chat_id": [OLD, NEW]}]


@pytest.mark.parametrize("old", [NEW, -1009999, 5])
def test_the_upgrade_of_another_group_changes_nothing(acme: Tenant, old: int) -> None:
    assert not move(acme, old, -1003333)
    assert channel_of(acme).chat_id == OLD


def test_a_group_that_is_entered_meanwhile_stays(acme: Tenant) -> None:
    configure(acme, -1004444)
    assert not move(acme)
    assert channel_of(acme).chat_id == -1004444


def test_a_topic_made_in_the_former_group_is_not_shown_in_the_new_one(acme: Tenant) -> None:
    conversation, former = start(acme), channel_of(acme).topic(7)
    move(acme)
    assert not remember(acme, conversation, former)
    assert thread_of(conversation) is None
    # What an agent writes there is for the customer all the same.
    assert found(acme, former) == conversation
    topic_records.recognise_topic(tenant=acme, topic=former, title=TITLE, bot_id=1)
    assert thread_of(conversation) is None


def test_the_new_group_may_use_the_same_number_for_another_topic(acme: Tenant) -> None:
    first, second = start(acme), start(acme)
    former = channel_of(acme).topic(7)
    assert remember(acme, first, former)
    move(acme)
    present = channel_of(acme).topic(7)
    assert remember(acme, second, present)
    assert (found(acme, former), found(acme, present)) == (first, second)


def test_notes_about_a_former_topic_do_not_reach_the_present_one(acme: Tenant) -> None:
    conversation, former = start(acme), channel_of(acme).topic(7)
    remember(acme, conversation, former)
    move(acme)
    present = channel_of(acme).topic(7)
    remember(acme, conversation, present)

    def controls(topic: TopicId) -> bool:
        return topic_records.update_topic(
            tenant=acme, conversation_id=conversation.pk, topic=topic, controls_message_id=99
        )

    assert not controls(former)
    assert not topic_records.update_topic(
        tenant=acme, conversation_id=conversation.pk, topic=former, title="old", is_closed=True
    )
    topic_records.note_pinned_reminder(
        tenant=acme, conversation=conversation, chat_id=OLD, message_id=99
    )
    topic_records.forget_topic(tenant_id=acme.pk, conversation_id=conversation.pk, topic=former)
    row = Topic.objects.get(conversation=conversation)
    assert (row.title, row.controls_message_id, row.is_closed) == (TITLE, None, False)
    assert row.pinned_reminder_id is None
    assert thread_of(conversation) == "7"
    assert controls(present)


def test_only_the_topic_that_is_gone_is_forgotten(acme: Tenant) -> None:
    conversation, channel = start(acme), channel_of(acme)
    gone, present = channel.topic(7), channel.topic(8)
    remember(acme, conversation, gone)
    forget = {"tenant_id": acme.pk, "conversation_id": conversation.pk, "topic": gone}
    topic_records.forget_topic(**forget)  # type: ignore[arg-type]
    assert thread_of(conversation) is None
    remember(acme, conversation, present)
    # Another attempt met the same deleted topic and says so late.
    topic_records.forget_topic(**forget)  # type: ignore[arg-type]
    assert thread_of(conversation) == "8"


def test_a_topic_too_many_is_removed_and_keeps_its_meaning_until_then(acme: Tenant) -> None:
    conversation, channel = start(acme), channel_of(acme)
    assert remember(acme, conversation, channel.topic(7))
    assert not remember(acme, conversation, channel.topic(8))
    assert thread_of(conversation) == "7"
    assert found(acme, channel.topic(8)) == conversation
    removal = OutboxItem.objects.get(kind="telegram.delete_topic")
    assert removal.payload["thread_id"] == 8
    assert remember(acme, conversation, channel.topic(7)), "its own is no other"


def test_a_topic_that_was_left_counts_for_what_was_written_before(acme: Tenant) -> None:
    conversation, channel = start(acme), channel_of(acme)
    remember(acme, conversation, channel.topic(7))
    topic_records.attach_topic(
        tenant=acme, conversation_id=conversation.pk, thread_id=8, actor=SYSTEM
    )
    now = timezone.now()
    assert found(acme, channel.topic(7), now - timedelta(minutes=5)) == conversation
    assert found(acme, channel.topic(7), now + timedelta(minutes=5)) is None
    # Given to another conversation, it is that one's.
    other = start(acme)
    topic_records.attach_topic(tenant=acme, conversation_id=other.pk, thread_id=7, actor=SYSTEM)
    assert found(acme, channel.topic(7), now - timedelta(minutes=5)) == other


def test_a_former_group_counts_whatever_its_clock_says(acme: Tenant) -> None:
    conversation, former = start(acme), channel_of(acme).topic(7)
    remember(acme, conversation, former)
    move(acme)
    for year in (2001, 2099):
        assert found(acme, former, datetime(year, 1, 1, tzinfo=UTC)) == conversation


def test_two_upgrades_in_a_row_are_both_remembered(acme: Tenant) -> None:
    conversation, first = start(acme), channel_of(acme).topic(7)
    remember(acme, conversation, first)
    move(acme)
    second = channel_of(acme).topic(9)
    remember(acme, conversation, second)
    assert move(acme, NEW, -1003333)
    assert [found(acme, topic) for topic in (first, second)] == [conversation] * 2


def test_who_is_in_a_group_that_an_owner_has_left_answers_nobody(acme: Tenant) -> None:
    conversation, former = start(acme), channel_of(acme).topic(7)
    remember(acme, conversation, former)
    move(acme)
    configure(acme, -1004444)
    assert found(acme, former) is None
    assert thread_of(conversation) is None
    for chat_id in (OLD, NEW):
        channel = channel_of(acme)
        assert not former_topics.is_former_group(tenant=acme, channel=channel, chat_id=chat_id)
    # The answer of a call to that group comes late.
    assert not remember(acme, conversation, former)
    assert found(acme, former) is None


def test_what_was_found_out_about_the_former_group_is_not_kept(acme: Tenant) -> None:
    former = channel_of(acme)
    move(acme)
    watching.note_topics(former, has_topics=False)
    assert TelegramChannel.objects.get(pk=former.id).has_topics is None


def test_former_topics_are_pruned(db: None) -> None:
    tenant = founded()
    with tenant_scope(tenant.pk) as acme:
        conversation, former = start(acme), channel_of(acme).topic(7)
        remember(acme, conversation, former)
        move(acme)
    tasks.prune_inbox()
    with tenant_scope(tenant.pk) as acme:
        assert found(acme, former) == conversation
        FormerTopic.objects.update(ended_at=timezone.now() - tasks.KEEP_FORMER_TOPICS)
    tasks.prune_inbox()
    with tenant_scope(tenant.pk) as acme:
        assert found(acme, former) is None


def in_another_session(act: Callable[[], bool]) -> bool:
    """Do it on a connection of its own."""
    try:
        return act()
    finally:
        connection.close()


def test_a_topic_that_is_noted_while_the_group_moves_is_a_former_one(committed_db: None) -> None:
    tenant = founded()
    with tenant_scope(tenant.pk) as acme:
        conversation, former = start(acme), channel_of(acme).topic(7)
    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(tenant.pk) as acme:
            assert move(acme)
            noted = pool.submit(in_another_session, lambda: remember(tenant, conversation, former))
            until_it_waits_for_us()
        assert not noted.result()
    with tenant_scope(tenant.pk) as acme:
        assert thread_of(conversation) is None
        assert found(acme, former) == conversation


def test_a_group_that_moves_while_a_topic_is_noted_takes_it_away(committed_db: None) -> None:
    tenant = founded()
    with tenant_scope(tenant.pk) as acme:
        conversation, former = start(acme), channel_of(acme).topic(7)
    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(tenant.pk) as acme:
            assert remember(acme, conversation, former)
            moved = pool.submit(in_another_session, lambda: move(tenant))
            until_it_waits_for_us()
        assert moved.result()
    with tenant_scope(tenant.pk) as acme:
        assert thread_of(conversation) is None
        assert found(acme, former) == conversation


def test_an_update_under_way_does_not_hold_an_adoption_up(committed_db: None) -> None:
    """Two updates that both report the upgrade would wait for each other."""
    tenant = founded()
    with ThreadPoolExecutor(1) as pool, tenant_scope(tenant.pk) as acme:
        channel = channel_of(acme)
        sql.is_first_time(
            tenant_id=acme.pk, channel_id=channel.id, bot_id=channel.bot_id, update_id=1
        )
        assert pool.submit(in_another_session, lambda: move(tenant)).result(timeout=30)
        assert not move(acme)
