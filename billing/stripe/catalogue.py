"""Bringing Stripe's products and prices to what the plans say."""

from collections.abc import Iterator
from dataclasses import dataclass

from billing.models import Plan, PlanPrice
from billing.stripe import api
from billing.subscriptions import states


@dataclass(frozen=True, slots=True)
class Step:
    """What is so, or is to be done; `verb` is `same` where there is nothing to do."""

    verb: str
    what: str

    def __str__(self) -> str:
        return f"{self.verb} {self.what}"


def synchronize(*, is_dry_run: bool) -> Iterator[Step]:
    """Make products and prices that are missing or have changed, one step after another.

    A second run finds nothing to do. A price cannot be changed at Stripe: another one takes over
    its name, and who pays the old one goes on paying it. What Stripe has beyond the plans is told
    and left alone. Raises StripeFailure.
    """
    plans = Plan.objects.filter(prices__isnull=False).distinct().order_by("code")
    for plan in plans:
        yield _product(plan, is_dry_run=is_dry_run)
        prices = list(plan.prices.order_by("interval"))
        for price in prices:
            yield _price(price, is_dry_run=is_dry_run)
        yield from _strange(plan, {price.lookup_key for price in prices})


def product_id(plan: Plan) -> str:
    """The id of the plan's product."""
    return states.product_of(plan.code)


def _product(plan: Plan, *, is_dry_run: bool) -> Step:
    what = f"product {product_id(plan)}"
    name = api.find_product_name(product_id(plan))
    if name == plan.name:
        return Step("same", what)
    if not is_dry_run:
        if name is None:
            api.create_product(product_id(plan), plan.name)
        else:
            api.rename_product(product_id(plan), plan.name)
    return Step("create" if name is None else "rename", what)


def _price(price: PlanPrice, *, is_dry_run: bool) -> Step:
    what = f"price {price.lookup_key} {price.amount} {price.currency}"
    found = api.find_price(price.lookup_key)
    if not price.is_offered:
        if found is None:
            return Step("same", f"price {price.lookup_key} not offered")
        if not is_dry_run:
            api.retire_price(found.id)
        return Step("retire", what)
    if found is not None and (found.amount, found.currency) == (price.amount, price.currency):
        return Step("same", what)
    if not is_dry_run:
        api.create_price(
            product=product_id(price.plan),
            lookup_key=price.lookup_key,
            currency=price.currency,
            amount=price.amount,
            interval=price.interval,
            replaced=found.id if found else "",
        )
        if found is not None:
            api.retire_price(found.id)
    return Step("create" if found is None else "replace", what)


def _strange(plan: Plan, known: set[str]) -> Iterator[Step]:
    for found in api.prices_of(product_id(plan)):
        if found.lookup_key not in known:
            yield Step("strange", f"price {found.id} of {product_id(plan)}, which no plan names")
