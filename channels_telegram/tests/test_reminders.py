"""Agents are reminded of a customer whom nobody has claimed, and what closes by itself."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone
from msgspec import structs

from channels_telegram.outgoing import effects
from channels_telegram.outgoing.kinds import PostedInTopic
from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from conversations import selectors
from conversations.models import Conversation
from conversations.services import timers
from outbox import services as outbox
from outbox.models import OutboxHold, OutboxItem
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage
from tests.waiting import wait_until

FIRST, SECOND = "is waiting for an answer", "is still waiting"


def pass_time(tenant: Tenant, case: Case, **span: float) -> None:
    """Everything about the conversation is that much longer ago."""
    with tenant_scope(tenant.pk) as scoped:
        row = selectors.lock_conversation(
            tenant=scoped, conversation_id=UUID(case.customer.conversation_id)
        )
        if row.waiting_since is not None:
            row.waiting_since -= timedelta(**span)
        row.updated_at -= timedelta(**span)
        row.save(update_fields=["waiting_since", "updated_at"])


def row_of(tenant: Tenant, case: Case) -> Conversation:
    """The conversation as it is stored now."""
    with tenant_scope(tenant.pk):
        return Conversation.objects.get(pk=UUID(case.customer.conversation_id))


def sweep_until(sweep: Callable[[], int], is_done: Callable[[], bool]) -> None:
    """Sweep as beat does: a sweep passes over a conversation that the worker is changing."""

    def look() -> bool:
        sweep()
        return is_done()

    wait_until(look, sweep.__name__)


def reminders(case: Case) -> list[str]:
    return [text for text in case.texts() if FIRST in text or SECOND in text]


def wait_for_pin(case: Case, message_id: int, *, is_pinned: bool) -> None:
    case.stage.simulator.wait_for(
        lambda: case.stage.group.message(message_id).is_pinned == is_pinned,
        f"pinned: {is_pinned}",
        TIMEOUT_SECONDS,
    )


def wait_until_dropped(stage: Stage, kind: str) -> None:
    """The worker has given up an effect of this kind, because it has become pointless."""
    stage.worker.wait_for_log("delivery_expired", kind)


def test_two_reminders_and_a_pin_until_somebody_claims(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage, name="Mara")
    pass_time(default_tenant, case, minutes=5)
    # The product's own beat and worker do it.
    first = case.told(FIRST)
    assert first.text.startswith("Mara ")
    assert not first.is_pinned
    pass_time(default_tenant, case, minutes=10)
    second = case.told(SECOND)
    wait_for_pin(case, second.message_id, is_pinned=True)
    assert "claimed" in case.press("Greg", second, "Claim")
    wait_for_pin(case, second.message_id, is_pinned=False)
    assert len(reminders(case)) == 2


def test_after_an_outage_one_reminder_is_enough(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    pass_time(default_tenant, case, hours=3)
    second = case.told(SECOND)
    wait_for_pin(case, second.message_id, is_pinned=True)
    case.write("Ana", "/close")
    wait_for_pin(case, second.message_id, is_pinned=False)
    assert len(reminders(case)) == 1


def test_however_many_look_at_once_it_is_said_once(stage: Stage, default_tenant: Tenant) -> None:
    cases = [open_case(stage, f"line {number}") for number in range(3)]
    before = stage.simulator.last_call
    for case in cases:
        pass_time(default_tenant, case, minutes=20)
    done: list[int] = []

    def sweep() -> None:
        try:
            for _ in range(3):
                done.append(timers.remind_of_the_waiting())
        finally:
            connection.close()

    # Beside the worker, which is woken by beat.
    threads = [threading.Thread(target=sweep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 18, "none of them failed"
    pinned = [case.told(SECOND).message_id for case in cases]
    for case, message_id in zip(cases, pinned, strict=True):
        wait_for_pin(case, message_id, is_pinned=True)
        case.customer.send("hello?")
        case.told(": hello?")
        assert len(reminders(case)) == 1
    pins = [
        call.message_id
        for call in stage.simulator.calls("pinChatMessage", after=before)
        if call.message_id in pinned
    ]
    assert sorted(pins) == sorted(pinned)


def test_a_reminder_that_comes_too_late_never_leaves(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    channel = case_channel(default_tenant, case)
    with tenant_scope(default_tenant.pk):
        # Such as a penalty of Telegram's for the whole group.
        OutboxHold.objects.update_or_create(
            tenant=default_tenant,
            channel=channel,
            defaults={"held_until": timezone.now() + timedelta(hours=1)},
        )
    try:
        stage.worker.skip_log()
        pass_time(default_tenant, case, minutes=6)
        sweep_until(
            timers.remind_of_the_waiting,
            lambda: row_of(default_tenant, case).reminders_sent == 1,
        )
        case.press("Ana", case.controls, "Claim")
    finally:
        with tenant_scope(default_tenant.pk) as scoped:
            outbox.release_channel(tenant=scoped, channel=channel)
    case.told("has claimed this conversation.")
    wait_until_dropped(stage, "telegram.remind")
    assert reminders(case) == []


def case_channel(tenant: Tenant, case: Case) -> str:
    """The budget that the conversation's posts spend."""
    with tenant_scope(tenant.pk):
        item = OutboxItem.objects.filter(
            kind="telegram.post", payload__conversation=case.customer.conversation_id
        ).first()
        assert item is not None
        return item.channel


def test_a_customer_whose_topic_is_gone_is_not_forgotten(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    pass_time(default_tenant, case, hours=3)
    pinned = case.told(SECOND)
    wait_for_pin(case, pinned.message_id, is_pinned=True)
    stage.group.delete_topic("Ana", case.thread_id)
    before = stage.simulator.last_call
    remind_anew(default_tenant, case)
    topic = stage.group.wait_for_topic(case.topic.name, timeout_seconds=TIMEOUT_SECONDS)
    again = Case(stage, case.customer, topic, case.first_line)
    assert again.thread_id != case.thread_id
    reminder = again.told(SECOND)
    assert again.texts().index(reminder.text) == 1, "after the controls"
    wait_for_pin(again, reminder.message_id, is_pinned=True)
    assert "claimed" in again.press("Greg", reminder, "Claim")
    wait_for_pin(again, reminder.message_id, is_pinned=False)
    unpinned = stage.simulator.calls("unpinChatMessage", after=before)
    assert len(unpinned) == 1, "the first pin went with its topic"


def remind_anew(tenant: Tenant, case: Case) -> None:
    """As after a wait of its own: the customer has been waiting since another moment."""
    with tenant_scope(tenant.pk):
        Conversation.objects.filter(pk=UUID(case.customer.conversation_id)).update(reminders_sent=0)
    pass_time(tenant, case, minutes=1)


def test_a_pin_of_a_former_group_is_left_alone(stage: Stage, default_tenant: Tenant) -> None:
    """Messages are numbered by group: in another one the number is somebody else's message."""
    case = open_case(stage)
    pass_time(default_tenant, case, hours=3)
    pinned = case.told(SECOND)
    wait_for_pin(case, pinned.message_id, is_pinned=True)
    before = stage.simulator.last_call
    stage.worker.skip_log()
    with tenant_scope(default_tenant.pk) as scoped:
        conversation = selectors.lock_conversation(
            tenant=scoped, conversation_id=UUID(case.customer.conversation_id)
        )
        [effect] = effects.unpin_reminder(scoped, conversation, pinned.message_id)
        assert isinstance(effect.payload, PostedInTopic)
        elsewhere = structs.replace(effect.payload, chat_id=effect.payload.chat_id - 1)
        outbox.enqueue(tenant=scoped, effects=[replace(effect, payload=elsewhere)])
    wait_until_dropped(stage, "telegram.unpin_reminder")
    assert not stage.simulator.calls("unpinChatMessage", after=before)
    assert stage.group.message(pinned.message_id).is_pinned


def test_silence_closes_for_both_and_writing_opens_again(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    pass_time(default_tenant, case, hours=24)
    farewell = socket.next(timeout_seconds=TIMEOUT_SECONDS)
    assert (farewell["direction"], farewell["seq"]) == ("OUTBOUND", 2)
    assert socket.next() == {"type": "conversation_closed"}
    stage.group.wait_until_topic(case.thread_id, is_closed=True, timeout_seconds=TIMEOUT_SECONDS)
    assert case.status == "CLOSED"
    socket.say("I am back")
    case.told(": I am back", button="Claim")
    stage.group.wait_until_topic(case.thread_id, is_closed=False, timeout_seconds=TIMEOUT_SECONDS)
    assert case.status == "OPEN_UNCLAIMED"


def test_a_topic_whose_customer_is_back_stays_open(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    channel = case_channel(default_tenant, case)
    with tenant_scope(default_tenant.pk):
        OutboxHold.objects.update_or_create(
            tenant=default_tenant,
            channel=channel,
            defaults={"held_until": timezone.now() + timedelta(hours=1)},
        )
    try:
        pass_time(default_tenant, case, hours=25)
        sweep_until(
            timers.close_the_silent, lambda: row_of(default_tenant, case).status == "CLOSED"
        )
        case.customer.send("I am back")
    finally:
        with tenant_scope(default_tenant.pk) as scoped:
            outbox.release_channel(tenant=scoped, channel=channel)
    case.told(": I am back")
    wait_until_dropped(stage, "telegram.close_topic_later")
    topic = stage.group.topic(case.thread_id)
    assert topic is not None
    assert not topic.is_closed
