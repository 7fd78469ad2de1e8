"""Having a channel checked: Telegram's way to us, and what the bot is in its group."""

from uuid import UUID

from django.conf import settings

from channels_telegram.channels import find_channel, list_bots
from channels_telegram.errors import ChannelNotFound
from channels_telegram.models import TelegramChannel
from channels_telegram.outgoing import effects, kinds
from outbox import services as outbox
from tenants import audit, configuration
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope


def request_check(*, tenant: Tenant, channel_id: UUID) -> None:
    """Have the worker tell Telegram our address and ask about bot and group, at once.

    What still waits from before is given up: after a wrong token it would hold the right one back
    until its next attempt.
    """
    for kind in (kinds.SET_UP, kinds.LOOK):
        outbox.discard_waiting(tenant=tenant, kind=kind.name, about={"channel": [str(channel_id)]})
    asked = [effects.set_up(channel_id), effects.look(channel_id)]
    outbox.enqueue(tenant=tenant, effects=asked)


def check_channel(*, tenant: Tenant, actor: Actor) -> None:
    """The same for a person who has mended something; raises ChannelNotFound."""
    channel = find_channel(tenant=tenant)
    if channel is None:
        raise ChannelNotFound()
    audit.record(
        tenant=tenant,
        actor=actor,
        action="telegram_channel.check_asked",
        object_type="telegram_channel",
        object_id=channel.id,
    )
    for bot in list_bots(tenant=tenant):
        request_check(tenant=tenant, channel_id=bot.row_id)


def note_webhook(*, tenant_id: UUID, channel_id: UUID) -> None:
    """Remember that Telegram has our present address."""
    with tenant_scope(tenant_id) as tenant:
        TelegramChannel.objects.filter(tenant=tenant, pk=channel_id).update(
            webhook_origin=settings.PUBLIC_ORIGIN
        )


def renew_webhooks() -> int:
    """Tell Telegram our address anew where it may have another one; returns for how many channels.

    At the start of an installation: its PUBLIC_ORIGIN may have changed, and deliveries would go on
    to the old one. The default tenant's channel is renewed always, since a demo's Telegram may
    have been made anew.
    """
    default = configuration.default_tenant_id()
    with platform_scope("webhook addresses"):
        active = TelegramChannel.objects.filter(is_active=True)
        told = active.filter(webhook_origin=settings.PUBLIC_ORIGIN).exclude(tenant_id=default)
        stale = list(active.exclude(pk__in=told).values_list("tenant_id", "pk"))
    for tenant_id, channel_id in stale:
        with tenant_scope(tenant_id) as tenant:
            request_check(tenant=tenant, channel_id=channel_id)
    return len(stale)
