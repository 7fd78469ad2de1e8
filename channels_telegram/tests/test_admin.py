"""Telegram channels in the console."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from channels_telegram import channels, watching
from channels_telegram.api_errors import TokenRevoked
from channels_telegram.channels import DecryptedChannel, outbox_channel
from channels_telegram.models import TelegramChannel
from channels_telegram.updates import Chat, ChatMember, ChatMemberUpdated
from outbox.models import OutboxHold, OutboxItem
from telegram_simulator.client import SimulatorClient
from tenants.audit import SYSTEM
from tenants.models import Tenant, User
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tests.staff import audited, words

ADD = "admin:channels_telegram_telegramchannel_add"
TOKEN = "123456789:AAfirstfirstfirstfirstfirstfirst12345"
SECOND_TOKEN = "123456789:AAsecondsecondsecondsecondsecond123"
CHECKS = ("telegram.set_up", "telegram.look")
REASON = "Bot was kicked. Add the bot to the group again, as an admin."


@pytest.fixture
def form(workspace: Tenant) -> dict[str, str]:
    """A good channel."""
    return {
        "tenant": str(workspace.pk),
        "chat_id": "-1001112223334",
        "bot_token": TOKEN,
        "webhook_secret": "",
        "header_secret": "a-header-secret",
    }


@pytest.fixture
def channel(console: Client, workspace: Tenant, form: dict[str, str]) -> TelegramChannel:
    """The workspace's channel, made through the form."""
    assert console.post(reverse(ADD), form).status_code == 302
    with tenant_scope(workspace.pk):
        return TelegramChannel.objects.get()


def page_of(channel: TelegramChannel) -> str:
    """Where it is configured."""
    return reverse("admin:channels_telegram_telegramchannel_change", args=[channel.pk])


def opened(workspace: Tenant) -> DecryptedChannel:
    """The channel as the product uses it."""
    with tenant_scope(workspace.pk) as tenant:
        found = channels.find_channel(tenant=tenant)
    assert found is not None
    return found


def hold_channel(channel: TelegramChannel) -> None:
    """As a worker does when Telegram refuses."""
    with tenant_scope(channel.tenant_id) as tenant:
        OutboxHold.objects.create(
            tenant=tenant,
            channel=outbox_channel(channel.pk),
            held_until=timezone.now() + timedelta(seconds=30),
            reason=REASON,
        )


def checked(channel: TelegramChannel, **standing: object) -> None:
    """Telegram was asked, and has told this of the bot."""
    with tenant_scope(channel.tenant_id):
        OutboxItem.objects.filter(kind__in=CHECKS).update(status=OutboxItem.Status.DONE)
        known = {"bot_status": "administrator", "has_topics": True, **standing}
        TelegramChannel.objects.filter(pk=channel.pk).update(
            standing_checked_at=timezone.now(), **known
        )


def test_a_channel_works_only_after_a_check_has_passed(
    console: Client, staff: User, channel: TelegramChannel
) -> None:
    listed = reverse("admin:channels_telegram_telegramchannel_changelist")
    assert "Checking" in words(console.get(page_of(channel)))
    with tenant_scope(channel.tenant_id):
        OutboxItem.objects.update(status=OutboxItem.Status.DISCARDED)
    assert "Not checked yet" in words(console.get(listed))
    checked(channel, bot_status="member")
    page = words(console.get(page_of(channel)))
    assert "Needs you The bot is a plain member" in page
    assert "The group has topics · yes" in page
    assert "rights that it needs · no" in page
    assert "Initech: the Telegram bot needs you The bot is a plain member" in words(
        console.get(reverse("admin:index"))
    )
    console.post(page_of(channel).replace("/change/", "/check/"))
    page = words(console.get(page_of(channel)))
    assert "Needs you The bot is a plain member" in page
    assert "Telegram is being asked." in page
    assert "check again" not in page
    assert len(audited("telegram_channel.check_asked", by=staff)) == 1
    checked(channel)
    assert "Working" in words(console.get(listed))


def test_the_page_says_that_the_token_is_refused(
    console: Client,
    workspace: Tenant,
    channel: TelegramChannel,
    simulator: SimulatorClient,
    settings: Settings,
) -> None:
    settings.TELEGRAM_API_URL = simulator.base_url
    checked(channel)
    assert "the bot's token · yes" in words(console.get(page_of(channel)))
    with pytest.raises(TokenRevoked):
        watching.ask(opened(workspace))
    page = words(console.get(page_of(channel)))
    assert "the bot's token · no" in page
    assert "The bot is in the group · not known" in page
    # Whatever else fails says nothing about the token.
    console.post(page_of(channel), {"chat_id": "-1001112223334", "bot_token": SECOND_TOKEN})
    with tenant_scope(channel.tenant_id):
        waiting = OutboxItem.objects.filter(kind="telegram.set_up", status="PENDING")
        waiting.update(last_error="Bad webhook")
    checked_page = words(console.get(page_of(channel)))
    assert "the bot's token · yes" in checked_page


def test_another_configuration_has_not_been_checked(
    console: Client, channel: TelegramChannel
) -> None:
    checked(channel)
    console.post(page_of(channel), {"chat_id": "-1009998887776"})
    with tenant_scope(channel.tenant_id):
        now = TelegramChannel.objects.get(pk=channel.pk)
    assert (now.standing_checked_at, now.bot_status) == (None, "")


def test_a_corrected_channel_does_not_wait_for_the_wrong_ones_next_attempt(
    console: Client, channel: TelegramChannel
) -> None:
    with tenant_scope(channel.tenant_id):
        OutboxItem.objects.update(
            last_error="Unauthorized", next_attempt_at=timezone.now() + timedelta(hours=1)
        )
    console.post(page_of(channel), {"chat_id": "-1001112223334", "bot_token": SECOND_TOKEN})
    with tenant_scope(channel.tenant_id):
        [waiting] = OutboxItem.objects.filter(kind="telegram.set_up", status="PENDING")
    assert waiting.next_attempt_at <= timezone.now()


def test_the_channel_of_a_suspended_tenant_does_not_work(
    console: Client, channel: TelegramChannel
) -> None:
    checked(channel)
    Tenant.objects.filter(pk=channel.tenant_id).update(status=Tenant.Status.SUSPENDED)
    listed = words(console.get(reverse("admin:channels_telegram_telegramchannel_changelist")))
    assert "Working" not in listed
    assert "Initech suspended" in listed
    assert "nothing comes in from the group" in words(console.get(page_of(channel)))


def test_a_channel_is_connected(
    console: Client, staff: User, workspace: Tenant, channel: TelegramChannel
) -> None:
    now = opened(workspace)
    assert (now.bot_token, now.chat_id, now.header_secret) == (
        TOKEN,
        -1001112223334,
        "a-header-secret",
    )
    assert len(now.webhook_secret) > 30
    assert len(audited("telegram_channel.created", by=staff)) == 1
    with tenant_scope(workspace.pk):
        assert OutboxItem.objects.filter(kind="telegram.set_up").count() == 1


def test_empty_secrets_stay_what_they_were(
    console: Client, staff: User, workspace: Tenant, channel: TelegramChannel
) -> None:
    before = opened(workspace)
    console.post(page_of(channel), {"chat_id": "-1001112223334", "bot_token": SECOND_TOKEN})
    after = opened(workspace)
    assert after.bot_token == SECOND_TOKEN
    assert (after.webhook_secret, after.header_secret) == (
        before.webhook_secret,
        before.header_secret,
    )
    assert len(audited("telegram_channel.changed", by=staff)) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"bot_token": "not a token"}, "does not look like one from BotFather"),
        ({"bot_token": ""}, "This field is required"),
        ({"chat_id": "1001112223334"}, "is negative"),
        ({"webhook_secret": "spaces are not allowed"}, "letters, digits, _ and -"),
    ],
)
def test_what_is_wrong_is_said_at_the_form(
    console: Client, workspace: Tenant, form: dict[str, str], wrong: dict[str, str], sentence: str
) -> None:
    answer = console.post(reverse(ADD), {**form, **wrong})
    assert sentence in words(answer)
    html = answer.content.decode()
    assert TOKEN not in html
    assert "a-header-secret" not in html
    with tenant_scope(workspace.pk):
        assert not TelegramChannel.objects.exists()


def test_one_bot_in_one_group_serves_one_tenant(
    console: Client, channel: TelegramChannel, form: dict[str, str]
) -> None:
    other = create_tenant(slug="initrode", name="Initrode", actor=SYSTEM)
    answer = console.post(reverse(ADD), {**form, "tenant": str(other.pk)})
    assert "This bot serves this group already" in words(answer)
    again = console.post(reverse(ADD), form)
    assert "has a channel already" in words(again)


def test_trouble_is_shown_and_trying_again_releases_the_channel(
    console: Client, staff: User, channel: TelegramChannel
) -> None:
    checked(channel)
    assert "Working" in words(console.get(page_of(channel)))
    hold_channel(channel)
    page = words(console.get(page_of(channel)))
    assert "Needs you" in page
    assert REASON in page
    listed = console.get(reverse("admin:channels_telegram_telegramchannel_changelist"))
    assert "Needs you" in words(listed)
    console.post(page_of(channel).replace("/change/", "/try-again/"))
    with tenant_scope(channel.tenant_id):
        assert not OutboxHold.objects.filter(channel=outbox_channel(channel.pk)).exists()
    assert len(audited("telegram_channel.resumed", by=staff)) == 1


def test_what_the_bot_lacks_is_shown_where_staff_looks(
    console: Client, workspace: Tenant, channel: TelegramChannel
) -> None:
    overview = reverse("admin:index")
    assert "cannot make topics" not in words(console.get(overview))
    with tenant_scope(workspace.pk) as tenant:
        watching.hear(
            tenant=tenant,
            channel=opened(workspace),
            update_id=1,
            change=ChatMemberUpdated(Chat(channel.chat_id), ChatMember("member"), date=1),
        )
    listed = reverse("admin:channels_telegram_telegramchannel_changelist")
    assert "Needs you" in words(console.get(listed))
    assert "Needs you" in words(console.get(page_of(channel)))
    assert "cannot make topics, and agents" in words(console.get(page_of(channel)))
    assert "cannot make topics, and agents" in words(console.get(overview))


def test_a_resumed_channel_is_not_called_working_before_it_works(
    console: Client, channel: TelegramChannel
) -> None:
    checked(channel)
    with tenant_scope(channel.tenant_id):
        OutboxItem.objects.filter(kind="telegram.look").update(
            kind="telegram.post",
            status="PENDING",
            last_error="Kicked",
            channel=outbox_channel(channel.pk),
        )
    assert "Trying again" in words(console.get(page_of(channel)))


def test_a_token_that_telegram_does_not_know_is_not_called_working(
    console: Client, channel: TelegramChannel
) -> None:
    with tenant_scope(channel.tenant_id):
        OutboxItem.objects.update(last_error="Unauthorized. Enter the bot's new token.")
    page = words(console.get(page_of(channel)))
    assert "Not accepted yet Unauthorized. Enter the bot's new token." in page


def test_the_last_errors_are_listed(console: Client, channel: TelegramChannel) -> None:
    with tenant_scope(channel.tenant_id):
        OutboxItem.objects.update(last_error="Unauthorized")
    assert "Set up : Unauthorized" in words(console.get(page_of(channel)))


def test_a_channel_ends_the_trouble_of_having_none(
    console: Client, workspace: Tenant, form: dict[str, str]
) -> None:
    with tenant_scope(workspace.pk) as tenant:
        OutboxHold.objects.create(
            tenant=tenant,
            channel=channels.NO_CHANNEL,
            held_until=timezone.now() + timedelta(minutes=5),
            reason="No Telegram channel is configured.",
        )
    console.post(reverse(ADD), form)
    with tenant_scope(workspace.pk):
        assert not OutboxHold.objects.exists()


def test_a_second_bot_is_added_by_its_token_alone(
    console: Client, workspace: Tenant, channel: TelegramChannel, staff: User
) -> None:
    checked(channel)
    page = words(console.get(page_of(channel)))
    assert "Add another bot" in page
    add = {"tenant": str(workspace.pk), "bot_token": f"987654321:{'B' * 35}"}
    console.post(reverse(ADD), add)
    with tenant_scope(workspace.pk):
        helping = TelegramChannel.objects.exclude(pk=channel.pk).get()
        assert (helping.chat_id, helping.bot_id) == (channel.chat_id, 987654321)
        TelegramChannel.objects.filter(pk=helping.pk).update(
            bot_username="second_bot", bot_status="left", standing_checked_at=timezone.now()
        )
        OutboxItem.objects.update(status="DONE", finished_at=timezone.now())
    told = console.get(page_of(helping))
    assert "The bot is not in the group. Add it." in words(told)
    assert "Add it to the group" in words(told)
    assert "https://t.me/second_bot?startgroup&amp;admin=" in told.content.decode()
    # Its group is the first one's: nothing can be entered here.
    assert console.post(page_of(helping), {**add, "chat_id": "-1"}).status_code == 403
    assert len(audited("telegram_channel.bot_added", by=staff)) == 1
    again = words(console.post(reverse(ADD), add))
    assert "This bot is in the group's list already." in again
