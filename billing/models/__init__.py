"""What is sold, to whom, and how much of it is used."""

from billing.models.plans import Plan, Subscription

__all__ = ["Plan", "Subscription"]
