"""What is due when, and for whom: reminders about customers who wait, and closing in silence."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from conversations import services, system_messages
from conversations.models import Conversation, Message, Status
from conversations.services import timers
from kernel.clock import now_ms
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.services import set_template
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant, set_setting, set_tenant_status

pytestmark = pytest.mark.django_db
FIRST, SECOND = BUILT_IN[TemplateKey.REMINDER_5M], BUILT_IN[TemplateKey.REMINDER_15M]
DAY = 24 * 60
# Promises to agents; this app does not know who keeps them.
OutboxItem = apps.get_model("outbox", "OutboxItem")


@pytest.fixture
def tenant(db: None) -> Tenant:
    """A tenant of its own."""
    return new_tenant()


def new_tenant() -> Tenant:
    return create_tenant(slug=f"t-{uuid4().hex}", name="T", actor=SYSTEM)


def start(tenant: Tenant) -> Conversation:
    with tenant_scope(tenant.pk) as scoped:
        return services.start_conversation(tenant=scoped, customer_name="Mara", locale="en")


def write(conversation: Conversation, text: str = "Hello") -> None:
    with tenant_scope(conversation.tenant_id) as scoped:
        services.add_customer_message(tenant=scoped, conversation_id=conversation.pk, text=text)


def waiting(tenant: Tenant, minutes: float) -> Conversation:
    """A customer who has been waiting for so long."""
    conversation = start(tenant)
    write(conversation)
    pass_time(conversation, minutes)
    return conversation


def pass_time(conversation: Conversation, minutes: float) -> None:
    """Everything about it is that much longer ago."""
    span = timedelta(minutes=minutes)
    row = now_of(conversation)
    with tenant_scope(conversation.tenant_id):
        Conversation.objects.filter(pk=conversation.pk).update(
            waiting_since=row.waiting_since and row.waiting_since - span,
            updated_at=row.updated_at - span,
        )


def now_of(conversation: Conversation) -> Conversation:
    with tenant_scope(conversation.tenant_id):
        return Conversation.objects.get(pk=conversation.pk)


def claim(conversation: Conversation) -> None:
    with tenant_scope(conversation.tenant_id) as scoped:
        ana = services.see_agent(tenant=scoped, channel_user_id="5", channel_name="Ana")
        services.claim_conversation(tenant=scoped, conversation_id=conversation.pk, agent=ana)


def reminders(conversation: Conversation) -> list[tuple[str, bool]]:
    """What agents will read, and whether it is to be pinned."""
    with tenant_scope(conversation.tenant_id):
        items = OutboxItem.objects.filter(
            kind="telegram.remind", payload__conversation=str(conversation.pk)
        ).order_by("pk")
        return [
            (
                item.payload["text"].replace(conversation.codename, "{codename}"),
                item.payload["is_pinned"],
            )
            for item in items
        ]


def said(template: Any) -> tuple[str, bool]:
    return template.text.replace("{customer_name}", "Mara"), template.pin


def set_window(tenant: Tenant, key: str, minutes: float) -> None:
    with tenant_scope(tenant.pk) as scoped:
        set_setting(tenant=scoped, key=key, value=int(minutes * 60_000), actor=SYSTEM)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, []),
        (4.9, []),
        (5, [said(FIRST)]),
        (14.9, [said(FIRST)]),
        (15, [said(FIRST), said(SECOND)]),
        (15.5, [said(SECOND)]),
        (23 * 60, [said(SECOND)]),
    ],
)
def test_who_has_waited_long_enough(
    tenant: Tenant, minutes: float, expected: list[tuple[str, bool]]
) -> None:
    conversation = waiting(tenant, minutes)
    for _ in range(3):
        timers.remind_of_the_waiting()
    assert reminders(conversation) == expected


def test_each_reminder_comes_once_while_a_customer_waits(tenant: Tenant) -> None:
    conversation = waiting(tenant, 6)
    timers.remind_of_the_waiting()
    write(conversation, "Anybody?")
    timers.remind_of_the_waiting()
    pass_time(conversation, 10)
    timers.remind_of_the_waiting()
    write(conversation, "Hello?")
    timers.remind_of_the_waiting()
    assert reminders(conversation) == [said(FIRST), said(SECOND)]


def test_the_next_wait_has_reminders_of_its_own(tenant: Tenant) -> None:
    conversation = waiting(tenant, 20)
    timers.remind_of_the_waiting()
    claim(conversation)
    pass_time(conversation, 60)
    write(conversation, "Still there?")
    pass_time(conversation, 60)
    timers.remind_of_the_waiting()
    assert reminders(conversation) == [said(SECOND)], "somebody has it"
    with tenant_scope(tenant.pk) as scoped:
        services.close_conversation(tenant=scoped, conversation_id=conversation.pk, actor=SYSTEM)
    write(conversation, "One more thing")
    timers.remind_of_the_waiting()
    assert len(reminders(conversation)) == 1, "not yet"
    pass_time(conversation, 6)
    timers.remind_of_the_waiting()
    assert reminders(conversation) == [said(SECOND), said(FIRST)]


def test_every_tenant_has_windows_of_its_own_and_may_change_them(tenant: Tenant) -> None:
    patient, eager, silent = new_tenant(), new_tenant(), new_tenant()
    set_window(patient, "timers.reminder1Ms", 60)
    set_window(patient, "timers.reminder2Ms", 0)
    set_window(eager, "timers.reminder1Ms", 1)
    set_window(silent, "timers.reminder1Ms", 0)
    set_window(silent, "timers.reminder2Ms", 0)
    ours, theirs, others, nobodys = (waiting(one, 2) for one in (tenant, patient, eager, silent))
    timers.remind_of_the_waiting()
    assert [len(reminders(each)) for each in (ours, theirs, others, nobodys)] == [0, 0, 1, 0]
    for each in (theirs, nobodys):
        pass_time(each, 57)
    timers.remind_of_the_waiting()
    assert reminders(theirs) == reminders(nobodys) == []
    set_window(patient, "timers.reminder1Ms", 58)
    timers.remind_of_the_waiting()
    assert reminders(theirs) == [said(FIRST)]


def test_where_the_second_is_not_wanted_the_first_is_sent(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk) as scoped:
        off = BUILT_IN[TemplateKey.REMINDER_15M].with_text("")
        set_template(tenant=scoped, locale="default", template=off, actor=SYSTEM)
    conversation = waiting(tenant, 20)
    timers.remind_of_the_waiting()
    timers.remind_of_the_waiting()
    assert reminders(conversation) == [said(FIRST)]


def test_what_fails_is_tried_again_and_stops_nobody_else(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = waiting(tenant, 7), waiting(new_tenant(), 6)
    send = system_messages.send

    def fail_for_one(**order: Any) -> bool:
        if order["conversation"].pk == broken.pk:
            raise ValueError("a template of nobody's")
        return send(**order)

    monkeypatch.setattr(system_messages, "send", fail_for_one)
    assert timers.remind_of_the_waiting() == 1
    assert (len(reminders(broken)), len(reminders(fine))) == (0, 1)
    assert now_of(broken).reminders_sent == 0, "the mark goes with the effect"
    monkeypatch.undo()
    timers.remind_of_the_waiting()
    assert reminders(broken) == [said(FIRST)]


def reopen(conversation: Conversation) -> None:
    with tenant_scope(conversation.tenant_id) as scoped:
        actor = SYSTEM
        services.close_conversation(tenant=scoped, conversation_id=conversation.pk, actor=actor)
        services.reopen_conversation(tenant=scoped, conversation_id=conversation.pk, actor=actor)


def reply(conversation: Conversation) -> None:
    claim(conversation)
    with tenant_scope(conversation.tenant_id) as scoped:
        ana = services.see_agent(tenant=scoped, channel_user_id="5", channel_name="Ana")
        services.add_agent_reply(
            tenant=scoped, conversation_id=conversation.pk, agent=ana, text="Hi"
        )


def block(conversation: Conversation) -> None:
    with tenant_scope(conversation.tenant_id) as scoped:
        services.block_conversation(tenant=scoped, conversation_id=conversation.pk, actor=SYSTEM)


def test_a_day_of_silence_closes_and_says_so(tenant: Tenant) -> None:
    conversation = waiting(tenant, DAY - 1)
    timers.close_the_silent()
    assert now_of(conversation).status == Status.OPEN_UNCLAIMED
    pass_time(conversation, 1)
    assert timers.remind_of_the_waiting() == 0, "it is about to be closed"
    timers.close_the_silent()
    timers.close_the_silent()
    assert now_of(conversation).status == Status.CLOSED
    with tenant_scope(tenant.pk):
        texts = Message.objects.filter(conversation=conversation).values_list("text", flat=True)
        assert list(texts) == ["Hello", BUILT_IN[TemplateKey.CLOSING].text]
        entry = AuditEntry.objects.get(action="conversation.closed")
        assert (entry.actor_kind, entry.actor_id) == ("system", "auto_close")


@pytest.mark.parametrize("step", [claim, reply, write, reopen])
def test_whatever_is_done_is_a_sign_of_life(
    tenant: Tenant, step: Callable[[Conversation], None]
) -> None:
    conversation = waiting(tenant, 2 * DAY)
    step(conversation)
    status = now_of(conversation).status
    timers.close_the_silent()
    assert now_of(conversation).status == status
    pass_time(conversation, DAY)
    timers.close_the_silent()
    assert now_of(conversation).status == Status.CLOSED


def test_a_conversation_without_a_word_is_closed_without_one(tenant: Tenant) -> None:
    conversation = start(tenant)
    pass_time(conversation, DAY)
    timers.close_the_silent()
    assert now_of(conversation).status == Status.CLOSED
    with tenant_scope(tenant.pk):
        assert not Message.objects.filter(conversation=conversation).exists()
        assert not OutboxItem.objects.exists()


def test_what_is_blocked_stays_so(tenant: Tenant) -> None:
    conversation = waiting(tenant, 0)
    block(conversation)
    pass_time(conversation, 2 * DAY)
    timers.close_the_silent()
    assert now_of(conversation).status == Status.BLOCKED


def test_a_tenant_may_never_close(tenant: Tenant) -> None:
    set_window(tenant, "timers.autoCloseMs", 0)
    conversation = waiting(tenant, 100 * DAY)
    timers.close_the_silent()
    assert now_of(conversation).status == Status.OPEN_UNCLAIMED
    timers.remind_of_the_waiting()
    assert reminders(conversation) == [said(SECOND)]


def test_the_timers_of_a_suspended_tenant_rest(tenant: Tenant) -> None:
    unanswered, silent = waiting(tenant, 6), waiting(tenant, DAY)
    with tenant_scope(tenant.pk) as scoped:
        set_tenant_status(tenant=scoped, status=Tenant.Status.SUSPENDED, actor=SYSTEM)
    timers.close_the_silent()
    timers.remind_of_the_waiting()
    assert (reminders(unanswered), now_of(silent).status) == ([], Status.OPEN_UNCLAIMED)
    with tenant_scope(tenant.pk) as scoped:
        set_tenant_status(tenant=scoped, status=Tenant.Status.ACTIVE, actor=SYSTEM)
    timers.close_the_silent()
    timers.remind_of_the_waiting()
    assert (reminders(unanswered), now_of(silent).status) == ([said(FIRST)], Status.CLOSED)


def test_thousands_of_one_tenant_leave_room_for_another(tenant: Tenant) -> None:
    crowd = 120
    with tenant_scope(tenant.pk) as scoped:
        Conversation.objects.bulk_create(
            Conversation(tenant=scoped, codename="A", updated_at=now_ms() - timedelta(days=2))
            for _ in range(crowd)
        )
    other = waiting(new_tenant(), DAY)
    timers.close_the_silent()
    assert now_of(other).status == Status.CLOSED
    with tenant_scope(tenant.pk):
        left = Conversation.objects.exclude(status=Status.CLOSED).count()
        assert 0 < left < crowd


def crowd_before(tenant: Tenant, count: int, **their: Any) -> list[Conversation]:
    """So many customers who have been waiting longer than anybody else."""
    with tenant_scope(tenant.pk) as scoped:
        return Conversation.objects.bulk_create(
            Conversation(
                tenant=scoped,
                codename="A",
                waiting_since=now_ms() - timedelta(days=3, seconds=number),
                **their,
            )
            for number in range(count)
        )


@pytest.mark.parametrize("days", [3, -3])
def test_a_worker_whose_clock_is_wrong_closes_and_reminds_when_it_is_time(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    fresh, waits, silent = waiting(tenant, 0), waiting(tenant, 6), waiting(tenant, DAY + 1)
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(days=days))
    timers.remind_of_the_waiting()
    timers.close_the_silent()
    monkeypatch.undo()
    assert [len(reminders(one)) for one in (fresh, waits)] == [0, 1]
    statuses = [now_of(one).status for one in (fresh, waits, silent)]
    assert statuses == [Status.OPEN_UNCLAIMED, Status.OPEN_UNCLAIMED, Status.CLOSED]


def test_a_silent_crowd_keeps_nobody_from_a_reminder(tenant: Tenant) -> None:
    """After a downtime there are many to be closed; they are not reminded of, and go later."""
    crowd_before(tenant, 120, updated_at=now_ms() - timedelta(days=2))
    mara = waiting(tenant, 6)
    assert [pk for of, pk in timers.list_waiting(now_ms()) if of == tenant.pk] == [mara.pk]
    timers.remind_of_the_waiting()
    assert reminders(mara) == [said(FIRST)]


def test_a_crowd_that_always_fails_keeps_nobody_from_a_reminder(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {one.pk for one in crowd_before(tenant, 120)}
    mara = waiting(tenant, 6)
    send = system_messages.send

    def fail_for_the_crowd(**order: Any) -> bool:
        if order["conversation"].pk in broken:
            raise ValueError("a template of nobody's")
        return send(**order)

    monkeypatch.setattr(system_messages, "send", fail_for_the_crowd)
    assert timers.remind_of_the_waiting() == 1
    assert reminders(mara) == [said(FIRST)]


def test_the_longest_silence_ends_first(tenant: Tenant) -> None:
    ages = {start(tenant).pk: days for days in (2, 9, 4, 7, 3)}
    with tenant_scope(tenant.pk):
        for pk, days in ages.items():
            Conversation.objects.filter(pk=pk).update(
                updated_at=now_ms() - timedelta(days=days),
                status=Status.OPEN_ASSIGNED if days % 2 else Status.AWAITING_CUSTOMER,
            )
    found = [ages[pk] for of, pk in timers.list_silent(now_ms()) if of == tenant.pk]
    assert found == [9, 7, 4, 3, 2]
