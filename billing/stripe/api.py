"""The calls of Stripe's API, through its own package; never inside a transaction.

The package takes 34 MiB, so it is loaded with the first call and not with the app: a web process
makes few.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from billing.errors import StripeNotConfigured
from billing.stripe.failures import Missing, telling_failures
from billing.subscriptions.states import Reading

if TYPE_CHECKING:
    from stripe import StripeClient

# What is asked for and what is read is of this version; a webhook endpoint is made with the same.
API_VERSION = "2026-10-28.endive"
_TIMEOUT_SECONDS = 20.0
_MAX_SUBSCRIPTIONS = 100


def is_configured() -> bool:
    """Whether tenants can pay at all; without it no page speaks of money."""
    return bool(settings.STRIPE_SECRET_KEY)


def subscriptions_of(customer_id: str) -> list[Reading]:
    """Every subscription that the customer has or had, the newest first.

    None for a customer that Stripe has forgotten. Raises StripeFailure.
    """
    try:
        with telling_failures():
            page = _client().v1.subscriptions.list(
                {"customer": customer_id, "status": "all", "limit": _MAX_SUBSCRIPTIONS}
            )
    except Missing:
        return []
    return [_reading(subscription.to_dict()) for subscription in page.data]


def _reading(subscription: dict[str, Any]) -> Reading:
    items = subscription["items"]["data"]
    first = items[0] if items else {}
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
        lookup_key=first.get("price", {}).get("lookup_key") or "",
        quantity=first.get("quantity") or 1,
        current_period_end=_moment(period_end),
        trial_end=_moment(subscription.get("trial_end")),
        cancel_at=_moment(cancel_at),
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


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
