"""Entering a channel: once, again, differently, and after Telegram has moved the group."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from channels_telegram import services
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
    services.adopt_new_group(tenant_id=acme.pk, chat_id=-100999)
    configure(acme, wanted)
    with tenant_scope(acme.pk) as tenant:
        channel = find_channel(tenant=tenant)
    assert channel is not None
    assert channel.chat_id == -100999


def test_two_workspaces_cannot_share_a_bot_in_one_group(db: None) -> None:
    first, second = (
        create_tenant(slug=f"{name}-{uuid4().hex}", name=name, actor=SYSTEM)
        for name in ("acme", "globex")
    )
    configure(first, config())
    with pytest.raises(InvalidChannel, match="another workspace"):
        configure(second, config())


@pytest.mark.parametrize(("token", "chat_id"), [("nonsense", -1), ("", -1), (TOKEN, 5), (TOKEN, 0)])
def test_what_cannot_be_right_is_refused(acme: Tenant, token: str, chat_id: int) -> None:
    with pytest.raises(InvalidChannel):
        configure(acme, config(chat_id=chat_id, token=token))
