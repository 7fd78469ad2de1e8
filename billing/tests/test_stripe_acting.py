"""From an event to what it means for the tenant, by the worker, with Stripe in any mood."""

import random
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from billing.models import BillingAccount
from billing.stripe import handlers, kinds, reconciliation
from billing.subscriptions.services import take_over
from billing.subscriptions.states import Reading, State
from billing.tests.till import Till, deliver
from conversations import services as conversations
from outbox.errors import ChannelOnHold
from outbox.models import OutboxHold, OutboxItem
from stripe_simulator import life
from stripe_simulator.faults import Fault
from tenants import configuration
from tenants.errors import TenantReadOnly
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.admin_v2.conftest import new_key

_READS = "/v1/subscriptions"


def let_time_pass(till: Till) -> None:
    """Make what waits for its next attempt due."""
    with tenant_scope(till.tenant.pk):
        OutboxItem.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1), parked=0)
        OutboxHold.objects.all().delete()


def test_a_paid_checkout_gives_the_plan(till: Till) -> None:
    till.subscribe()
    before = till.plan_now
    assert before is None
    till.tell()
    assert (till.account.state, till.plan_now) == (State.ACTIVE, till.plan)
    assert till.history() == [State.ACTIVE]
    till.write()


def test_a_tenant_moves_from_trial_to_paid_to_past_due_to_unpaid_and_back(till: Till) -> None:
    store = till.stripe.store
    subscription = till.subscribe(trial_period_days="14")
    till.tell()
    assert (till.account.state, till.plan_now) == (State.TRIALING, till.plan)
    assert till.account.trial_end is not None
    life.renew(store, subscription, pays=True)
    till.tell()
    life.renew(store, subscription, pays=False)
    till.tell()
    assert till.account.state == State.PAST_DUE
    till.write()
    for _ in range(3):
        life.retry(store, subscription, pays=False)
    till.tell()
    assert till.account.state == State.UNPAID
    with pytest.raises(TenantReadOnly):
        till.write()
    assert till.plan_now == till.plan, "the plan waits for the payment"
    life.retry(store, subscription, pays=True)
    till.tell()
    till.write()
    assert till.history() == ["trialing", "active", "past_due", "unpaid", "active"]


def test_while_nothing_is_paid_agents_answer_and_customers_read(till: Till) -> None:
    subscription = till.subscribe()
    till.tell()
    with tenant_scope(till.tenant.pk) as tenant:
        running = conversations.start_conversation(tenant=tenant, customer_name="", locale="en").pk
    till.stripe.store.get("subscription", subscription["id"])["status"] = "unpaid"
    deliver(till.stripe.store.tell("customer.subscription.updated", subscription))
    till.work()
    with tenant_scope(till.tenant.pk) as tenant:
        agent = conversations.see_agent(tenant=tenant, channel_user_id="1", channel_name="Ana")
        conversations.claim_conversation(tenant=tenant, conversation_id=running, agent=agent)
        conversations.add_agent_reply(
            tenant=tenant, conversation_id=running, agent=agent, text="We are still here."
        )
    with tenant_scope(till.tenant.pk) as tenant, pytest.raises(TenantReadOnly):
        conversations.add_customer_message(tenant=tenant, conversation_id=running, text="Hello?")


@pytest.mark.parametrize("seed", range(5))
def test_the_order_and_the_number_of_events_make_no_difference(till: Till, seed: int) -> None:
    store, order = till.stripe.store, random.Random(seed)
    subscription = till.subscribe(trial_period_days="14")
    life.renew(store, subscription, pays=False)
    life.retry(store, subscription, pays=True)
    life.cancel_at_end(store, subscription, is_to_end=True)
    till.tell(shuffled=order, twice=True)
    account = till.account
    assert (account.state, till.plan_now) == (State.ACTIVE, till.plan)
    assert account.cancel_at == account.current_period_end
    assert till.history() == [State.ACTIVE]


@pytest.mark.parametrize("seed", range(3))
def test_a_random_life_of_a_subscription_is_followed_step_by_step(till: Till, seed: int) -> None:
    store, dice = till.stripe.store, random.Random(seed)
    subscription = till.subscribe()
    for _ in range(12):
        steps = _STEPS[subscription["status"]]
        if not steps:
            subscription = till.subscribe()
        else:
            dice.choice(steps)(store, subscription)
        till.tell(shuffled=dice, twice=dice.random() < 0.3)
        status = subscription["status"]
        assert till.account.state == status
        if status in ("trialing", "active", "past_due"):
            till.write()
        else:
            with pytest.raises(TenantReadOnly):
                till.write()
    history = till.history()
    assert all(one != other for one, other in pairwise(history)), "only what changes is told"


_Step = Callable[[Any, Any], Any]
_RENEWED: _Step = partial(life.renew, pays=True)
_FAILED: _Step = partial(life.renew, pays=False)
_PAID: _Step = partial(life.retry, pays=True)
_REFUSED: _Step = partial(life.retry, pays=False)
_STEPS: dict[str, list[_Step]] = {
    "active": [_RENEWED, _FAILED, life.pause, life.end],
    "past_due": [_PAID, _REFUSED, _REFUSED, life.end],
    "unpaid": [_PAID, life.end],
    "paused": [_RENEWED, life.end],
    "canceled": [],
}


def test_an_event_of_yesterday_does_not_bring_yesterday_back(till: Till) -> None:
    store = till.stripe.store
    subscription = till.subscribe()
    yesterday = till.new_events()
    life.end(store, subscription)
    till.tell()
    assert till.account.state == State.CANCELED
    for event in yesterday:
        deliver(event)
    till.work()
    assert till.account.state == State.CANCELED
    with pytest.raises(TenantReadOnly):
        till.write()


def test_a_plan_can_take_the_place_of_one_that_has_ended(till: Till, settings: Settings) -> None:
    free = Till(till.stripe).plan
    settings.STRIPE_PLAN_AFTER_END = free
    life.end(till.stripe.store, till.subscribe())
    till.tell()
    assert (till.account.state, till.plan_now) == (State.CANCELED, free)
    till.write()
    till.subscribe()
    till.tell()
    assert (till.account.state, till.plan_now) == (State.ACTIVE, till.plan)


def test_the_days_of_a_failed_payment_are_not_counted_anew_with_each_reading(
    till: Till, settings: Settings
) -> None:
    failed = timezone.now()
    grace = timedelta(days=settings.STRIPE_GRACE_DAYS)

    def read(status: str, *, day: int) -> BillingAccount:
        asked_at = failed + timedelta(days=day)
        reading = Reading("sub_1", status, failed, plan_codes=(till.plan,))
        with tenant_scope(till.tenant.pk) as tenant:
            account = take_over(tenant=tenant, readings=[reading], asked_at=asked_at)
        assert account is not None
        return account

    assert read("past_due", day=0).read_only_from == failed + grace
    assert read("past_due", day=5).read_only_from == failed + grace
    assert read("unpaid", day=6).read_only_from == failed + timedelta(days=6)
    assert read("active", day=8).read_only_from is None
    assert read("past_due", day=9).read_only_from == failed + timedelta(days=9) + grace


def test_a_failed_payment_is_borne_for_some_days(till: Till, settings: Settings) -> None:
    life.renew(till.stripe.store, till.subscribe(), pays=False)
    till.tell()
    till.write()
    begins = till.account.read_only_from
    assert begins == till.account.state_since + timedelta(days=settings.STRIPE_GRACE_DAYS)
    with tenant_scope(till.tenant.pk) as tenant:
        BillingAccount.objects.update(read_only_from=timezone.now())
        configuration.invalidate_configuration(tenant)
    with pytest.raises(TenantReadOnly):
        till.write()


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.BROKEN, Fault.CUT_BEFORE, Fault.CUT_AFTER])
def test_what_stripe_does_not_answer_is_asked_again(till: Till, fault: Fault) -> None:
    till.subscribe()
    till.stripe.faults.plan(fault, path=_READS)
    till.tell()
    let_time_pass(till)
    till.work()
    assert till.account.state == State.ACTIVE
    assert {item.status for item in till.items()} == {OutboxItem.Status.DONE}


def test_a_key_that_is_refused_puts_the_calls_on_hold_and_says_so(till: Till) -> None:
    till.subscribe()
    till.stripe.faults.plan(Fault.NO_ENTRY, path=_READS, times=50)
    till.tell()
    with tenant_scope(till.tenant.pk):
        (hold,) = OutboxHold.objects.all()
    assert "STRIPE_SECRET_KEY" in hold.reason
    till.stripe.faults.clear()
    let_time_pass(till)
    till.work()
    assert till.account.state == State.ACTIVE


def test_a_stripe_that_hangs_takes_few_of_a_workers_senders(till: Till) -> None:
    """Tenants have a channel each, so a channel's share of the senders does not bound it."""
    most = settings.OUTBOX_SENDERS // 8
    tills = [till, *(Till(till.stripe) for _ in range(most))]
    for one in tills:
        one.subscribe()
        for event in one.new_events():
            deliver(event)
    items = [one.items()[0] for one in tills]
    with ThreadPoolExecutor(len(items)) as pool:
        with till.stripe.store.lock:
            calls = [pool.submit(read_in_thread, item) for item in items]
            ended, _ = wait(calls, return_when=FIRST_COMPLETED, timeout=60)
            (refused,) = ended
            error = refused.exception()
        assert isinstance(error, ChannelOnHold)
        assert error.reason == "", "no person has to act"
    assert sum(call.exception() is None for call in calls) == most
    for one in tills:
        let_time_pass(one)
        one.work()
        assert one.account.state == State.ACTIVE


def read_in_thread(item: OutboxItem) -> None:
    """As a sender of the worker reads."""
    try:
        handlers.synchronize(item, kinds.Synchronize(reason="event"))
    finally:
        connection.close()


def test_a_worker_that_dies_before_it_records_reads_again(till: Till) -> None:
    """Killed between reading and recording, it leaves a lease, and nothing half done."""
    till.subscribe()
    for event in till.new_events():
        deliver(event)
    with tenant_scope(till.tenant.pk):
        first = OutboxItem.objects.order_by("pk").first()
    assert first is not None
    handlers.synchronize(first, kinds.Synchronize(reason="event"))
    assert till.account.state == State.NONE, "what was read is recorded with the item, or not"
    till.work()
    assert till.account.state == State.ACTIVE
    assert till.history() == [State.ACTIVE]


def test_calls_of_stripe_are_no_tenants_to_see_or_to_discard(till: Till) -> None:
    till.subscribe()
    till.tell()
    key = {"X-API-Key": new_key(till.tenant, "admin:read", "admin:write")}
    (item, *_) = till.items()
    listed = Client().get("/v2/admin/outbox", headers=key)
    assert (listed.status_code, listed.json()["data"]) == (200, [])
    address = f"/v2/admin/outbox/{item.pk}/discard"
    refused = Client().post(address, {}, content_type="application/json", headers=key)
    assert refused.status_code == 404
    connection.close()


def test_what_was_read_earlier_does_not_replace_what_was_read_later(till: Till) -> None:
    """A worker stands still between reading and recording, longer than its lease."""
    subscription = till.subscribe()
    till.tell()
    (item, *_) = till.items()
    subscription["status"] = "unpaid"
    record = handlers.synchronize(item, kinds.Synchronize(reason="event"))
    subscription["status"] = "active"
    deliver(till.stripe.store.tell("customer.subscription.updated", subscription))
    till.work()
    assert record is not None
    record()
    assert (till.account.state, till.account.read_only_from) == (State.ACTIVE, None)
    till.write()


def test_a_price_of_no_plan_changes_nothing_and_is_told(till: Till) -> None:
    till.subscribe()
    till.tell()
    price = till.stripe.store.get("price", till.price)
    price["lookup_key"] = "of-nobody:month"
    till.subscribe()
    till.tell()
    assert "of-nobody" in till.account.problem
    assert till.plan_now == till.plan
    till.write()


def test_a_price_without_a_name_is_of_its_products_plan(till: Till) -> None:
    """Who pays a price that another one has replaced goes on having its plan."""
    till.stripe.store.get("price", till.price).update(lookup_key=None, product=f"plan-{till.plan}")
    till.subscribe()
    till.tell()
    assert (till.plan_now, till.account.problem) == (till.plan, "")


def test_a_price_that_tells_of_no_plan_is_told(till: Till) -> None:
    till.stripe.store.get("price", till.price)["lookup_key"] = None
    till.subscribe()
    till.tell()
    assert (till.account.state, till.plan_now) == (State.ACTIVE, None)
    assert "lookup key" in till.account.problem


def test_the_plan_may_be_paid_beside_something_else(till: Till) -> None:
    subscription = till.subscribe()
    (item,) = subscription["items"]["data"]
    beyond = {**item["price"], "lookup_key": "messages-beyond:month", "product": "messages"}
    subscription["items"]["data"].insert(0, {**item, "price": beyond, "quantity": None})
    till.tell()
    assert (till.plan_now, till.account.problem) == (till.plan, "")


def test_two_subscriptions_of_one_customer_are_told(till: Till) -> None:
    till.subscribe()
    newer = till.subscribe()
    till.tell()
    assert till.account.subscription_id == newer["id"]
    assert "several" in till.account.problem


def test_a_status_that_is_new_to_us_leaves_everything_as_it_is(till: Till) -> None:
    subscription = till.subscribe()
    till.tell()
    subscription["status"] = "hibernating"
    deliver(till.stripe.store.tell("customer.subscription.updated", subscription))
    till.work()
    assert till.account.state == State.ACTIVE
    assert "hibernating" in till.account.problem


def test_a_status_that_is_new_to_us_is_not_taken_for_an_older_end(
    till: Till, settings: Settings
) -> None:
    settings.STRIPE_PLAN_AFTER_END = Till(till.stripe).plan
    life.end(till.stripe.store, till.subscribe())
    newer = till.subscribe()
    till.tell()
    newer["status"] = "hibernating"
    deliver(till.stripe.store.tell("customer.subscription.updated", newer))
    till.work()
    assert (till.account.state, till.plan_now) == (State.ACTIVE, till.plan)
    assert "hibernating" in till.account.problem
    till.write()


def test_a_customer_who_was_deleted_has_no_subscription(till: Till) -> None:
    till.subscribe()
    till.tell()
    life.delete_customer(till.stripe.store, till.customer)
    till.tell()
    assert till.account.state == State.CANCELED
    with pytest.raises(TenantReadOnly):
        till.write()


def test_a_deleted_customer_does_not_keep_what_it_paid_for(till: Till, settings: Settings) -> None:
    free = Till(till.stripe).plan
    settings.STRIPE_PLAN_AFTER_END = free
    till.subscribe()
    till.tell()
    life.delete_customer(till.stripe.store, till.customer)
    till.tell()
    assert (till.account.state, till.plan_now) == (State.CANCELED, free)
    till.write()


def test_a_key_of_another_account_cancels_nobody(till: Till) -> None:
    """It finds no customer at all, which says nothing about what they pay."""
    subscription = till.subscribe()
    till.tell()
    till.stripe.faults.plan(Fault.OTHER_ACCOUNT, times=50)
    deliver(till.stripe.store.tell("customer.subscription.updated", subscription))
    till.work()
    assert (till.account.state, till.plan_now) == (State.ACTIVE, till.plan)
    assert till.account.read_only_from is None
    assert "STRIPE_SECRET_KEY" in till.account.problem
    till.write()
    with tenant_scope(till.tenant.pk):
        (hold,) = OutboxHold.objects.all()
    assert "STRIPE_SECRET_KEY" in hold.reason
    till.stripe.faults.clear()
    let_time_pass(till)
    till.work()
    assert (till.account.state, till.account.problem) == (State.ACTIVE, "")


def test_a_week_without_webhooks_is_repaired_at_night(till: Till) -> None:
    subscription = till.subscribe()
    till.tell()
    life.renew(till.stripe.store, subscription, pays=False)
    life.end(till.stripe.store, subscription)
    till.new_events()
    with tenant_scope(till.tenant.pk):
        BillingAccount.objects.update(read_at=timezone.now() - timedelta(days=7))
    assert reconciliation.enqueue_overdue() >= 1
    reconciliation.enqueue_overdue()
    before = timezone.now()
    till.work()
    assert till.account.state == State.CANCELED
    # Other tests' accounts may be overdue still.
    assert till.account.read_at is not None
    assert till.account.read_at >= before, "it is not overdue any more"


def test_without_a_key_nothing_is_asked(till: Till, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with tenant_scope(till.tenant.pk):
        BillingAccount.objects.update(read_at=None)
    assert reconciliation.enqueue_overdue() == 0
    with tenant_scope(till.tenant.pk):
        BillingAccount.objects.update(read_at=timezone.now())


def test_an_event_about_one_tenant_leaves_the_other_alone(till: Till, acme: Tenant) -> None:
    other = Till(till.stripe)
    till.subscribe()
    till.tell()
    assert other.account.state == State.NONE
    assert other.items() == []
    with platform_scope("test"):
        assert not OutboxItem.objects.filter(tenant=acme, kind=kinds.SYNCHRONIZE.name).exists()
