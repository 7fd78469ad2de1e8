"""What is to be done at Stripe, as outbox items."""

from hashlib import sha256

from billing.stripe import kinds
from outbox import services as outbox
from tenants.models import Tenant

# Each tenant's own: one whose calls are on hold holds no other's.
CHANNEL = "stripe"


def synchronize(tenant: Tenant, *, reason: str) -> None:
    """Have the worker read the tenant's subscription; the same reason again is the same item.

    Items of a tenant leave one after another. One whose worker stood still longer than its lease is
    recorded late all the same; what it read earlier is then passed over (`take_over`).
    """
    effect = kinds.SYNCHRONIZE.effect(
        kinds.Synchronize(reason=reason.partition(":")[0]),
        ordering_key=f"stripe:{tenant.pk}",
        # An event's id may be longer than a key.
        idempotency_key=f"stripe:{sha256(reason.encode()).hexdigest()}",
        channel=CHANNEL,
    )
    outbox.enqueue(tenant=tenant, effects=[effect])
