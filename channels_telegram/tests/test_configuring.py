"""Entering a channel: once, again, differently, and after Telegram has moved the group."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from channels_telegram import services, sql
from channels_telegram.channels import find_channel
from channels_telegram.errors import InvalidChannel
from channels_telegram.models import TelegramChannel
from channels_telegram.services import ChannelConfig
from outbox.models import OutboxItem
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

TOKEN = "555444333:AAconfiguringconfiguringconfiguring"


def config(chat_id: int = -100777, token: str = TOKEN) -> ChannelConfig:
    return ChannelConfig(bot_token=token, chat_id=chat_id, webhook_secret=f"hook-{uuid4().hex}")


@pytest.fixture
def acme(db: None) -> Iterator[Tenant]:
    made = create_tenant(slug=f"acme-{uuid4().hex}", name="Acme", actor=SYSTEM)
    with tenant_scope(made.pk) as tenant:
        yield tenant


def configure(tenant: Tenant, wanted: ChannelConfig) -> TelegramChannel:
    """In a scope of its own, as each caller has one, so that the change before is seen."""
    with tenant_scope(tenant.pk) as fresh:
        return services.configure_channel(tenant=fresh, config=wanted, actor=SYSTEM)


def test_the_same_values_again_change_nothing(acme: Tenant) -> None:
    wanted = config()
    configure(acme, wanted)
    entries, items = AuditEntry.objects.count(), OutboxItem.objects.count()
    configure(acme, wanted)
    assert (AuditEntry.objects.count(), OutboxItem.objects.count()) == (entries, items)


def test_secrets_are_not_stored_in_the_clear(acme: Tenant) -> None:
    wanted = config()
    row = configure(acme, wanted)
    stored = " ".join(str(value) for value in vars(row).values())
    assert wanted.bot_token not in stored
    assert wanted.webhook_secret not in stored


def test_an_upgraded_group_stays_adopted_when_the_old_id_is_entered_again(acme: Tenant) -> None:
    wanted = config(chat_id=-555)
    configure(acme, wanted)
    services.adopt_new_group(tenant_id=acme.pk, old_chat_id=-555, new_chat_id=-100999)
    configure(acme, wanted)
    with tenant_scope(acme.pk) as tenant:
        channel = find_channel(tenant=tenant)
    assert channel is not None
    assert channel.chat_id == -100999


@pytest.fixture
def two(db: None) -> tuple[Tenant, Tenant]:
    """Two workspaces without a channel."""
    first, second = (
        create_tenant(slug=f"{name}-{uuid4().hex}", name=name, actor=SYSTEM)
        for name in ("acme", "globex")
    )
    return first, second


def test_two_workspaces_cannot_share_a_bot_in_one_group(two: tuple[Tenant, Tenant]) -> None:
    configure(two[0], config())
    with pytest.raises(InvalidChannel, match="another workspace"):
        configure(two[1], config())


def test_a_bots_id_reserves_no_group_and_tells_nothing(two: tuple[Tenant, Tenant]) -> None:
    """Everybody can see the id, which the token begins with; only the whole token is the bot."""
    squatter, owner = two
    made_up = f"{TOKEN.partition(':')[0]}:{'A' * 35}"
    first = configure(squatter, config(token=made_up))
    assert configure(owner, config()).bot_id == first.bot_id
    # Nor the other way round, where the owner was first.
    configure(squatter, config(token=made_up[:-1] + "B"))


def test_a_guessed_webhook_secret_does_not_tell_whose_it_is(two: tuple[Tenant, Tenant]) -> None:
    taken = config()
    configure(two[0], taken)
    guessed = replace(config(chat_id=-5), webhook_secret=taken.webhook_secret)
    with pytest.raises(InvalidChannel, match=r"^Choose another webhook secret") as refused:
        configure(two[1], guessed)
    assert "workspace" not in str(refused.value)


def test_telegram_always_proves_itself_by_a_header(acme: Tenant) -> None:
    def header_secret() -> str:
        with tenant_scope(acme.pk) as tenant:
            channel = find_channel(tenant=tenant)
        assert channel is not None
        return channel.header_secret

    wanted = config()
    configure(acme, wanted)
    made_up = header_secret()
    assert len(made_up) >= 43
    configure(acme, replace(wanted, chat_id=-5))
    assert header_secret() == made_up
    # An operator whose own programs know the webhook's secret alone.
    configure(acme, replace(wanted, header_secret=None))
    assert header_secret() == ""
    configure(acme, wanted)
    assert header_secret() not in ("", made_up)


def test_a_new_bot_starts_its_updates_and_its_name_anew(acme: Tenant) -> None:
    def note(row: TelegramChannel) -> bool:
        return sql.is_first_time(
            tenant_id=acme.pk, channel_id=row.pk, bot_id=row.bot_id, update_id=7
        )

    row = configure(acme, config())
    with tenant_scope(acme.pk) as tenant:
        former = find_channel(tenant=tenant)
    assert former is not None
    services.note_bot_username(channel=former, username="first_bot")
    with tenant_scope(acme.pk) as tenant:
        channel = find_channel(tenant=tenant)
        assert channel is not None
        assert channel.bot_username == "first_bot"
        assert (note(row), note(row)) == (True, False)
    row = configure(acme, config(token=f"1{TOKEN}"))
    # What Telegram has said of the former bot may be noted late.
    services.note_bot_username(channel=former, username="first_bot")
    with tenant_scope(acme.pk) as tenant:
        channel = find_channel(tenant=tenant)
        assert channel is not None
        assert channel.bot_username == ""
        assert (note(row), note(row)) == (True, False)


def test_production_refuses_a_secret_that_can_be_guessed(acme: Tenant, settings: Settings) -> None:
    settings.IS_PRODUCTION = True
    configure(acme, replace(config(), webhook_secret="x" * 16, header_secret="x" * 16))
    with pytest.raises(InvalidChannel, match="webhook secret needs at least 16 characters"):
        configure(acme, replace(config(), webhook_secret="x" * 15))
    with pytest.raises(InvalidChannel, match="header secret needs at least 16 characters"):
        configure(acme, replace(config(), header_secret="x" * 15))


def test_the_command_says_in_one_line_what_is_wrong(db: None, settings: Settings) -> None:
    settings.IS_PRODUCTION, settings.WEBHOOK_SECRET = True, "short"
    settings.BOT_TOKEN, settings.SUPPORT_GROUP_ID = TOKEN, "-100777"
    with pytest.raises(CommandError, match=r"^In production the webhook secret needs .*\.$"):
        call_command("configure_default_channel")


@pytest.mark.parametrize(("token", "chat_id"), [("nonsense", -1), ("", -1), (TOKEN, 5), (TOKEN, 0)])
def test_what_cannot_be_right_is_refused(acme: Tenant, token: str, chat_id: int) -> None:
    with pytest.raises(InvalidChannel):
        configure(acme, config(chat_id=chat_id, token=token))
