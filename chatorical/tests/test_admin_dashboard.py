"""The console's first page answers what needs somebody now."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_telegram import services as telegram
from channels_telegram.channels import gate_of
from conversations.models import Conversation
from outbox.models import OutboxGate, OutboxItem
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.staff import words

REASON = "Bot was kicked. Add the bot to the group again, as an admin."


def overview(console: Client) -> str:
    """What the page says."""
    return words(console.get(reverse("admin:index")))


def test_a_fresh_installation_shows_the_first_steps(console: Client) -> None:
    page = overview(console)
    assert "Three steps to the first conversation" in page
    assert "All is well" in page
    assert "Nobody has written in the last 24 hours" in page


def test_a_waiting_customer_is_counted_and_named_when_it_takes_long(
    console: Client, conversation: Conversation
) -> None:
    page = overview(console)
    assert "Waiting for an agent 1 of 1 open" in page
    assert "1 from customers, 0 to them" in page
    assert "All is well" in page
    with tenant_scope(conversation.tenant_id):
        Conversation.objects.update(waiting_since=timezone.now() - timedelta(minutes=40))
    response = console.get(reverse("admin:index"))
    page = words(response)
    assert "Waiting longest 40 min" in page
    assert f"{conversation.title} is waiting" in page
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    assert response.content.decode().count(address) == 2


def test_a_closed_gate_says_why_and_leads_to_its_channel(
    console: Client, workspace: Tenant
) -> None:
    with tenant_scope(workspace.pk) as tenant:
        channel = telegram.configure_channel(
            tenant=tenant,
            config=telegram.ChannelConfig("123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", -100123),
            actor=SYSTEM,
        )
        OutboxGate.objects.create(
            tenant=tenant,
            name=gate_of(channel.pk),
            closed_until=timezone.now() + timedelta(seconds=30),
            reason=REASON,
        )
    response = console.get(reverse("admin:index"))
    assert f"Initech: nothing reaches the Telegram group {REASON}" in words(response)
    address = reverse("admin:channels_telegram_telegramchannel_change", args=[channel.pk])
    assert address in response.content.decode()


def test_a_gate_is_in_trouble_as_long_as_what_has_failed_still_waits(
    console: Client, conversation: Conversation
) -> None:
    with tenant_scope(conversation.tenant_id) as tenant:
        gate = OutboxItem.objects.filter(kind="telegram.post").latest("pk").gate
        OutboxGate.objects.create(
            tenant=tenant,
            name=gate,
            closed_until=timezone.now() - timedelta(seconds=1),
            reason=REASON,
        )
    assert REASON not in overview(console)
    with tenant_scope(conversation.tenant_id):
        OutboxItem.objects.filter(gate=gate).update(last_error="Forbidden")
    assert REASON in overview(console)


def test_a_budget_that_refills_by_itself_needs_nobody(console: Client, workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        OutboxGate.objects.create(
            tenant=tenant, name="telegram:x", closed_until=timezone.now() + timedelta(minutes=1)
        )
    assert "All is well" in overview(console)


def test_deliveries_that_were_given_up_are_listed(
    console: Client, conversation: Conversation
) -> None:
    with tenant_scope(conversation.tenant_id):
        item = OutboxItem.objects.filter(kind="telegram.post").latest("pk")
        OutboxItem.objects.filter(pk=item.pk).update(
            status=OutboxItem.Status.DEAD, last_error="Bad Request: text is too long"
        )
    page = overview(console)
    assert "1 delivery was given up Bad Request: text is too long" in page
    dead = console.get(reverse("admin:outbox_outboxitem_changelist"), {"state": "dead"})
    assert [row.pk for row in dead.context["cl"].result_list] == [item.pk]
