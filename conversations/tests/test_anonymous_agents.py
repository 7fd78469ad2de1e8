"""An identity that several people share has no name that customers see."""

from uuid import uuid4

import pytest

from conversations import selectors, services
from conversations.models import Agent, Conversation
from kernel.errors import InvalidParameter
from tenants import services as tenant_services
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope

ANONYMOUS_ADMIN_ID = "1087968824"

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Tenant:
    return tenant_services.create_tenant(slug=f"t-{uuid4().hex[:12]}", name="T", actor=SYSTEM)


def test_no_name_is_registered_before_the_first_act(shop: Tenant) -> None:
    with tenant_scope(shop.pk) as scoped, pytest.raises(InvalidParameter):
        services.register_agent(
            tenant=scoped, channel_user_id=ANONYMOUS_ADMIN_ID, display_name="Ana", actor=SYSTEM
        )
    with tenant_scope(shop.pk) as scoped:
        assert not Agent.objects.filter(tenant=scoped).exclude(display_name="").exists()


def test_a_name_registered_before_the_identity_was_shared_is_not_shown(shop: Tenant) -> None:
    with tenant_scope(shop.pk) as scoped:
        Agent.objects.create(
            tenant=scoped,
            channel_user_id=ANONYMOUS_ADMIN_ID,
            display_name="Old name",
            is_anonymous=True,
        )
        Agent.objects.create(tenant=scoped, channel_user_id="5", display_name="Ana")
        agents = {row.channel_user_id: row for row in Agent.objects.filter(tenant=scoped)}
        conversation = Conversation.objects.create(
            tenant=scoped, codename="Grey Heron #1", assigned_agent=agents["5"]
        )
        assert agents["5"].public_name == "Ana"
        shared = agents[ANONYMOUS_ADMIN_ID]
        assert selectors.name_on_reply(conversation=conversation, sender=shared) == ""
