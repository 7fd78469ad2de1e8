"""Messages that can reach no customer, because of who writes them or where."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone

from channels_telegram import texts
from channels_telegram.channels import find_channel
from channels_telegram.inbound import strays
from channels_telegram.models import StrayTopic
from channels_telegram.outgoing import effects, kinds
from channels_telegram.tasks import prune_inbox
from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from channels_telegram.tests.hook import deliver, message_update
from outbox import services as outbox
from outbox.models import OutboxItem
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage

CHANNEL = -1009


@pytest.fixture(autouse=True)
def room_for_hints(default_tenant: Tenant) -> None:
    """Hints of earlier tests do not count."""
    with tenant_scope(default_tenant.pk) as scoped:
        StrayTopic.objects.filter(tenant=scoped).delete()


def ignored(stage: Stage, reason: str) -> float:
    """How many messages the first web process has counted under this reason."""
    name = f'chatorical_telegram_ignored_messages_total{{reason="{reason}"}}'
    lines = requests.get(f"{stage.web}/metrics", timeout=30).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def hint_in(stage: Stage, thread_id: int) -> None:
    stage.group.wait_for_message(texts.TOPIC_OF_NOBODY, thread_id, timeout_seconds=TIMEOUT_SECONDS)


def settled(stage: Stage) -> None:
    stage.simulator.wait_until_delivered(stage.group.bot_id)


def test_who_writes_as_a_channel_learns_it_once(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    before = ignored(stage, "written_as_channel")
    written = case.write("Ana", "SECRET", as_channel=CHANNEL)
    case.told(texts.WRITTEN_AS_CHANNEL)
    case.write("Ana", "SECRET", as_channel=CHANNEL, kind="photo")
    case.write("Ana", "/close", as_channel=CHANNEL)
    body = message_update(stage, case.thread_id, "SECRET, better", message_id=written.message_id)
    body["message"] |= {
        "from": {"id": 136817688, "is_bot": True, "first_name": "Channel"},
        "sender_chat": {"id": CHANNEL, "type": "channel", "title": "News"},
    }
    assert deliver(stage, {**body, "edited_message": body.pop("message")}).status_code == 200
    case.settled()
    case.write("Ana", "Under my name")
    case.settled()
    assert case.history() == [case.first_line, "Under my name"]
    assert case.texts().count(texts.WRITTEN_AS_CHANNEL) == 1
    assert ignored(stage, "written_as_channel") == before + 4


def test_a_topic_made_by_hand_is_told_once_that_it_is_nobodys(stage: Stage) -> None:
    case = open_case(stage)
    before = ignored(stage, "unknown_topic")
    lookalike = stage.group.create_topic("Ana", case.topic.name).thread_id
    settled(stage)
    assert stage.group.texts(lookalike) == []
    for text in ("Hello?", "Anybody?", "/claim"):
        stage.group.write("Ana", text, lookalike)
    hint_in(stage, lookalike)
    stage.group.write("Greg", "", lookalike, kind="photo")
    last = stage.group.write("Greg", "And now?", lookalike)
    stage.group.edit("Greg", last.message_id, "And now?!")
    settled(stage)
    case.write("Ana", "/myid")
    case.told("Your Telegram id")
    assert stage.group.texts(lookalike).count(texts.TOPIC_OF_NOBODY) == 1
    assert case.history() == [case.first_line]
    assert ignored(stage, "unknown_topic") == before + 6


def test_many_topics_made_by_hand_are_told_one_after_another(
    stage: Stage, default_tenant: Tenant
) -> None:
    before = ignored(stage, "unknown_topic")
    made = [stage.group.create_topic("Ana", f"Room {number}").thread_id for number in range(10)]
    for thread_id in made:
        stage.group.write("Ana", "Hello?", thread_id)
        stage.group.write("Ana", "Anybody?", thread_id)
    settled(stage)
    assert ignored(stage, "unknown_topic") == before + 2 * len(made)
    with tenant_scope(default_tenant.pk) as scoped:
        told = list(StrayTopic.objects.filter(tenant=scoped).order_by("hinted_at", "pk"))
        hints = OutboxItem.objects.filter(tenant=scoped, kind=kinds.HINT_IN_STRAY_TOPIC.name)
        due = {item.payload["thread_id"]: item.next_attempt_at for item in hints}
    assert [row.thread_id for row in told] == made
    most = strays.HINTS_IN_A_WINDOW
    for earlier, later in zip(told, told[most:], strict=False):
        assert later.hinted_at - earlier.hinted_at >= strays.HINT_WINDOW
    assert all(due[row.thread_id] >= row.hinted_at for row in told)
    for thread_id in made[:most]:
        hint_in(stage, thread_id)
    # The others are told without another word from the agents.
    with tenant_scope(default_tenant.pk) as scoped:
        OutboxItem.objects.filter(tenant=scoped, payload__thread_id=made[-1]).update(
            next_attempt_at=timezone.now()
        )
        outbox.enqueue(tenant=scoped, effects=[])
    hint_in(stage, made[-1])


def test_a_channel_in_a_topic_made_by_hand_gets_the_hint_of_the_topic(stage: Stage) -> None:
    room = stage.group.create_topic("Ana", "Room").thread_id
    stage.group.write("Ana", "Hello?", room, as_channel=CHANNEL)
    hint_in(stage, room)


def test_the_topic_of_a_customer_never_gets_the_hint(stage: Stage, default_tenant: Tenant) -> None:
    """It was nobody's when the agent wrote, and was given to a customer before the hint left."""
    case = open_case(stage)
    stage.worker.skip_log()
    with tenant_scope(default_tenant.pk) as scoped:
        channel = find_channel(tenant=scoped)
        assert channel is not None
        now = timezone.now()
        hint = effects.hint_in_stray_topic(
            scoped,
            channel.topic(case.thread_id),
            texts.TOPIC_OF_NOBODY,
            is_silent=True,
            not_before=now,
        )
        outbox.enqueue(tenant=scoped, effects=[hint])
        StrayTopic.objects.create(
            tenant=scoped,
            channel_id=channel.id,
            chat_id=channel.chat_id,
            thread_id=case.thread_id,
            hinted_at=now,
        )
    stage.worker.wait_for_log("hint_in_stray_topic")
    assert texts.TOPIC_OF_NOBODY not in case.texts()
    # Should it be nobody's again, the next message there is answered.
    with tenant_scope(default_tenant.pk) as scoped:
        assert not StrayTopic.objects.filter(tenant=scoped, thread_id=case.thread_id).exists()


def test_a_hint_does_not_expire_and_is_not_forgotten(stage: Stage, default_tenant: Tenant) -> None:
    room = stage.group.create_topic("Ana", "Room").thread_id
    with tenant_scope(default_tenant.pk) as scoped:
        channel = find_channel(tenant=scoped)
        assert channel is not None
        promised = effects.hint_in_stray_topic(
            scoped,
            channel.topic(room),
            texts.TOPIC_OF_NOBODY,
            is_silent=True,
            not_before=timezone.now(),
        )
        assert promised.expires_at is None
        row = StrayTopic.objects.create(
            tenant=scoped,
            channel_id=channel.id,
            chat_id=channel.chat_id,
            thread_id=room,
            hinted_at=timezone.now() - timedelta(days=400),
        )
    prune_inbox()
    with tenant_scope(default_tenant.pk) as scoped:
        assert StrayTopic.objects.filter(tenant=scoped, pk=row.pk).exists()


@pytest.mark.parametrize(
    ("reason", "author"),
    [
        ("bot", {"from": {"id": 555, "is_bot": True, "first_name": "Weather"}}),
        (
            "automatic_forward",
            {
                "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
                "sender_chat": {"id": CHANNEL, "type": "channel", "title": "News"},
                "is_automatic_forward": True,
            },
        ),
    ],
)
@pytest.mark.parametrize("is_in_topic", [True, False])
def test_nobody_to_be_told_is_counted_and_ignored(
    stage: Stage, reason: str, author: dict[str, Any], is_in_topic: bool
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    before, said = ignored(stage, reason), case.texts()
    body = message_update(stage, case.thread_id, "SECRET", **author)
    if not is_in_topic:
        del body["message"]["message_thread_id"], body["message"]["is_topic_message"]
    assert deliver(stage, body).status_code == 200
    assert ignored(stage, reason) == before + 1
    assert (case.texts(), case.history()) == (said, [case.first_line])


def test_the_root_stays_silent(stage: Stage) -> None:
    before = stage.simulator.last_call
    start = stage.group.write("Ana", "Lunch?")
    stage.group.write("Ana", "Lunch?", as_channel=CHANNEL)
    stage.group.edit("Ana", start.message_id, "Dinner?")
    settled(stage)
    asked = stage.group.write("Ana", "/myid")
    stage.group.wait_for_message("Your Telegram id", after=asked.message_id)
    assert len(stage.simulator.calls("sendMessage", after=before)) == 1
