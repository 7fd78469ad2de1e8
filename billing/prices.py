"""Setting what plans cost."""

import re

import structlog

from billing.models import Interval, Plan, PlanPrice
from kernel.errors import InvalidParameter
from tenants.audit import Actor

logger = structlog.get_logger(__name__)

MAX_AMOUNT = 99_999_999
MAX_TRIAL_DAYS = 730
_CURRENCY = re.compile(r"[a-z]{3}")


def set_price(
    *,
    plan: Plan,
    interval: str,
    currency: str,
    amount: int,
    actor: Actor,
    trial_days: int = 0,
    is_offered: bool = True,
) -> PlanPrice:
    """Give the plan a price for an interval, or another one; raises InvalidParameter.

    Tenants that have the plan go on paying what they paid. Stripe learns it by the next
    `manage.py stripe_catalogue`; no tenant is concerned, so who did it stands in the log.
    """
    if interval not in Interval.values:
        raise _refused("interval", f"Use one of {', '.join(Interval.values)}.")
    if not _CURRENCY.fullmatch(currency):
        raise _refused("currency", "Use three small letters, such as eur.")
    if not 1 <= amount <= MAX_AMOUNT:
        raise _refused("amount", f"Use a whole number from 1 to {MAX_AMOUNT}.")
    if not 0 <= trial_days <= MAX_TRIAL_DAYS:
        raise _refused("trial_days", f"Use a whole number from 0 to {MAX_TRIAL_DAYS}.")
    price, _ = PlanPrice.objects.update_or_create(
        plan=plan,
        interval=interval,
        defaults={
            "currency": currency,
            "amount": amount,
            "trial_days": trial_days,
            "is_offered": is_offered,
        },
    )
    logger.info(
        "plan_price_set",
        price=price.lookup_key,
        amount=amount,
        currency=currency,
        actor_kind=actor.kind,
        actor_id=actor.id,
    )
    return price


def _refused(field: str, sentence: str) -> InvalidParameter:
    return InvalidParameter(f"{field}: {sentence}", details={field: [sentence]})
