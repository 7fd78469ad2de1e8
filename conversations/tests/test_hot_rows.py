"""The statements written in SQL see and leave the same rows as the ORM does."""

from uuid import uuid4

import pytest
from django.db.models import Model
from django.forms.models import model_to_dict

from conversations import services, sql
from conversations.models import Conversation, Direction, Message, Status
from kernel.clock import now_ms
from tenants.errors import ScopeRequired
from tenants.models import Tenant
from tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation() -> Conversation:
    """A new conversation of the default tenant."""
    with tenant_scope(Tenant.objects.get(slug="default").pk) as tenant:
        return services.start_conversation(tenant=tenant, customer_name="Mara", locale="lv")


def everything(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_locked_row_is_read_as_the_orm_reads_it(conversation: Conversation) -> None:
    with tenant_scope(conversation.tenant_id):
        found = sql.find_locked(tenant_id=conversation.tenant_id, conversation_id=conversation.pk)
        assert found is not None
        assert everything(found) == everything(Conversation.objects.get(pk=conversation.pk))
        # An ordinary row, which may be changed and saved.
        found.about_note = "called twice"
        found.save(update_fields=["about_note"])
        assert model_to_dict(Conversation.objects.get(pk=conversation.pk)) == model_to_dict(found)


def test_a_row_of_another_tenant_is_not_found(conversation: Conversation) -> None:
    other = Tenant.objects.create(slug=f"other-{uuid4().hex[:8]}", name="Other")
    with tenant_scope(other.pk):
        for tenant_id in (other.pk, conversation.tenant_id):
            assert sql.find_locked(tenant_id=tenant_id, conversation_id=conversation.pk) is None


def test_without_a_scope_nothing_is_looked_up(conversation: Conversation) -> None:
    with pytest.raises(ScopeRequired):
        sql.find_locked(tenant_id=conversation.tenant_id, conversation_id=conversation.pk)


def test_an_agent_is_found_by_their_id(conversation: Conversation) -> None:
    with tenant_scope(conversation.tenant_id) as tenant:
        ana = services.see_agent(tenant=tenant, channel_user_id="5", channel_name="Ana")
        seen = sql.find_agent(tenant_id=tenant.pk, channel_user_id="5")
        assert seen is not None
        assert everything(seen) == everything(ana)
        assert sql.find_agent(tenant_id=tenant.pk, channel_user_id="6") is None


def test_a_message_and_its_conversation_are_stored_as_given(conversation: Conversation) -> None:
    with tenant_scope(conversation.tenant_id) as tenant:
        agent = services.see_agent(tenant=tenant, channel_user_id="5", channel_name="Ana")
        now = now_ms()
        message = Message(
            tenant_id=tenant.pk,
            conversation=conversation,
            seq=1,
            direction=Direction.OUTBOUND,
            text="Labdien! 100 % \\ 'x'",
            agent_name="Ana",
            agent=agent,
            template_key="welcome",
            client_id="mine",
            created_at=now,
        )
        conversation.last_seq = 1
        conversation.status = Status.AWAITING_CUSTOMER
        conversation.waiting_since = conversation.last_message_at = now
        conversation.last_customer_at = conversation.last_agent_at = now
        conversation.updated_at = now

        sql.add_message(conversation, message)

        assert everything(Message.objects.get(pk=message.pk)) == everything(message)
        assert everything(Conversation.objects.get(pk=conversation.pk)) == everything(conversation)
        message.text = "changed"
        message.save(update_fields=["text"])
