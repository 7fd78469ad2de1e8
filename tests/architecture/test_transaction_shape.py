"""What one message costs in the database, as docs/adr/0005-transaction-shape.md says."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_telegram import channels
from channels_telegram import services as telegram
from channels_telegram.channels import DecryptedChannel
from channels_telegram.inbound import dispatch
from channels_telegram.topics import topic_records
from channels_telegram.updates import Chat, Message, Update, User
from conversations import services
from conversations.models import Conversation
from tenants import audit
from tenants.models import Tenant
from tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db
ANA = 77


def statements(tenant_id: UUID, work: Callable[[Tenant], object]) -> list[str]:
    """The statements of one scope, but for those that a test's surrounding transaction adds."""
    with CaptureQueriesContext(connection) as captured, tenant_scope(tenant_id) as tenant:
        work(tenant)
    all_of_them = [query["sql"].strip() for query in captured.captured_queries]
    return [
        sql
        for sql in all_of_them
        if not sql.startswith(("SAVEPOINT", "RELEASE", "SELECT leave_scope"))
    ]


@pytest.fixture
def channel(default_tenant: Tenant) -> DecryptedChannel:
    """A channel of the tenant."""
    config = telegram.ChannelConfig(bot_token=f"{uuid4().int % 10**12}:{'A' * 35}", chat_id=-1001)
    with tenant_scope(default_tenant.pk) as tenant:
        telegram.configure_channel(tenant=tenant, config=config, actor=audit.SYSTEM)
    with tenant_scope(default_tenant.pk) as tenant:
        opened = channels.find_channel(tenant=tenant)
        assert opened is not None
        return opened


@pytest.fixture
def default_tenant(db: None) -> Tenant:
    """The tenant that everybody has."""
    return Tenant.objects.get(slug="default")


@pytest.fixture
def conversation(default_tenant: Tenant, channel: DecryptedChannel) -> Conversation:
    """A conversation with a topic, claimed by Ana."""
    with tenant_scope(default_tenant.pk) as tenant:
        made = services.start_conversation(tenant=tenant, customer_name="Mara", locale="en")
        topic_records.remember_topic(
            tenant_id=tenant.pk,
            conversation_id=made.pk,
            topic=channel.topic(uuid4().int % 2**40),
            title="",
            bot_id=channel.bot_id,
        )
        made.refresh_from_db()
        ana = services.see_agent(tenant=tenant, channel_user_id=str(ANA), channel_name="Ana")
        services.claim_conversation(tenant=tenant, conversation_id=made.pk, agent=ana)
        # So that nothing is read for the first time below.
        services.add_customer_message(tenant=tenant, conversation_id=made.pk, text="Hello")
        return made


@pytest.fixture
def answered(default_tenant: Tenant, conversation: Conversation) -> None:
    """Ana has replied before: her first reply also looks up how long the customer has waited."""
    with tenant_scope(default_tenant.pk) as tenant:
        ana = services.see_agent(tenant=tenant, channel_user_id=str(ANA), channel_name="Ana")
        services.add_agent_reply(
            tenant=tenant, conversation_id=conversation.pk, agent=ana, text="Hello Mara"
        )
        services.add_customer_message(tenant=tenant, conversation_id=conversation.pk, text="Well?")


@pytest.mark.parametrize(("client_id", "most"), [(None, 4), ("mine", 5)])
def test_a_customers_message(
    default_tenant: Tenant, conversation: Conversation, client_id: str | None, most: int
) -> None:
    made = statements(
        default_tenant.pk,
        lambda tenant: services.add_customer_message(
            tenant=tenant, conversation_id=conversation.pk, text="Hello", client_id=client_id
        ),
    )
    assert len(made) <= most, made


@pytest.mark.usefixtures("answered")
def test_an_agents_reply(
    default_tenant: Tenant, conversation: Conversation, channel: DecryptedChannel
) -> None:
    update = Update(
        update_id=1,
        message=Message(
            message_id=5,
            chat=Chat(id=channel.chat_id),
            sender=User(id=ANA, first_name="Ana"),
            message_thread_id=int(conversation.thread_id or 0),
            is_topic_message=True,
            text="Yes.",
        ),
    )
    made = statements(
        default_tenant.pk,
        lambda tenant: dispatch.act_once(tenant=tenant, channel=channel, update=update),
    )
    assert any("INSERT INTO conversations_message" in sql.replace('"', "") for sql in made)
    assert len(made) <= 7, made
