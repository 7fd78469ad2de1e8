"""A tenant that pays at a simulated Stripe, and the way of each event to us."""

import random
import time
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client

from billing import services
from billing.models import BillingAccount, StripeEvent
from billing.selectors import find_plan_of
from billing.stripe import kinds
from billing.subscriptions.services import open_account
from conversations import services as conversations
from outbox.dispatcher import Drain
from outbox.models import OutboxItem
from stripe_simulator import life
from stripe_simulator.deliveries import payload_of, signature
from stripe_simulator.server import Simulator
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_tenant

SECRET = "whsec_simulated_secret_of_the_tests_0001"
WEBHOOK = "/v1/stripe/webhook"


class Till:
    """One tenant as a customer of Stripe."""

    def __init__(self, stripe: Simulator) -> None:
        self.stripe = stripe
        self.tenant: Tenant = create_tenant(slug=f"till-{uuid4().hex}", name="T", actor=SYSTEM)
        self.plan = f"team-{uuid4().hex[:20]}"
        services.create_plan(code=self.plan, name="Team", actor=SYSTEM)
        self._key = f"{self.plan}:month"
        self.customer = self._call("customers", {"name": "T"})["id"]
        self._call("products", {"id": self.plan, "name": "Team"})
        self.price = self._call(
            "prices",
            {
                "product": self.plan,
                "currency": "eur",
                "unit_amount": "1900",
                "lookup_key": self._key,
                "recurring": {"interval": "month"},
            },
        )["id"]
        with tenant_scope(self.tenant.pk) as tenant:
            open_account(tenant=tenant, customer_id=self.customer)
        self.delivered = len(stripe.store.events)

    def _call(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        return self.stripe.api.answer("POST", f"/v1/{path}", given, None)[1]

    def checkout(self, **subscription_data: Any) -> dict[str, Any]:
        """A session whose page a person has open."""
        shown = self._call(
            "checkout/sessions",
            {
                "mode": "subscription",
                "customer": self.customer,
                "line_items": [{"price": self.price, "quantity": "1"}],
                "success_url": "http://127.0.0.1/",
                "subscription_data": subscription_data,
            },
        )
        return self.stripe.store.get("checkout.session", shown["id"])

    def subscribe(self, **subscription_data: Any) -> dict[str, Any]:
        """A person pays on Stripe's page; nothing of it is told to us yet."""
        return life.pay(self.stripe.store, self.checkout(**subscription_data))

    def new_events(self) -> list[dict[str, Any]]:
        """What has happened at Stripe since this was asked last."""
        found = self.stripe.store.events[self.delivered :]
        self.delivered = len(self.stripe.store.events)
        return found

    def tell(self, *, shuffled: random.Random | None = None, twice: bool = False) -> None:
        """Deliver what has happened, then let the worker act."""
        events = self.new_events()
        events += events if twice else []
        if shuffled is not None:
            shuffled.shuffle(events)
        for event in events:
            assert deliver(event).status_code == 200
        self.work()

    def work(self) -> int:
        """The worker acts on all that waits."""
        return Drain(senders=2, kinds=[kinds.SYNCHRONIZE.name]).run()

    @property
    def account(self) -> BillingAccount:
        """What we know of the tenant's payment."""
        with tenant_scope(self.tenant.pk):
            return BillingAccount.objects.get()

    @property
    def plan_now(self) -> str | None:
        """The code of the plan that the tenant has."""
        with tenant_scope(self.tenant.pk) as tenant:
            plan = find_plan_of(tenant)
            return plan.code if plan else None

    def history(self) -> list[str]:
        """The states that the audit trail tells of, in order."""
        with tenant_scope(self.tenant.pk):
            entries = AuditEntry.objects.filter(action="billing.state_changed").order_by("at")
            return [entry.changes["state"][1] for entry in entries]

    def items(self) -> list[OutboxItem]:
        """What the worker has to do, or has done."""
        with tenant_scope(self.tenant.pk):
            return list(OutboxItem.objects.order_by("pk"))

    def write(self) -> None:
        """A customer starts a conversation and writes; raises what refuses it."""
        with tenant_scope(self.tenant.pk) as tenant:
            started = conversations.start_conversation(tenant=tenant, customer_name="", locale="en")
            conversations.add_customer_message(
                tenant=tenant, conversation_id=started.pk, text="Hello"
            )


def deliver(
    event: dict[str, Any], *, secret: str = SECRET, age_seconds: int = 0, path: str = WEBHOOK
) -> Any:
    """Stripe's call with an event, as old as this and signed with that."""
    payload = payload_of(event)
    return post(payload, signature(payload, secret, at=int(time.time()) - age_seconds), path)


def post(payload: bytes, header: str, path: str = WEBHOOK) -> Any:
    """A call with this body and this signature."""
    answer = Client().post(
        path, payload, content_type="application/json", headers={"Stripe-Signature": header}
    )
    connection.close()
    return answer


def recorded(event_id: str) -> StripeEvent | None:
    """The event as we keep it."""
    with platform_scope("test"):
        return StripeEvent.objects.filter(pk=event_id).first()
