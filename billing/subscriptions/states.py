"""The states of a subscription and what each means for the tenant: pure functions of what was read.

docs/operations.md has the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices


class State(TextChoices):
    """What a tenant's payment is like; Stripe's words, and one for a tenant without any."""

    NONE = "none", "No subscription"
    TRIALING = "trialing", "On trial"
    ACTIVE = "active", "Paid"
    PAST_DUE = "past_due", "Payment has failed"
    UNPAID = "unpaid", "Not paid"
    PAUSED = "paused", "Paused"
    CANCELED = "canceled", "Ended"


#: The plan is the tenant's.
SERVED = frozenset({State.TRIALING, State.ACTIVE, State.PAST_DUE})
# Which of several subscriptions counts: the first group that has one, of that the newest.
_PREFERENCE = (SERVED, frozenset({State.UNPAID, State.PAUSED}), frozenset({State.CANCELED}))
# The first payment was never made: it has not begun, whatever was before it goes on.
_NOT_BEGUN = frozenset({"incomplete", "incomplete_expired"})
_PRODUCT = "plan-"


@dataclass(frozen=True, slots=True)
class Reading:
    """One subscription as Stripe has it; `status` may be a word that we do not know."""

    subscription_id: str
    status: str
    created_at: datetime
    lookup_key: str = ""
    # Plans that its prices may be for, the likeliest first; there may be none of such a code.
    plan_codes: tuple[str, ...] = ()
    quantity: int = 1
    current_period_end: datetime | None = None
    trial_end: datetime | None = None
    cancel_at: datetime | None = None

    @property
    def state(self) -> State | None:
        """None for one that has not begun, or whose status nobody has told us of."""
        return State(self.status) if self.status in State.values else None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator has decided."""

    # How long a tenant whose payment has failed is served.
    grace: timedelta
    # Whether a plan without a price takes the place of one that has ended.
    has_plan_after_end: bool


def choose(readings: Sequence[Reading]) -> Reading | None:
    """The one subscription of a customer that counts; None without any."""
    for group in _PREFERENCE:
        found = [reading for reading in readings if reading.state in group]
        if found:
            return max(found, key=lambda reading: (reading.created_at, reading.subscription_id))
    return None


def unknown_statuses(readings: Sequence[Reading]) -> list[str]:
    """Statuses that this version has never heard of."""
    return sorted(
        {one.status for one in readings if one.state is None and one.status not in _NOT_BEGUN}
    )


def are_several_served(readings: Sequence[Reading]) -> bool:
    """Whether a customer pays twice, as after two checkouts at the same time."""
    return sum(reading.state in SERVED for reading in readings) > 1


def read_only_from(state: State, since: datetime, rules: Rules) -> datetime | None:
    """From when on customers can only read; None: not because of this state."""
    if state == State.PAST_DUE:
        return since + rules.grace
    if state in (State.UNPAID, State.PAUSED):
        return since
    if state == State.CANCELED and not rules.has_plan_after_end:
        return since
    return None


def is_unclear(readings: Sequence[Reading]) -> bool:
    """Whether a word that is new to us may mean that the tenant is served."""
    chosen = choose(readings)
    return bool(unknown_statuses(readings)) and (chosen is None or chosen.state not in SERVED)


def plan_of(lookup_key: str) -> str:
    """The code of the plan that a price is for: `team-20` of `team-20:month`."""
    return lookup_key.partition(":")[0]


def product_of(plan_code: str) -> str:
    """The id of a plan's product at Stripe; chosen by us, so that making it twice makes one."""
    return f"{_PRODUCT}{plan_code}"


def plan_codes(*, lookup_keys: Sequence[str], products: Sequence[str]) -> tuple[str, ...]:
    """The codes of the plans that prices with these names, of these products, may be for.

    A price that another one has replaced has lost its name to it, and still has its product.
    """
    named = [plan_of(one) for one in lookup_keys]
    made = [one.removeprefix(_PRODUCT) for one in products if one.startswith(_PRODUCT)]
    return tuple(dict.fromkeys([*named, *made]))
