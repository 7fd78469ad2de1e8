"""How each Celery task is driven: what lies about before it, and what must have become of it.

Each driver lays the same things before any tenant it is given, some that the task is to act on and
some that it must leave alone. A new task needs a driver here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from attachments.erasure import KEEP_STRAYS
from attachments.models import StoredFile
from billing.models import (
    BillingAccount,
    LimitReached,
    Metered,
    StripeEvent,
    UsageDay,
    UsageFact,
    UsageHour,
)
from billing.services import override_limit
from billing.tasks import KEEP_EVENTS
from channels_telegram.models import InboxUpdate, TelegramChannel
from channels_telegram.tasks import KEEP_INBOX
from conversations import services as conversations
from conversations.bans.models import Ban
from conversations.models import Conversation, Message, Status, UsedSocketToken
from conversations.sessions.models import Session
from conversations.sessions.services import KEEP_ENDED
from conversations.socket.actions import KEEP_USED_TOKENS
from outbox.models import Lane, OutboxItem
from outbox.tasks import KEEP_FINISHED
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.services import set_template
from tenants.audit import SYSTEM
from tenants.idempotency.models import IdempotentResponse
from tenants.idempotency.services import KEEP as KEEP_RESPONSES
from tenants.invitations.selectors import count_seats
from tenants.models import AuditEntry, TenantOwned
from tenants.plan_limits import Limit
from tenants.scope import platform_scope, tenant_scope
from tenants.sessions import SessionStore
from tests.isolation.rows import Household

Check = Callable[[], None]
Lay = Callable[[Household], Check]


def _ages(keep: timedelta) -> tuple[datetime, datetime]:
    """Just too old, and just not."""
    now = timezone.now()
    return now - keep - timedelta(minutes=1), now - keep + timedelta(minutes=1)


@dataclass
class _Pruned:
    """Of rows that look alike the old ones must go; returns what checks that."""

    model: type[TenantOwned]
    make: Callable[[Household, datetime], Any]
    keep: timedelta = timedelta(0)

    def __call__(self, home: Household) -> Check:
        """Lay an old one and a newer one before the tenant."""
        with tenant_scope(home.tenant.pk):
            rows = [self.make(home, age) for age in _ages(self.keep)]
            for row in rows:
                row.save(force_insert=True)
            before = set(self.model.objects.values_list("pk", flat=True))
        old = rows[0].pk

        def check() -> None:
            with tenant_scope(home.tenant.pk):
                left = set(self.model.objects.values_list("pk", flat=True))
            assert before - left >= {old}
            assert rows[1].pk in left

        return check


def _inbox_update(home: Household, at: datetime) -> InboxUpdate:
    return InboxUpdate(
        tenant=home.tenant,
        channel=home.channel,
        bot_id=1,
        update_id=int(at.timestamp()),
        received_at=at,
    )


def _stray_file(home: Household, age: datetime) -> StoredFile:
    return StoredFile(
        tenant=home.tenant,
        conversation=home.conversation,
        name="half.txt",
        kind="document",
        media_type="text/plain",
        bytes=4,
        created_at=age,
    )


def _used_token(home: Household, at: datetime) -> UsedSocketToken:
    return UsedSocketToken(tenant=home.tenant, jti=uuid4(), expires_at=at)


def _ban(home: Household, at: datetime) -> Ban:
    return Ban(
        tenant=home.tenant, mark=uuid4().hex, conversation_id=home.conversation.pk, expires_at=at
    )


def _session(home: Household, at: datetime) -> Session:
    return Session(
        tenant=home.tenant, conversation=home.conversation, public_key=b"none", expires_at=at
    )


def _idempotent_response(home: Household, at: datetime) -> IdempotentResponse:
    return IdempotentResponse(
        tenant=home.tenant,
        # The tenants' callers and their keys may well be the same.
        caller_id=UUID(int=1),
        idempotency_key=at.isoformat(),
        fingerprint="none",
        created_at=at,
    )


def _finished_item(home: Household, at: datetime) -> OutboxItem:
    return OutboxItem(
        tenant=home.tenant,
        kind="test.nothing",
        ordering_key="the same for all",
        idempotency_key=at.isoformat(),
        lane=Lane.COSMETIC,
        status=OutboxItem.Status.DONE,
        finished_at=at,
    )


def _timers(home: Household) -> Check:
    """A silent conversation, one that waits, and one in which somebody has just written."""
    slug = home.tenant.slug
    with tenant_scope(home.tenant.pk) as tenant:
        # Its secrets cannot be opened; effects to agents are made without it, too.
        TelegramChannel.objects.update(is_active=False)
        for key in (TemplateKey.REMINDER_5M, TemplateKey.CLOSING):
            said = BUILT_IN[key].with_text(f"{key} of {slug}")
            set_template(tenant=tenant, locale="default", template=said, actor=SYSTEM)
        silent, waiting, lively = (
            _written_to(home, "Mara", ago) for ago in (timedelta(days=2), _SIX_MINUTES, _NOW)
        )

    def check() -> None:
        with tenant_scope(home.tenant.pk):
            statuses = dict(Conversation.objects.values_list("pk", "status"))
            assert statuses[silent] == Status.CLOSED
            assert statuses[waiting] == statuses[lively] == Status.OPEN_UNCLAIMED
            texts = {
                pk: list(Message.objects.filter(conversation=pk).values_list("text", flat=True))
                for pk in (silent, waiting, lively)
            }
            closing = f"{TemplateKey.CLOSING} of {slug}"
            assert texts == {silent: ["Hello", closing], waiting: ["Hello"], lively: ["Hello"]}
            promised = OutboxItem.objects.filter(kind="telegram.remind")
            assert [item.payload["text"] for item in promised] == [
                f"{TemplateKey.REMINDER_5M} of {slug}"
            ]
            assert promised[0].payload["conversation"] == str(waiting)
            entries = AuditEntry.objects.filter(action="conversation.closed")
            assert [entry.object_id for entry in entries] == [str(silent)]

    return check


def _retention(home: Household) -> Check:
    """Closed long ago, on legal hold since, closed a while ago, and blocked."""
    slug = home.tenant.slug
    with tenant_scope(home.tenant.pk) as tenant:
        TelegramChannel.objects.update(is_active=False)
        old, held, newer, blocked = (_written_to(home, "Mara", _NOW) for _ in range(4))
        for pk in (old, held, newer):
            conversations.close_conversation(tenant=tenant, conversation_id=pk, actor=SYSTEM)
        conversations.block_conversation(tenant=tenant, conversation_id=blocked, actor=SYSTEM)
        conversations.place_legal_hold(
            tenant=tenant, conversation_id=held, reason=f"A lawsuit of {slug}", actor=SYSTEM
        )
        before, after = _ages(timedelta(days=settings.RETENTION_DAYS))
        Conversation.objects.filter(pk__in=(old, held)).update(closed_at=before)
        Conversation.objects.filter(pk=newer).update(closed_at=after)

    def check() -> None:
        with tenant_scope(home.tenant.pk):
            left = set(Conversation.objects.values_list("pk", flat=True))
            assert {old, held, newer, blocked} & left == {held, newer, blocked}
            assert not Message.objects.filter(conversation_id=old).exists()
            (entry,) = AuditEntry.objects.filter(action="retention.ran")
            assert entry.object_id == str(home.tenant.pk)
            assert entry.changes["conversations"] == 1

    return check


def _usage(home: Household) -> Check:
    """Two facts of one hour of long ago, of the same conversation."""
    hour = datetime(2020, 1, 1, 9, tzinfo=UTC)
    with tenant_scope(home.tenant.pk):
        UsageFact.objects.all().delete()
        for minute in (1, 2):
            UsageFact.objects.create(
                id=uuid4(),
                tenant=home.tenant,
                kind=Metered.CUSTOMER_MESSAGES,
                conversation_id=home.conversation.pk,
                at=hour + timedelta(minutes=minute),
            )
        UsageHour.objects.all().delete()

    def check() -> None:
        with tenant_scope(home.tenant.pk):
            rows = UsageHour.objects.filter(hour=hour)
            assert {row.kind: row.quantity for row in rows} == {
                Metered.CUSTOMER_MESSAGES: 2,
                Metered.ACTIVE_CONVERSATIONS: 1,
            }

    return check


def _written_now(home: Household) -> None:
    UsageFact.objects.create(
        id=uuid4(),
        tenant=home.tenant,
        kind=Metered.CUSTOMER_MESSAGES,
        conversation_id=home.conversation.pk,
        at=timezone.now(),
    )


def _samples(home: Household) -> Check:
    """Somebody has written today."""
    with tenant_scope(home.tenant.pk):
        _written_now(home)

    def check() -> None:
        with tenant_scope(home.tenant.pk):
            (members,) = UsageDay.objects.filter(kind=Metered.MEMBERS)
            assert members.quantity == count_seats(tenant=home.tenant)

    return check


def _limits(home: Household) -> Check:
    """One message of one that the tenant may take."""
    with tenant_scope(home.tenant.pk) as tenant:
        TelegramChannel.objects.update(is_active=False)
        override_limit(tenant=tenant, limit=Limit.MESSAGES, value=1, actor=SYSTEM)
        _written_now(home)

    def check() -> None:
        with tenant_scope(home.tenant.pk):
            reached = LimitReached.objects.filter(limit=Limit.MESSAGES.value)
            assert sorted(reached.values_list("percent", "used")) == [(80, 1), (100, 1)]

    return check


def _console_sessions(_home: Household) -> Check:
    old, new = SessionStore(), SessionStore()
    # As signing in keeps it: the row holds a hash of the cookie's key.
    for session, seconds in ((old, -60), (new, 60)):
        session["of"] = "somebody"
        session.set_expiry(seconds)
        session.save()

    def check() -> None:
        assert [session.exists(str(session.session_key)) for session in (old, new)] == [False, True]

    return check


_NOW, _SIX_MINUTES = timedelta(0), timedelta(minutes=6)


def _written_to(home: Household, name: str, ago: timedelta) -> UUID:
    started = conversations.start_conversation(tenant=home.tenant, customer_name=name, locale="en")
    conversations.add_customer_message(tenant=home.tenant, conversation_id=started.pk, text="Hello")
    then = timezone.now() - ago
    Conversation.objects.filter(pk=started.pk).update(waiting_since=then, updated_at=then)
    return started.pk


def _stripe_events(home: Household) -> Check:
    """Events belong to no tenant: an old one and a newer one of its customer's."""
    ids = [uuid4().hex for _ in range(2)]
    for pk, age in zip(ids, _ages(KEEP_EVENTS), strict=True):
        with platform_scope("test"):
            StripeEvent.objects.create(
                id=pk, type="test", outcome="kept", occurred_at=age, received_at=age, body="{}"
            )

    def check() -> None:
        with platform_scope("test"):
            assert [StripeEvent.objects.filter(pk=pk).exists() for pk in ids] == [False, True]

    return check


def _reconciliation(home: Household) -> Check:
    """An account that was not read for a day; only with a key is Stripe asked."""
    settings.STRIPE_SECRET_KEY = "sk_test_not_a_key"
    with tenant_scope(home.tenant.pk):
        BillingAccount.objects.update(read_at=timezone.now() - timedelta(days=2))

    def check() -> None:
        with tenant_scope(home.tenant.pk):
            (item,) = OutboxItem.objects.filter(kind="stripe.synchronize")
            assert item.payload == {"reason": "reconciliation"}
        settings.STRIPE_SECRET_KEY = ""

    return check


# Task → what lies before each tenant. `outbox.tasks.drain` works in threads of its own, and is
# tried by itself, with what is committed.
DRIVERS: dict[str, Lay] = {
    "attachments.tasks.discard_strays": _Pruned(StoredFile, _stray_file, KEEP_STRAYS),
    "billing.tasks.check_limits": _limits,
    "billing.tasks.roll_up_usage": _usage,
    "billing.tasks.prune_stripe_events": _stripe_events,
    "billing.tasks.reconcile": _reconciliation,
    "billing.tasks.sample_usage": _samples,
    "channels_telegram.tasks.prune_inbox": _Pruned(InboxUpdate, _inbox_update, KEEP_INBOX),
    "conversations.tasks.delete_old_bans": _Pruned(Ban, _ban, _NOW),
    "conversations.tasks.delete_old_sessions": _Pruned(Session, _session, KEEP_ENDED),
    "conversations.tasks.forget_used_tokens": _Pruned(
        UsedSocketToken, _used_token, KEEP_USED_TOKENS
    ),
    "conversations.tasks.run_retention": _retention,
    "conversations.tasks.run_timers": _timers,
    "outbox.tasks.prune": _Pruned(OutboxItem, _finished_item, KEEP_FINISHED),
    "tenants.tasks.delete_console_sessions": _console_sessions,
    "tenants.tasks.delete_idempotent_responses": _Pruned(
        IdempotentResponse, _idempotent_response, KEEP_RESPONSES
    ),
}
