"""The console's first page answers what needs somebody now."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_telegram import services as telegram
from channels_telegram.channels import outbox_channel
from chatorical.console.waiting import MAX_NAMED
from conversations.models import Conversation
from conversations.services import close_conversation
from outbox.models import OutboxHold, OutboxItem
from tenants.audit import SYSTEM
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tests.staff import console_of, start_conversation, words

REASON = "Bot was kicked. Add the bot to the group again, as an admin."


def overview(console: Client) -> str:
    """What the page says."""
    return words(console.get(reverse("admin:index")))


def test_a_fresh_installation_shows_the_first_steps(console: Client) -> None:
    page = overview(console)
    assert "Four steps to the first conversation" in page
    assert "Not set up yet. What customers write reaches nobody" in page
    assert "All is well" not in page
    assert "Nobody has written in the last 24 hours" in page


def test_a_waiting_customer_is_counted_and_named_when_it_takes_long(
    console: Client, conversation: Conversation
) -> None:
    page = overview(console)
    assert "Waiting for an agent 1 of 1 open" in page
    assert "1 from customers, 0 to them" in page
    assert "Nothing is broken. 1 customer waits for an agent for under a minute." in page
    assert "All is well" not in page
    with tenant_scope(conversation.tenant_id):
        Conversation.objects.update(waiting_since=timezone.now() - timedelta(minutes=40))
    response = console.get(reverse("admin:index"))
    page = words(response)
    assert "Waiting longest 40 min" in page
    assert f"{conversation.title} is waiting" in page
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    assert response.content.decode().count(address) == 2


def test_who_waits_too_long_is_counted_also_beyond_the_named(
    console: Client, workspace: Tenant
) -> None:
    for number in range(7):
        start_conversation(workspace, name=f"Customer {number}", text="Hello?")
    with tenant_scope(workspace.pk):
        Conversation.objects.update(waiting_since=timezone.now() - timedelta(hours=2))
    page = overview(console)
    assert "Waiting for an agent 7 of 7 open" in page
    assert page.count(" is waiting ") == MAX_NAMED
    assert "2 more wait too long" in page


def test_a_suspended_tenants_owner_reads_that_and_nothing_calmer(workspace: Tenant) -> None:
    owner, agent = (console_of(workspace, role) for role in (Member.Role.OWNER, Member.Role.AGENT))
    assert "Not set up yet" in overview(owner)
    assert "is suspended" not in overview(owner)
    Tenant.objects.filter(pk=workspace.pk).update(status=Tenant.Status.SUSPENDED)
    page = overview(owner)
    assert "Not set up yet" not in page
    assert "Nothing is broken" not in page
    assert "This workspace is suspended Its customers cannot start chats or write" in page
    for browser, name in (
        (owner, "admin:conversations_conversation_changelist"),
        (owner, "admin:channels_telegram_telegramchannel_changelist"),
        (agent, "admin:conversations_conversation_changelist"),
        (agent, "admin:index"),
    ):
        assert "Initech is suspended. Customers cannot start chats" in words(
            browser.get(reverse(name))
        )


def test_staff_see_which_tenants_are_suspended(console: Client, conversation: Conversation) -> None:
    # Other tests may have left suspended tenants behind.
    before = Tenant.objects.filter(status=Tenant.Status.SUSPENDED).count()
    Tenant.objects.filter(pk=conversation.tenant_id).update(status=Tenant.Status.SUSPENDED)
    counted = f"{before + 1} tenants are" if before else "1 tenant is"
    assert f"{counted} suspended : customers there cannot write." in overview(console)
    listed = console.get(reverse("admin:conversations_conversation_changelist"))
    assert "Initech suspended" in words(listed)


def test_the_first_steps_stay_until_an_agent_has_answered(workspace: Tenant) -> None:
    owner = console_of(workspace, Member.Role.OWNER)
    page = overview(owner)
    assert "Add a channel with a bot's token" in page
    assert "Enter its address" in page
    assert f'data-tenant="{workspace.slug}"></script>' in page
    start_conversation(workspace, name="Milton", text="Hello?")
    assert "Answer in the group." in overview(owner)
    with tenant_scope(workspace.pk):
        Conversation.objects.update(last_agent_at=timezone.now())
    assert "Four steps" not in overview(owner)


def test_a_hold_says_why_and_leads_to_its_channel(console: Client, workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        channel = telegram.configure_channel(
            tenant=tenant,
            config=telegram.ChannelConfig("123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", -100123),
            actor=SYSTEM,
        )
        OutboxHold.objects.create(
            tenant=tenant,
            channel=outbox_channel(channel.pk),
            held_until=timezone.now() + timedelta(seconds=30),
            reason=REASON,
        )
    response = console.get(reverse("admin:index"))
    assert f"Initech: nothing reaches the Telegram group {REASON}" in words(response)
    address = reverse("admin:channels_telegram_telegramchannel_change", args=[channel.pk])
    assert address in response.content.decode()


def test_a_channel_is_in_trouble_as_long_as_what_has_failed_still_waits(
    console: Client, conversation: Conversation
) -> None:
    with tenant_scope(conversation.tenant_id) as tenant:
        channel = OutboxItem.objects.filter(kind="telegram.post").latest("pk").channel
        OutboxHold.objects.create(
            tenant=tenant,
            channel=channel,
            held_until=timezone.now() - timedelta(seconds=1),
            reason=REASON,
        )
    assert REASON not in overview(console)
    with tenant_scope(conversation.tenant_id):
        OutboxItem.objects.filter(channel=channel).update(last_error="Forbidden")
    assert REASON in overview(console)


def test_a_refused_stripe_key_is_the_platforms_matter_and_no_fault_of_telegram(
    console: Client, workspace: Tenant
) -> None:
    with tenant_scope(workspace.pk) as tenant:
        OutboxHold.objects.create(
            tenant=tenant,
            channel="stripe",
            held_until=timezone.now() + timedelta(minutes=1),
            reason="Set STRIPE_SECRET_KEY to a key that works.",
        )
    page = overview(console)
    assert "Stripe is not read for 1 of the tenants that pay Set STRIPE_SECRET_KEY" in page
    assert "nothing reaches the Telegram group" not in page
    assert "STRIPE_SECRET_KEY" not in overview(console_of(workspace, Member.Role.OWNER))


def test_a_budget_that_refills_by_itself_needs_nobody(console: Client, workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        OutboxHold.objects.create(
            tenant=tenant, channel="telegram:x", held_until=timezone.now() + timedelta(minutes=1)
        )
    # Somebody was answered: the first steps are done.
    done = start_conversation(workspace, name="Milton", text="Thanks, bye")
    with tenant_scope(workspace.pk) as tenant:
        close_conversation(tenant=tenant, conversation_id=done.pk, actor=SYSTEM)
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
