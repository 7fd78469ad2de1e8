"""One row of every tenant-owned kind, for any tenant: the material of the isolation tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from attachments.models import StoredFile
from billing.models import (
    BillingAccount,
    LimitOverride,
    LimitReached,
    Metered,
    Plan,
    StripeEvent,
    Subscription,
    UsageDay,
    UsageFact,
    UsageHour,
)
from channels_telegram.models import (
    FormerTopic,
    InboxUpdate,
    MessageLink,
    StrayTopic,
    TelegramChannel,
    Topic,
    TopicNotice,
    UnsentMessage,
)
from conversations.bans.models import Ban
from conversations.identity.models import IdentityKey, Person
from conversations.models import (
    Agent,
    Conversation,
    ConversationWord,
    Direction,
    Message,
    Remark,
    SystemMessageSent,
    UsedSocketToken,
)
from conversations.sessions.models import Session
from conversations.visitors.models import Visitor
from outbox.models import Lane, OutboxHold, OutboxItem
from templates_i18n.keys import TemplateKey
from templates_i18n.models import MessageTemplate, SavedReply, Translation
from tenants import audit, services
from tenants.api_keys.models import ApiKey
from tenants.idempotency.models import IdempotentResponse
from tenants.invitations.models import Invitation
from tenants.models import AuditEntry, Member, Setting, Tenant, TenantKey, TenantOwned, User
from tenants.scope import tenant_scope


@dataclass
class Household:
    """A tenant with the rows that others hang on."""

    tenant: Tenant
    user: User
    agent: Agent
    conversation: Conversation
    message: Message
    person: Person
    channel: TelegramChannel
    api_key: ApiKey


def new_agent(tenant: Tenant) -> Agent:
    """An agent, not stored."""
    return Agent(tenant=tenant, channel_user_id=uuid4().hex)


def new_conversation(tenant: Tenant) -> Conversation:
    """A conversation, not stored."""
    return Conversation(tenant=tenant, codename="Amber Otter #3F2A")


def new_message(tenant: Tenant, conversation: Conversation, seq: int) -> Message:
    """A message of the customer, not stored."""
    return Message(
        tenant=tenant,
        conversation=conversation,
        seq=seq,
        direction=Direction.INBOUND,
        text="private words",
        created_at=timezone.now(),
    )


def new_channel(tenant: Tenant) -> TelegramChannel:
    """A channel whose secrets nobody will open, not stored."""
    return TelegramChannel(
        tenant=tenant,
        bot_id=uuid4().int % 2**50,
        chat_id=-(uuid4().int % 2**50),
        configured_chat_id=-(uuid4().int % 2**50),
        webhook_secret_hash=uuid4().hex,
    )


def new_person(tenant: Tenant) -> Person:
    """A customer whom the tenant knows, not stored."""
    return Person(tenant=tenant, subject=uuid4().hex)


def new_api_key(tenant: Tenant) -> ApiKey:
    """A key that nobody holds, not stored."""
    return ApiKey(
        tenant=tenant, name="Shop", prefix=uuid4().hex[:10], secret_hash="none", scopes=[]
    )


def new_stripe_event() -> StripeEvent:
    """What Stripe has sent about a customer of nobody's."""
    return StripeEvent.objects.create(
        id=uuid4().hex,
        type="invoice.paid",
        outcome=StripeEvent.Outcome.UNMATCHED,
        customer_id="cus_nobody",
        occurred_at=timezone.now(),
        body="{}",
    )


def settle(slug: str) -> Household:
    """A new tenant with one stored row of every kind."""
    tenant = services.create_tenant(slug=slug, name=slug.title(), actor=audit.SYSTEM)
    user = User.objects.create_user(f"owner@{slug}.example")
    with tenant_scope(tenant.pk) as scoped:
        agent, channel = new_agent(scoped), new_channel(scoped)
        conversation = new_conversation(scoped)
        message = new_message(scoped, conversation, 1)
        person, api_key = new_person(scoped), new_api_key(scoped)
        for row in (agent, channel, conversation, message, person, api_key):
            row.save()
        household = Household(scoped, user, agent, conversation, message, person, channel, api_key)
        for model, make in MAKERS.items():
            if not model._base_manager.filter(tenant_id=scoped.pk).exists():
                make(household).save(force_insert=True)
    return household


# How to make one more row of each kind for a household. A new kind of row has to be added here.
MAKERS: dict[type[TenantOwned], Callable[[Household], Any]] = {
    Agent: lambda home: new_agent(home.tenant),
    Conversation: lambda home: new_conversation(home.tenant),
    Message: lambda home: new_message(home.tenant, home.conversation, 2),
    TelegramChannel: lambda home: new_channel(home.tenant),
    Topic: lambda home: Topic(tenant=home.tenant, conversation=home.conversation),
    FormerTopic: lambda home: FormerTopic(
        tenant=home.tenant,
        channel=home.channel,
        conversation=home.conversation,
        chat_id=-1,
        thread_id=uuid4().int % 2**50,
    ),
    InboxUpdate: lambda home: InboxUpdate(
        tenant=home.tenant, channel=home.channel, bot_id=1, update_id=uuid4().int % 2**50
    ),
    MessageLink: lambda home: MessageLink(
        tenant=home.tenant,
        channel=home.channel,
        chat_id=-1,
        telegram_message_id=uuid4().int % 2**50,
        message=home.message,
    ),
    StoredFile: lambda home: StoredFile(
        tenant=home.tenant,
        conversation=home.conversation,
        message=home.message,
        name="private.pdf",
        kind="document",
        media_type="application/pdf",
        bytes=1,
    ),
    TopicNotice: lambda home: TopicNotice(
        tenant=home.tenant,
        conversation=home.conversation,
        kind=uuid4().hex,
        posted_at=timezone.now(),
    ),
    UnsentMessage: lambda home: UnsentMessage(
        tenant=home.tenant,
        channel=home.channel,
        conversation=home.conversation,
        chat_id=-1,
        telegram_message_id=uuid4().int % 2**50,
        reason=UnsentMessage.Reason.STATE,
    ),
    StrayTopic: lambda home: StrayTopic(
        tenant=home.tenant,
        channel=home.channel,
        chat_id=-1,
        thread_id=uuid4().int % 2**50,
        hinted_at=timezone.now(),
    ),
    Remark: lambda home: Remark(
        tenant=home.tenant,
        conversation=home.conversation,
        agent=home.agent,
        text="For colleagues",
        created_at=timezone.now(),
    ),
    ConversationWord: lambda home: ConversationWord(
        tenant=home.tenant, conversation=home.conversation, word=uuid4().hex
    ),
    SystemMessageSent: lambda home: SystemMessageSent(
        tenant=home.tenant,
        conversation=home.conversation,
        key=uuid4().hex,
        sent_at=timezone.now(),
    ),
    Session: lambda home: Session(
        tenant=home.tenant,
        conversation=home.conversation,
        public_key=b"no point",
        origin="https://shop.example",
        device="Firefox on Linux",
        expires_at=timezone.now() + timedelta(days=30),
    ),
    Ban: lambda home: Ban(
        tenant=home.tenant,
        mark=uuid4().hex,
        conversation_id=home.conversation.pk,
        expires_at=timezone.now() + timedelta(days=30),
    ),
    IdentityKey: lambda home: IdentityKey(tenant=home.tenant, algorithm="ES256", public_key="none"),
    Person: lambda home: new_person(home.tenant),
    Visitor: lambda home: Visitor(
        tenant=home.tenant, conversation=home.conversation, page="https://shop.example/"
    ),
    UsedSocketToken: lambda home: UsedSocketToken(
        tenant=home.tenant, jti=uuid4(), expires_at=timezone.now()
    ),
    OutboxItem: lambda home: OutboxItem(
        tenant=home.tenant,
        kind="test.nothing",
        ordering_key=uuid4().hex,
        idempotency_key=uuid4().hex,
        lane=Lane.COSMETIC,
    ),
    OutboxHold: lambda home: OutboxHold(
        tenant=home.tenant, channel=uuid4().hex, held_until=timezone.now()
    ),
    MessageTemplate: lambda home: MessageTemplate(
        tenant=home.tenant, key=TemplateKey.WELCOME, locale=uuid4().hex[:8], text="Hello"
    ),
    SavedReply: lambda home: SavedReply(tenant=home.tenant, name=uuid4().hex, text="Nine to five."),
    Translation: lambda home: Translation(
        tenant=home.tenant, key="send", locale=uuid4().hex[:8], text="Send"
    ),
    Member: lambda home: Member(tenant=home.tenant, user=home.user, role=Member.Role.OWNER),
    Invitation: lambda home: Invitation(
        tenant=home.tenant,
        email=f"{uuid4().hex}@people.example",
        role=Member.Role.VIEWER,
        token_hash="none",
        expires_at=timezone.now(),
    ),
    Setting: lambda home: Setting(tenant=home.tenant, key=uuid4().hex, value=1),
    AuditEntry: lambda home: AuditEntry(
        tenant=home.tenant,
        actor_kind="system",
        action="test.done",
        object_type="test",
        object_id="1",
    ),
    IdempotentResponse: lambda home: IdempotentResponse(
        tenant=home.tenant, caller_id=uuid4(), idempotency_key=uuid4().hex, fingerprint="none"
    ),
    ApiKey: lambda home: new_api_key(home.tenant),
    BillingAccount: lambda home: BillingAccount(
        tenant=home.tenant, customer_id=f"cus_{uuid4().hex}", read_at=timezone.now()
    ),
    Subscription: lambda home: Subscription(
        tenant=home.tenant, plan=Plan.objects.create(code=uuid4().hex, name="Team")
    ),
    UsageFact: lambda home: UsageFact(
        id=uuid4(),
        tenant=home.tenant,
        kind=Metered.CUSTOMER_MESSAGES,
        conversation_id=home.conversation.pk,
        # Long since added up.
        at=datetime(2000, 1, 1, tzinfo=UTC),
    ),
    UsageHour: lambda home: UsageHour(
        tenant=home.tenant,
        kind=Metered.CUSTOMER_MESSAGES,
        quantity=1,
        hour=timezone.now().replace(minute=0, second=0, microsecond=0),
    ),
    UsageDay: lambda home: UsageDay(
        tenant=home.tenant,
        kind=Metered.API_CALLS,
        quantity=1,
        day=date(2000, 1, 1) + timedelta(days=uuid4().int % 9000),
    ),
    LimitOverride: lambda home: LimitOverride(tenant=home.tenant, limit=uuid4().hex, value=1),
    LimitReached: lambda home: LimitReached(
        tenant=home.tenant,
        limit=uuid4().hex,
        period=date(2000, 1, 1),
        percent=80,
        used=8,
        allowed=10,
    ),
    TenantKey: lambda home: TenantKey(
        tenant=home.tenant, master_key_id="none", wrapped_key=b"not a key"
    ),
}
