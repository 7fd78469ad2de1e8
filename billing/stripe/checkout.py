"""Sending a tenant's people to Stripe's pages, where they pay and manage what they pay.

Each step is a transaction or a call, never both. What a call has done and could not tell is found
again by its idempotency key: pressing the button once more makes neither a second customer nor a
second page.
"""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from billing.errors import (
    AlreadySubscribed,
    NoBillingAccount,
    PlanNotForSale,
    StripeFailed,
    StripeNotConfigured,
)
from billing.models import BillingAccount, PlanPrice
from billing.stripe import api
from billing.stripe.failures import Missing, StripeFailure
from billing.subscriptions import services as subscriptions
from billing.subscriptions.states import State
from tenants import audit
from tenants.audit import Actor
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope

# Where people come back to; what they have paid is told by the webhook, not by their return.
_RETURN = "/admin/"
# In any other state there is a subscription, which the portal pays or lets go on.
_MAY_BUY = (State.NONE, State.CANCELED)


@dataclass(frozen=True, slots=True)
class _Buyer:
    """What is known before Stripe is asked."""

    name: str
    email: str
    trial_days: int
    lookup_key: str


def open_checkout(*, tenant_id: UUID, plan_code: str, interval: str, actor: Actor) -> str:
    """The address of a page where the tenant pays for a plan; call it outside of transactions.

    The page of an earlier call expires: one at a time, so that nobody pays twice. Raises
    StripeNotConfigured, PlanNotForSale, AlreadySubscribed and StripeFailed.
    """
    if not api.is_configured():
        raise StripeNotConfigured()
    buyer = _buyer(tenant_id, plan_code, interval)
    try:
        price = api.find_price(buyer.lookup_key)
        if price is None:
            raise PlanNotForSale(plan=plan_code[:40])
        account = _account(tenant_id, buyer)
        try:
            session_id, url = _page(account, buyer, price.id)
        except Missing:
            # With the key of another account of Stripe's nobody is known, and nobody is replaced.
            if not api.is_deleted(account.customer_id):
                raise
            account = _new_customer(tenant_id, buyer, replaced=account.customer_id)
            session_id, url = _page(account, buyer, price.id)
        if account.checkout_id and account.checkout_id != session_id:
            api.expire_checkout(account.checkout_id)
    except StripeFailure as failure:
        raise StripeFailed(f"Stripe did not do it: {failure}") from failure
    with tenant_scope(tenant_id) as tenant:
        BillingAccount.objects.filter(tenant=tenant).update(checkout_id=session_id)
        _note(tenant, actor, "billing.checkout_opened", {"price": buyer.lookup_key})
    return url


def open_portal(*, tenant_id: UUID, actor: Actor) -> str:
    """The address of a page where the tenant manages what it pays; outside of transactions.

    Raises StripeNotConfigured, NoBillingAccount and StripeFailed.
    """
    if not api.is_configured():
        raise StripeNotConfigured()
    with tenant_scope(tenant_id) as tenant:
        account = BillingAccount.objects.filter(tenant=tenant).first()
        if account is None:
            raise NoBillingAccount()
        _note(tenant, actor, "billing.portal_opened", {})
    try:
        return api.create_portal(account.customer_id, return_url=settings.PUBLIC_ORIGIN + _RETURN)
    except StripeFailure as failure:
        raise StripeFailed(f"Stripe did not do it: {failure}") from failure


def _buyer(tenant_id: UUID, plan_code: str, interval: str) -> _Buyer:
    with tenant_scope(tenant_id) as tenant:
        price = (
            PlanPrice.objects.filter(plan__code=plan_code, interval=interval, is_offered=True)
            .select_related("plan")
            .first()
        )
        if price is None:
            raise PlanNotForSale(plan=plan_code[:40])
        account = BillingAccount.objects.filter(tenant=tenant).first()
        if account is not None and account.state not in _MAY_BUY:
            raise AlreadySubscribed()
        has_had_one = account is not None and account.subscription_id != ""
        return _Buyer(
            name=tenant.name,
            email=_owner_email(tenant),
            trial_days=0 if has_had_one else price.trial_days,
            lookup_key=price.lookup_key,
        )


def _account(tenant_id: UUID, buyer: _Buyer) -> BillingAccount:
    """The tenant's account, with the customer that it is at Stripe."""
    with tenant_scope(tenant_id) as tenant:
        account = BillingAccount.objects.filter(tenant=tenant).first()
    if account is not None:
        return account
    return _new_customer(tenant_id, buyer)


def _new_customer(tenant_id: UUID, buyer: _Buyer, *, replaced: str = "") -> BillingAccount:
    customer_id = api.create_customer(
        tenant_id=tenant_id, name=buyer.name, email=buyer.email, replaced=replaced
    )
    with tenant_scope(tenant_id) as tenant:
        return subscriptions.open_account(tenant=tenant, customer_id=customer_id, replaced=replaced)


def _page(account: BillingAccount, buyer: _Buyer, price_id: str) -> tuple[str, str]:
    """Raises Missing where the customer was deleted."""
    return api.create_checkout(
        api.Checkout(
            tenant_id=account.tenant_id,
            customer_id=account.customer_id,
            price_id=price_id,
            trial_days=buyer.trial_days,
            return_url=settings.PUBLIC_ORIGIN + _RETURN,
        ),
        idempotency_key=f"checkout:{account.customer_id}:{account.checkout_id}:{price_id}",
    )


def _owner_email(tenant: Tenant) -> str:
    """Whom Stripe writes to; empty where nobody owns the tenant."""
    owners = Member.objects.filter(tenant=tenant, role=Member.Role.OWNER)
    return owners.order_by("created_at").values_list("user__email", flat=True).first() or ""


def _note(tenant: Tenant, actor: Actor, action: str, changes: dict[str, object]) -> None:
    audit.record(
        tenant=tenant,
        actor=actor,
        action=action,
        object_type="tenant",
        object_id=tenant.pk,
        changes=changes,
    )
