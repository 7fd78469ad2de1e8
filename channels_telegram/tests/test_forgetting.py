"""What was still to be said about a customer goes with their conversation."""

from uuid import uuid4

import pytest
from django.utils import timezone

from channels_telegram.outgoing import effects
from channels_telegram.outgoing.effects import Post
from conversations import services
from conversations.events import Reminder
from outbox import services as outbox
from outbox.models import OutboxItem
from tenants.audit import SYSTEM
from tenants.scope import tenant_scope
from tenants.services import create_tenant

pytestmark = pytest.mark.django_db


def test_nothing_names_an_erased_customer() -> None:
    tenant_id = create_tenant(slug=f"t-{uuid4().hex}", name="T", actor=SYSTEM).pk
    with tenant_scope(tenant_id) as tenant:
        mara, other = (
            services.start_conversation(tenant=tenant, customer_name="Mara", locale="en")
            for _ in range(2)
        )
        for conversation in (mara, other):
            services.add_customer_message(
                tenant=tenant, conversation_id=conversation.pk, text="I am Mara"
            )
            promised = [
                effects.notice(tenant, conversation, Post(text="Mara wrote")),
                effects.remind(
                    tenant,
                    conversation,
                    "Mara is waiting",
                    Reminder(timezone.now(), 1),
                    is_pinned=True,
                ),
                *effects.sync_title(tenant, conversation),
            ]
            outbox.enqueue(tenant=tenant, effects=promised)
        others = OutboxItem.objects.filter(payload__conversation=str(other.pk)).count()
        services.erase_customer(tenant=tenant, conversation_id=mara.pk, actor=SYSTEM)
        left = [item.payload["conversation"] for item in OutboxItem.objects.filter(tenant=tenant)]
    assert left == [str(other.pk)] * others
    assert others > 3
