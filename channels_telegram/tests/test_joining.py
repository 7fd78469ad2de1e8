"""One post for several messages, and what Telegram does not take among them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import sleep
from uuid import UUID

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from channels_telegram.channels import find_channel
from channels_telegram.outgoing import rate_limit
from channels_telegram.outgoing.effects import ordering_key
from channels_telegram.outgoing.kinds import POST
from channels_telegram.tests.cases import Case, open_case
from outbox import services as outbox
from outbox.errors import ChannelOnHold, DeliveryError
from outbox.models import OutboxItem
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage


def test_what_telegram_refuses_takes_no_other_message_with_it(
    stage: Stage, default_tenant: Tenant, settings: Settings
) -> None:
    """Although the group has room for a single call at a time."""
    settings.TELEGRAM_API_URL = stage.simulator.base_url
    case = open_case(stage)
    with tenant_scope(default_tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
    assert channel is not None
    fault = stage.simulator.add_fault(
        "error", name="parse_mode", method="sendMessage", text="marked", times=None
    )
    with held_back(default_tenant, channel.outbox_channel):
        case.customer.send("first")
        case.customer.send("marked")
        first, _ = waiting = posts_of(default_tenant, case)
        first.created_at -= timedelta(seconds=2)
        # So many that the even pace of the rest is a tenth of a second.
        settings.TELEGRAM_GROUP_POINTS = 100_000
        for _ in range(600):
            rate_limit.spend(channel)
        settings.TELEGRAM_GROUP_POINTS = (rate_limit.spent(channel) or 0) + 1
        with pytest.raises(DeliveryError, match="refused together") as refused:
            deliver(first)
        assert not refused.value.permanent
        first.last_error = str(refused.value)
        settings.TELEGRAM_GROUP_POINTS += 1
        deliver(first)
        assert case.customer_lines() == [case.first_line, "first"]
        with tenant_scope(default_tenant.pk) as tenant:
            OutboxItem.objects.filter(tenant=tenant, pk__in=[item.pk for item in waiting]).update(
                status=OutboxItem.Status.DISCARDED, finished_at=Now()
            )
    stage.simulator.remove_fault(fault)


def deliver(item: OutboxItem) -> None:
    """Deliver when the budget lets one call leave."""
    while True:
        try:
            POST.deliver(item)
            return
        except ChannelOnHold as hold:
            sleep(max(0.0, (hold.until - timezone.now()).total_seconds()))


def posts_of(tenant: Tenant, case: Case) -> list[OutboxItem]:
    """The posts in the conversation's topic that wait."""
    with tenant_scope(tenant.pk) as scoped:
        items = OutboxItem.objects.filter(
            tenant=scoped,
            ordering_key=ordering_key(UUID(case.customer.conversation_id)),
            status=OutboxItem.Status.PENDING,
        )
        return list(items.order_by("pk"))


@contextmanager
def held_back(tenant: Tenant, channel: str) -> Iterator[None]:
    """Nothing of the channel leaves by itself."""
    until = timezone.now() + timedelta(hours=1)
    with tenant_scope(tenant.pk) as scoped:
        outbox.hold_channel(tenant=scoped, channel=channel, until=until, reason="")
    try:
        yield
    finally:
        with tenant_scope(tenant.pk) as scoped:
            outbox.release_channel(tenant=scoped, channel=channel)
