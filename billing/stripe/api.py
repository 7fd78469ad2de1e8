"""The calls of Stripe's API, through its own package; never inside a transaction.

The package takes 34 MiB, so it is loaded with the first call and not with the app: a web process
makes few.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from billing.errors import StripeNotConfigured
from billing.stripe.failures import Missing, Refused, UnknownCustomer, telling_failures
from billing.subscriptions import states
from billing.subscriptions.states import Reading

if TYPE_CHECKING:
    from stripe import StripeClient


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a tenant is about to buy."""

    tenant_id: UUID
    customer_id: str
    price_id: str
    trial_days: int
    return_url: str


@dataclass(frozen=True, slots=True)
class Price:
    """A price as Stripe has it; `amount` in the currency's smallest unit."""

    id: str
    lookup_key: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a period has cost; `amount` in the currency's smallest unit."""

    number: str
    status: str
    amount: int
    currency: str
    created_at: datetime
    url: str


# What is asked for and what is read is of this version; a webhook endpoint is made with the same.
API_VERSION = "2026-10-28.endive"
_TIMEOUT_SECONDS = 20.0
_MAX_SUBSCRIPTIONS = 100
MAX_INVOICES = 24


def is_configured() -> bool:
    """Whether tenants can pay at all; without it no page speaks of money."""
    return bool(settings.STRIPE_SECRET_KEY)


def subscriptions_of(customer_id: str) -> list[Reading]:
    """Every subscription that the customer has or had, the newest first.

    None for a customer that was deleted. Raises UnknownCustomer and other StripeFailures.
    """
    try:
        with telling_failures():
            page = _client().v1.subscriptions.list(
                {"customer": customer_id, "status": "all", "limit": _MAX_SUBSCRIPTIONS}
            )
    except Missing as missing:
        # A key of another account says this of every customer.
        if not is_deleted(customer_id):
            raise UnknownCustomer(
                f"Stripe has no customer {customer_id}, nor did it delete one: STRIPE_SECRET_KEY "
                "is of another account or mode."
            ) from missing
        return []
    return [_reading(subscription.to_dict()) for subscription in page.data]


def is_deleted(customer_id: str) -> bool:
    """Whether Stripe itself says so; it goes on knowing those that were deleted."""
    try:
        with telling_failures():
            customer = _client().v1.customers.retrieve(customer_id)
    except Missing:
        return False
    return customer.to_dict().get("deleted") is True


def _reading(subscription: dict[str, Any]) -> Reading:
    items = subscription["items"]["data"]
    # One of several may be for something else, such as messages beyond the plan's.
    prices = [item.get("price") or {} for item in items]
    lookup_keys = [price["lookup_key"] for price in prices if price.get("lookup_key")]
    products = [price["product"] for price in prices if isinstance(price.get("product"), str)]
    # Of several items each may have its own; what is paid for ends with the last one.
    period_end = max((item["current_period_end"] for item in items), default=None)
    # With one billing mode only one of the two is set.
    cancel_at = subscription.get("cancel_at")
    if cancel_at is None and subscription.get("cancel_at_period_end"):
        cancel_at = period_end
    return Reading(
        subscription_id=subscription["id"],
        status=subscription["status"],
        created_at=datetime.fromtimestamp(subscription["created"], UTC),
        lookup_key=next(iter(lookup_keys), ""),
        plan_codes=states.plan_codes(lookup_keys=lookup_keys, products=products),
        quantity=next((item["quantity"] for item in items if item.get("quantity")), 1),
        current_period_end=_moment(period_end),
        trial_end=_moment(subscription.get("trial_end")),
        cancel_at=_moment(cancel_at),
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def create_customer(*, tenant_id: UUID, name: str, email: str, replaced: str) -> str:
    """The id of the tenant's customer; the same one, however often it is asked for in a day.

    `replaced` is the one before, which was deleted; empty for the first.
    """
    with telling_failures():
        made = _client().v1.customers.create(
            {
                "name": name,
                **({"email": email} if email else {}),
                "metadata": {"tenant": str(tenant_id)},
            },
            {"idempotency_key": f"customer:{tenant_id}:{replaced}"},
        )
    return made.id


def create_checkout(wanted: Checkout, *, idempotency_key: str) -> tuple[str, str]:
    """Id and address of a page where the tenant pays; the same one for the same key."""
    tenant = str(wanted.tenant_id)
    trial = {"trial_period_days": wanted.trial_days} if wanted.trial_days else {}
    tax: dict[str, Any] = {}
    if settings.STRIPE_AUTOMATIC_TAX:
        tax = {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto"}}
    asked: Any = {
        "mode": "subscription",
        "customer": wanted.customer_id,
        "client_reference_id": tenant,
        "line_items": [{"price": wanted.price_id, "quantity": 1}],
        "allow_promotion_codes": True,
        "success_url": wanted.return_url,
        "cancel_url": wanted.return_url,
        "subscription_data": {"metadata": {"tenant": tenant}, **trial},
        **tax,
    }
    with telling_failures():
        made = _client().v1.checkout.sessions.create(asked, {"idempotency_key": idempotency_key})
    return made.id, made.url or ""


def expire_checkout(session_id: str) -> None:
    """Nobody can pay on that page any more; one that is over already stays so."""
    with suppress(Refused), telling_failures():
        _client().v1.checkout.sessions.expire(session_id)


def create_portal(customer_id: str, *, return_url: str) -> str:
    """The address of a page where the tenant manages what it pays: good for a short time."""
    with telling_failures():
        made = _client().v1.billing_portal.sessions.create(
            {"customer": customer_id, "return_url": return_url}
        )
    return made.url


def invoices_of(customer_id: str) -> list[Invoice]:
    """The customer's last invoices, the newest first; none of one that was deleted."""
    try:
        with telling_failures():
            page = _client().v1.invoices.list({"customer": customer_id, "limit": MAX_INVOICES})
    except Missing:
        return []
    shown: list[dict[str, Any]] = [one.to_dict() for one in page.data]
    return [
        Invoice(
            number=one.get("number") or "",
            status=one.get("status") or "draft",
            amount=one["total"],
            currency=one["currency"],
            created_at=datetime.fromtimestamp(one["created"], UTC),
            url=one.get("hosted_invoice_url") or "",
        )
        for one in shown
    ]


def find_price(lookup_key: str) -> Price | None:
    """The price that is sold under this name at present."""
    with telling_failures():
        page = _client().v1.prices.list({"lookup_keys": [lookup_key], "active": True})
    return next((_price(one) for one in page.data), None)


def prices_of(product_id: str) -> list[Price]:
    """What is sold of a product at present."""
    with telling_failures():
        page = _client().v1.prices.list({"product": product_id, "active": True, "limit": 100})
    return [_price(one) for one in page.data]


def find_product_name(product_id: str) -> str | None:
    """What a product is called; None when there is none."""
    try:
        with telling_failures():
            return _client().v1.products.retrieve(product_id).name
    except Missing:
        return None


def create_product(product_id: str, name: str) -> None:
    """Make it; by its id it is made once."""
    with telling_failures():
        _client().v1.products.create({"id": product_id, "name": name})


def rename_product(product_id: str, name: str) -> None:
    """Call it something else."""
    with telling_failures():
        _client().v1.products.update(product_id, {"name": name})


def create_price(
    *, product: str, lookup_key: str, currency: str, amount: int, interval: str, replaced: str
) -> None:
    """Make it, and let it take over the name of the one that it replaces."""
    with telling_failures():
        _client().v1.prices.create(
            {
                "product": product,
                "lookup_key": lookup_key,
                "transfer_lookup_key": True,
                "currency": currency,
                "unit_amount": amount,
                "recurring": {"interval": "year" if interval == "year" else "month"},
            },
            {"idempotency_key": f"price:{lookup_key}:{currency}:{amount}:{replaced}"},
        )


def retire_price(price_id: str) -> None:
    """Sell it no more; who pays it goes on paying it."""
    with telling_failures():
        _client().v1.prices.update(price_id, {"active": False})


def _price(price: Any) -> Price:
    shown: dict[str, Any] = price.to_dict()
    return Price(
        id=shown["id"],
        lookup_key=shown.get("lookup_key") or "",
        currency=shown["currency"],
        amount=shown.get("unit_amount") or 0,
    )


def _client() -> "StripeClient":
    if not is_configured():
        raise StripeNotConfigured()
    return _client_of(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL)


@lru_cache(maxsize=1)
def _client_of(key: str, url: str) -> "StripeClient":
    from stripe import RequestsClient, StripeClient

    return StripeClient(
        key,
        base_addresses={"api": url},
        stripe_version=API_VERSION,
        # The outbox repeats what fails, and people press the button again.
        max_network_retries=0,
        http_client=RequestsClient(timeout=_TIMEOUT_SECONDS),
    )
