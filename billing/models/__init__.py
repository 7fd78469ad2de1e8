"""What is sold, to whom, how much of it is used, and how it is paid."""

from billing.models.accounts import BillingAccount
from billing.models.plans import Plan, Subscription
from billing.models.prices import Interval, PlanPrice
from billing.models.stripe_events import StripeEvent
from billing.models.usage import (
    LimitOverride,
    LimitReached,
    Metered,
    UsageDay,
    UsageFact,
    UsageHour,
)

__all__ = [
    "BillingAccount",
    "Interval",
    "LimitOverride",
    "LimitReached",
    "Metered",
    "Plan",
    "PlanPrice",
    "StripeEvent",
    "Subscription",
    "UsageDay",
    "UsageFact",
    "UsageHour",
]
