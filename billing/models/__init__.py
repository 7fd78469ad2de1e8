"""What is sold, to whom, and how much of it is used."""

from billing.models.plans import Grace, Plan, Subscription
from billing.models.usage import (
    LimitOverride,
    LimitReached,
    Metered,
    UsageDay,
    UsageFact,
    UsageHour,
)

__all__ = [
    "Grace",
    "LimitOverride",
    "LimitReached",
    "Metered",
    "Plan",
    "Subscription",
    "UsageDay",
    "UsageFact",
    "UsageHour",
]
