"""Staff look at what Stripe has sent, and have it acted on again."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from billing.models import StripeEvent
from billing.stripe import kinds
from billing.subscriptions.services import open_account
from outbox.models import OutboxItem
from tenants.models import AuditEntry, Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.rows import new_stripe_event
from tests.staff import words


@pytest.fixture
def event(db: None) -> StripeEvent:
    """One that came before anybody was its customer."""
    with platform_scope("tests"):
        return new_stripe_event()


def page(event: StripeEvent, what: str = "change") -> str:
    """An address about the event."""
    address = reverse("admin:billing_stripeevent_change", args=[event.pk])
    return address.replace("/change/", f"/{what}/")


def test_an_event_of_nobodys_customer_is_shown_and_stays(
    console: Client, event: StripeEvent
) -> None:
    assert "Of a customer that no tenant has" in words(console.get(page(event)))
    assert "No tenant is this customer" in words(
        console.post(page(event, "act-again"), {"confirmed": "1"}, follow=True)
    )


def test_an_event_is_acted_on_again(console: Client, event: StripeEvent, workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        open_account(tenant=tenant, customer_id=event.customer_id)
    assert "read of Stripe once more" in words(console.get(page(event, "act-again")))
    for _ in range(2):
        console.post(page(event, "act-again"), {"confirmed": "1"})
    with tenant_scope(workspace.pk):
        assert OutboxItem.objects.filter(kind=kinds.SYNCHRONIZE.name).count() == 2
        entries = AuditEntry.objects.filter(action="billing.read_again")
        assert {entry.actor_kind for entry in entries} == {"staff"}


def test_nothing_speaks_of_money_where_nobody_can_pay(console: Client, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert "Stripe" not in words(console.get(reverse("admin:index")))
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    assert "Stripe's events" in words(console.get(reverse("admin:index")))
