"""A tenant's way to Stripe's pages, from the call of its server to the plan that it gets."""

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from billing import prices
from billing.models import BillingAccount, Plan
from billing.stripe import catalogue
from billing.subscriptions.states import State
from billing.tests.till import Till
from stripe_simulator import life
from stripe_simulator.faults import Fault
from stripe_simulator.server import Simulator
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Member, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import add_member, create_tenant
from tests.admin_v2.conftest import new_key


class Buyer:
    """A tenant that has bought nothing yet, and its server's key."""

    def __init__(self, till: Till) -> None:
        self.stripe: Simulator = till.stripe
        self.plan = till.plan
        self.tenant: Tenant = create_tenant(slug=f"b-{uuid4().hex}", name="Bakery", actor=SYSTEM)
        self.email = f"{uuid4().hex}@bakery.example"
        owner = User.objects.create_user(self.email)
        with tenant_scope(self.tenant.pk) as tenant:
            add_member(tenant=tenant, user=owner, role=Member.Role.OWNER, actor=SYSTEM)
        self.key = new_key(self.tenant, "billing:write")

    def call(self, what: str, body: Any) -> Any:
        """A call of /v2/admin/billing."""
        answer = Client().post(
            f"/v2/admin/billing/{what}",
            body,
            content_type="application/json",
            headers={"X-API-Key": self.key},
        )
        connection.close()
        return answer

    def checkout(self, **body: str) -> Any:
        """Ask for a page to pay on."""
        return self.call("checkout", {"plan": self.plan, **body})

    @property
    def account(self) -> BillingAccount:
        """What we know of the tenant's payment."""
        with tenant_scope(self.tenant.pk):
            return BillingAccount.objects.get()

    def things(self, kind: str) -> list[dict[str, Any]]:
        """What Stripe has of the tenant's."""
        if kind == "customer":
            rows = self.stripe.store.rows(kind)
            return [one for one in rows if one["metadata"].get("tenant") == str(self.tenant.pk)]
        customers = {one["id"] for one in self.things("customer")}
        return [one for one in self.stripe.store.rows(kind) if one["customer"] in customers]


def code_of(answer: Any) -> tuple[int, str]:
    """How a call was refused."""
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def buyer(till: Till) -> Buyer:
    plan = Plan.objects.get(code=till.plan)
    prices.set_price(plan=plan, interval="month", currency="eur", amount=1900, actor=SYSTEM)
    list(catalogue.synchronize(is_dry_run=False))
    return Buyer(till)


def test_a_person_pays_on_the_page_and_the_tenant_has_the_plan(buyer: Buyer, till: Till) -> None:
    answer = buyer.checkout()
    assert answer.status_code == 200
    url = answer.json()["url"]
    assert "Pay" in requests.get(url, timeout=10).text
    done = requests.post(url, {"do": "pay"}, timeout=10, allow_redirects=False)
    assert done.status_code == 303
    till.tell()
    account = buyer.account
    assert (account.state, account.lookup_key) == (State.ACTIVE, f"{buyer.plan}:month")
    (customer,) = buyer.things("customer")
    assert (customer["id"], customer["email"]) == (account.customer_id, buyer.email)
    assert code_of(buyer.checkout()) == (409, "already_subscribed")
    with tenant_scope(buyer.tenant.pk):
        actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"billing.account_opened", "billing.checkout_opened"} <= actions


def test_staff_can_send_people_to_their_page(buyer: Buyer, till: Till) -> None:
    def page() -> str:
        out = StringIO()
        call_command("payment_page", buyer.tenant.slug, "--plan", buyer.plan, stdout=out)
        return out.getvalue().strip()

    requests.post(page(), {"do": "pay"}, timeout=10, allow_redirects=False)
    till.tell()
    assert buyer.account.state == State.ACTIVE
    assert "/p/session/" in page(), "where there is a subscription, the portal"
    with pytest.raises(CommandError, match="no tenant"):
        call_command("payment_page", "nobody", "--plan", buyer.plan)


def test_a_refused_card_buys_nothing(buyer: Buyer, till: Till) -> None:
    url = buyer.checkout().json()["url"]
    requests.post(url, {"do": "fail"}, timeout=10)
    till.tell()
    assert buyer.account.state == State.NONE
    assert buyer.things("subscription") == []


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/checkout/sessions"])
def test_a_call_whose_answer_was_lost_is_made_once(buyer: Buyer, path: str) -> None:
    buyer.stripe.faults.plan(Fault.CUT_AFTER, path=path)
    assert code_of(buyer.checkout()) == (409, "stripe_failed")
    assert buyer.checkout().status_code == 200
    assert len(buyer.things("customer")) == 1
    assert len(buyer.things("checkout.session")) == 1


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.BROKEN, Fault.CUT_BEFORE, Fault.NO_ENTRY])
def test_a_stripe_that_does_not_answer_is_told(buyer: Buyer, fault: Fault) -> None:
    buyer.stripe.faults.plan(fault)
    assert code_of(buyer.checkout()) == (409, "stripe_failed")
    assert buyer.checkout().status_code == 200


def test_the_page_of_an_earlier_call_expires(buyer: Buyer) -> None:
    first, second = (buyer.checkout().json()["url"] for _ in range(2))
    assert first != second
    assert "expired" in requests.get(first, timeout=10).text
    assert [one["status"] for one in buyer.things("checkout.session")] == ["open", "expired"]


def test_a_trial_is_for_the_first_subscription_only(buyer: Buyer, till: Till) -> None:
    plan = Plan.objects.get(code=buyer.plan)
    prices.set_price(
        plan=plan, interval="month", currency="eur", amount=1900, trial_days=14, actor=SYSTEM
    )
    requests.post(buyer.checkout().json()["url"], {"do": "pay"}, timeout=10, allow_redirects=False)
    till.tell()
    assert buyer.account.state == State.TRIALING
    portal = buyer.call("portal", {}).json()["url"]
    subscription = buyer.account.subscription_id
    requests.post(portal, {"do": "cancel", "id": subscription}, timeout=10)
    till.tell()
    assert buyer.account.cancel_at is not None
    buyer.stripe.api.answer("DELETE", f"/v1/subscriptions/{subscription}", {}, None)
    till.tell()
    assert buyer.account.state == State.CANCELED
    requests.post(buyer.checkout().json()["url"], {"do": "pay"}, timeout=10, allow_redirects=False)
    till.tell()
    assert buyer.account.state == State.ACTIVE


def test_a_customer_who_was_deleted_can_buy_again(buyer: Buyer, till: Till) -> None:
    requests.post(buyer.checkout().json()["url"], {"do": "pay"}, timeout=10, allow_redirects=False)
    till.tell()
    deleted = buyer.account.customer_id
    life.delete_customer(till.stripe.store, deleted)
    till.tell()
    assert buyer.account.state == State.CANCELED
    requests.post(buyer.checkout().json()["url"], {"do": "pay"}, timeout=10, allow_redirects=False)
    till.tell()
    assert buyer.account.state == State.ACTIVE
    assert buyer.account.customer_id != deleted


def test_only_what_is_for_sale_can_be_bought(buyer: Buyer) -> None:
    assert code_of(buyer.checkout(interval="year")) == (404, "plan_not_for_sale")
    assert code_of(buyer.checkout(interval="week"))[0] == 400
    assert code_of(buyer.checkout(plan="no-such-plan")) == (404, "plan_not_for_sale")
    plan = Plan.objects.get(code=buyer.plan)
    prices.set_price(plan=plan, interval="year", currency="eur", amount=19000, actor=SYSTEM)
    refused = code_of(buyer.checkout(interval="year"))
    assert refused == (404, "plan_not_for_sale"), "Stripe has not been told yet"


def test_there_is_no_portal_before_anything_was_bought(buyer: Buyer) -> None:
    assert code_of(buyer.call("portal", {})) == (404, "no_billing_account")


def test_nobody_pays_where_nothing_is_set_up(buyer: Buyer, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert code_of(buyer.checkout()) == (409, "stripe_not_configured")
    assert code_of(buyer.call("portal", {})) == (409, "stripe_not_configured")


def test_a_key_needs_the_scope(buyer: Buyer) -> None:
    buyer.key = new_key(buyer.tenant, "settings:write")
    assert code_of(buyer.checkout()) == (403, "insufficient_scope")


def test_taxes_are_stripes_where_it_is_set_so(buyer: Buyer, settings: Settings) -> None:
    settings.STRIPE_AUTOMATIC_TAX = True
    assert buyer.checkout().status_code == 200
    *_, (_, path, given) = buyer.stripe.api.calls
    assert path == "/v1/checkout/sessions"
    assert given["automatic_tax"] == {"enabled": "true"}
