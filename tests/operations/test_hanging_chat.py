"""A group in Telegram that does not answer holds up nobody but its own tenant."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from channels_telegram.services import ChannelConfig, configure_channel
from conversations import services
from outbox.models import OutboxItem
from telegram_simulator.client import SimulatorClient
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tests.stage import Stage

# Telegram is given 35 seconds to answer.
_SILENT_SECONDS = 40
_GENEROUS_SECONDS = 25
_CONVERSATIONS = settings.OUTBOX_SENDERS + 8


@pytest.fixture
def silent(stage: Stage, simulator: SimulatorClient, committed_db: None) -> Iterator[Tenant]:
    """A tenant whose group takes calls and does not answer them."""
    tenant = create_tenant(slug=f"silent-{uuid4().hex[:12]}", name="Silent", actor=SYSTEM)
    number = uuid4().int
    token, chat_id = f"{number % 10**9 + 10**9}:AA{uuid4().hex}", -(10**12 + number % 10**9)
    simulator.add_support_group(token=token, chat_id=chat_id, username="silent_bot")
    fault = simulator.add_fault(
        "timeout",
        method="createForumTopic",
        chat_id=chat_id,
        times=None,
        hold_seconds=_SILENT_SECONDS,
    )
    with tenant_scope(tenant.pk) as scoped:
        configure_channel(tenant=scoped, config=ChannelConfig(token, chat_id), actor=SYSTEM)
    yield tenant
    simulator.remove_fault(fault)
    with tenant_scope(tenant.pk):
        OutboxItem.objects.filter(lease__isnull=True).delete()
    connection.close()


def test_a_group_that_hangs_delays_no_neighbour(stage: Stage, silent: Tenant) -> None:
    with tenant_scope(silent.pk) as tenant:
        for _ in range(_CONVERSATIONS):
            begun = services.start_conversation(tenant=tenant, customer_name="Mara", locale="en")
            services.add_customer_message(tenant=tenant, conversation_id=begun.pk, text="Hello?")

    neighbour = stage.customer()
    neighbour.send("Do you ship to Riga?")
    stage.group.wait_for_topic(neighbour.codename, timeout_seconds=_GENEROUS_SECONDS)

    with tenant_scope(silent.pk):
        held = OutboxItem.objects.filter(lease__isnull=False, kind="telegram.open_topic").count()
    assert 0 < held <= settings.OUTBOX_SENDERS_PER_CHANNEL
