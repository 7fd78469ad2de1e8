"""A month is counted to the message, whatever is deleted, repeated or run twice."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.metering import rollups, samples, totals
from billing.models import Metered, UsageDay, UsageFact, UsageHour
from conversations import services
from conversations.attached import AttachedFile, FileKind
from conversations.models import Agent, Conversation
from conversations.services import messaging, retention, starting
from conversations.system_messages import send as send_system_message
from templates_i18n.keys import TemplateKey
from tenants import use_limits
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

pytestmark = pytest.mark.django_db
FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Clock:
    """What the services take for the time."""

    now: datetime = FIRST_DAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of those who store messages."""
    clock = Clock()
    monkeypatch.setattr(messaging, "now_ms", clock)
    monkeypatch.setattr(starting, "now_ms", clock)
    return clock


@pytest.fixture
def tenant() -> Tenant:
    """A customer company."""
    return create_tenant(slug=f"bakery-{uuid4().hex[:12]}", name="Bakery", actor=SYSTEM)


@dataclass
class Month:
    """What a tenant's people have done, counted as they do it."""

    tenant: Tenant
    clock: Clock
    dice: Random
    by_day: Counter[tuple[date, Metered]] = field(default_factory=Counter)
    by_hour: Counter[tuple[datetime, Metered]] = field(default_factory=Counter)
    active: set[tuple[date, UUID]] = field(default_factory=set)

    def live(self, conversations: int) -> None:
        """So many conversations, each on some of the month's days."""
        with tenant_scope(self.tenant.pk) as tenant:
            ana = services.register_agent(
                tenant=tenant, channel_user_id="7", display_name="Ana", actor=SYSTEM
            )
            for _ in range(conversations):
                self._talk(tenant, ana)

    def _talk(self, tenant: Tenant, ana: Agent) -> None:
        self.clock.now = FIRST_DAY + timedelta(minutes=self.dice.randrange(20 * 24 * 60))
        made = services.start_conversation(tenant=tenant, customer_name="", locale="en")
        self._note(Metered.CONVERSATIONS_STARTED)
        for number in range(self.dice.randrange(7)):
            self.clock.now += timedelta(minutes=self.dice.randrange(1, 2000))
            files = [self._file() for _ in range(self.dice.randrange(-5, 3))]
            services.add_customer_message(
                tenant=tenant,
                conversation_id=made.pk,
                text=f"Line {number}",
                client_id=str(number),
                files=files,
            )
            self._note(Metered.CUSTOMER_MESSAGES, conversation=made)
            self._note(Metered.FILE_BYTES, sum(file.bytes for file in files))
            if number == 0:
                services.claim_conversation(tenant=tenant, conversation_id=made.pk, agent=ana)
            if self.dice.random() < 0.6:
                # The same send once more, as after a broken connection.
                services.add_customer_message(
                    tenant=tenant, conversation_id=made.pk, text="again", client_id=str(number)
                )
                self.clock.now += timedelta(minutes=3)
                services.add_agent_reply(
                    tenant=tenant, conversation_id=made.pk, agent=ana, text="Yes"
                )
                self._note(Metered.AGENT_MESSAGES, conversation=made)
        # What the product says by itself is nobody's use.
        services.close_conversation(tenant=tenant, conversation_id=made.pk, actor=SYSTEM)

    def _file(self) -> AttachedFile:
        size = self.dice.randrange(1, 5_000_000)
        return AttachedFile(id=uuid4(), name="a.pdf", kind=FileKind.DOCUMENT, bytes=size)

    def _note(
        self, kind: Metered, quantity: int = 1, *, conversation: Conversation | None = None
    ) -> None:
        if not quantity:
            return
        now = self.clock.now
        self.by_day[now.date(), kind] += quantity
        self.by_hour[now.replace(minute=0), kind] += quantity
        if conversation is not None and (now.date(), conversation.pk) not in self.active:
            self.active.add((now.date(), conversation.pk))
            self.by_day[now.date(), Metered.ACTIVE_CONVERSATIONS] += 1


def days_of(tenant: Tenant) -> dict[tuple[date, int], int]:
    with tenant_scope(tenant.pk):
        rows = UsageDay.objects.filter(kind__lt=Metered.API_CALLS)
        return {(row.day, row.kind): row.quantity for row in rows}


def hours_of(tenant: Tenant) -> dict[tuple[datetime, int], int]:
    with tenant_scope(tenant.pk):
        rows = UsageHour.objects.exclude(kind=Metered.ACTIVE_CONVERSATIONS)
        return {(row.hour, row.kind): row.quantity for row in rows}


def delete_half(tenant: Tenant) -> None:
    """By hand half of what there is, and by retention the rest."""
    with tenant_scope(tenant.pk) as scoped:
        ids = list(Conversation.objects.order_by("pk").values_list("pk", flat=True))
        for conversation_id in ids[::2]:
            services.delete_conversation(
                tenant=scoped, conversation_id=conversation_id, actor=SYSTEM
            )
        Conversation.objects.update(closed_at=FIRST_DAY - timedelta(days=4000))
    retention.run_retention()
    with tenant_scope(tenant.pk):
        assert not Conversation.objects.exists()


def test_a_month_is_counted_to_the_message_although_its_conversations_go(
    tenant: Tenant, clock: Clock
) -> None:
    month = Month(tenant, clock, Random(16))
    month.live(40)
    rollups.roll_up()
    delete_half(tenant)
    rollups.roll_up(overlap=timedelta(days=60))
    assert days_of(tenant) == month.by_day
    assert hours_of(tenant) == month.by_hour
    assert month.by_day.total() > 200


def test_what_is_deleted_before_it_was_added_up_counts_all_the_same(
    tenant: Tenant, clock: Clock
) -> None:
    month = Month(tenant, clock, Random(61))
    month.live(10)
    delete_half(tenant)
    rollups.roll_up()
    assert days_of(tenant) == month.by_day


def test_runs_between_and_runs_repeated_come_to_the_same(tenant: Tenant, clock: Clock) -> None:
    month = Month(tenant, clock, Random(7))
    for _ in range(4):
        month.live(3)
        # Whatever is older than the newest hour comes with the long overlap.
        rollups.roll_up_tenant(tenant.pk, overlap=timedelta(days=60))
        rollups.roll_up_tenant(tenant.pk)
    assert days_of(tenant) == month.by_day
    assert hours_of(tenant) == month.by_hour


def test_a_run_reaches_those_who_wrote_after_a_long_silence(tenant: Tenant, clock: Clock) -> None:
    month = Month(tenant, clock, Random(8))
    month.live(1)
    rollups.roll_up()
    clock.now = FIRST_DAY + timedelta(days=200)
    with tenant_scope(tenant.pk) as scoped:
        services.start_conversation(tenant=scoped, customer_name="", locale="en")
    rollups.roll_up()
    assert days_of(tenant)[clock.now.date(), Metered.CONVERSATIONS_STARTED] == 1


def test_an_hour_of_the_future_hides_nothing_of_now(tenant: Tenant, clock: Clock) -> None:
    """As by a web process whose clock runs ahead."""
    now = timezone.now()
    clock.now = now + timedelta(hours=30)
    with tenant_scope(tenant.pk) as scoped:
        services.start_conversation(tenant=scoped, customer_name="", locale="en")
    rollups.roll_up_tenant(tenant.pk)
    clock.now = now
    with tenant_scope(tenant.pk) as scoped:
        services.start_conversation(tenant=scoped, customer_name="", locale="en")
        begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
        kind = Metered.CONVERSATIONS_STARTED
        assert totals.used_since(tenant=scoped, kind=kind, begin=begin) == 2
    rollups.roll_up()
    assert days_of(tenant)[now.date(), Metered.CONVERSATIONS_STARTED] == 1


def test_one_tenant_that_cannot_be_sampled_stops_no_other(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = create_tenant(slug=f"shop-{uuid4().hex[:12]}", name="Shop", actor=SYSTEM)
    for one in (tenant, other):
        with tenant_scope(one.pk) as scoped:
            services.start_conversation(tenant=scoped, customer_name="", locale="en")
    first, last = sorted([tenant.pk, other.pk])

    def counted(tenant_id: UUID, *_: object) -> int | None:
        if tenant_id == first:
            raise RuntimeError("a fault of ours")
        return 3

    monkeypatch.setattr(use_limits, "counted", counted)
    samples.take_samples()
    with tenant_scope(last):
        assert UsageDay.objects.get(kind=Metered.API_CALLS).quantity == 3


def test_a_fact_is_written_once(tenant: Tenant, clock: Clock) -> None:
    fact = UsageFact(
        id=uuid4(),
        tenant=tenant,
        kind=Metered.CUSTOMER_MESSAGES,
        conversation_id=uuid4(),
        at=FIRST_DAY,
    )
    with tenant_scope(tenant.pk):
        fact.save(force_insert=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            fact.save(force_insert=True)


def test_a_refused_message_is_not_counted(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk) as scoped:
        made = services.start_conversation(tenant=scoped, customer_name="", locale="en")
    with pytest.raises(RuntimeError), tenant_scope(tenant.pk) as scoped:
        services.add_customer_message(tenant=scoped, conversation_id=made.pk, text="Hello")
        raise RuntimeError("the connection broke")
    with tenant_scope(tenant.pk):
        assert [fact.kind for fact in UsageFact.objects.all()] == [Metered.CONVERSATIONS_STARTED]


def test_what_the_product_says_by_itself_is_not_counted(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk) as scoped:
        made = services.start_conversation(tenant=scoped, customer_name="", locale="en")
        send_system_message(tenant=scoped, conversation=made, key=TemplateKey.CLOSING)
        assert made.last_seq == 1
        assert UsageFact.objects.exclude(kind=Metered.CONVERSATIONS_STARTED).count() == 0


def test_the_usage_of_another_tenant_is_another_ones(tenant: Tenant, clock: Clock) -> None:
    other = create_tenant(slug=f"shop-{uuid4().hex[:12]}", name="Shop", actor=SYSTEM)
    month = Month(tenant, clock, Random(3))
    month.live(2)
    rollups.roll_up()
    assert days_of(tenant) == month.by_day
    assert days_of(other) == {}
