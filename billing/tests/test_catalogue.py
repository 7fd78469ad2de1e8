"""`manage.py stripe_catalogue`: Stripe sells what the plans say."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from billing import prices
from billing.models import Plan
from billing.stripe import api
from billing.tests.till import Till
from kernel.errors import InvalidParameter
from stripe_simulator.faults import Fault
from tenants.audit import SYSTEM


def told(till: Till, *options: str) -> list[str]:
    """What the command says of the tenant's plan, each line without the plan's code."""
    out = StringIO()
    call_command("stripe_catalogue", *options, stdout=out)
    return [
        line.replace(till.plan, "team") for line in out.getvalue().splitlines() if till.plan in line
    ]


def price(till: Till, amount: int, interval: str = "month", *, is_offered: bool = True) -> None:
    """What the plan costs from now on."""
    prices.set_price(
        plan=Plan.objects.get(code=till.plan),
        interval=interval,
        currency="eur",
        amount=amount,
        is_offered=is_offered,
        actor=SYSTEM,
    )


def test_what_is_missing_is_made_and_a_second_run_finds_nothing(till: Till) -> None:
    price(till, 19000, "year")
    planned = told(till, "--dry-run")
    assert planned == ["create product plan-team", "create price team:year 19000 eur"]
    assert api.find_price(f"{till.plan}:year") is None
    assert told(till) == planned
    assert told(till) == ["same product plan-team", "same price team:year 19000 eur"]


def test_another_amount_is_another_price_under_the_same_name(till: Till) -> None:
    price(till, 19000, "year")
    told(till)
    before = api.find_price(f"{till.plan}:year")
    price(till, 21000, "year")
    assert "replace price team:year 21000 eur" in told(till)
    after = api.find_price(f"{till.plan}:year")
    assert before is not None and after is not None
    assert (after.amount, after.id != before.id) == (21000, True)
    old = till.stripe.store.get("price", before.id)
    assert (old["active"], old["unit_amount"]) == (False, 19000)
    price(till, 19000, "year")
    assert "replace price team:year 19000 eur" in told(till), "and back again"


def test_a_plan_is_called_at_stripe_what_it_is_called_here(till: Till) -> None:
    price(till, 19000, "year")
    told(till)
    Plan.objects.filter(code=till.plan).update(name="Team of twenty")
    assert "rename product plan-team" in told(till)
    assert api.find_product_name(f"plan-{till.plan}") == "Team of twenty"


def test_what_is_not_offered_any_more_cannot_be_found(till: Till) -> None:
    price(till, 19000, "year")
    told(till)
    price(till, 19000, "year", is_offered=False)
    assert "retire price team:year 19000 eur" in told(till)
    assert api.find_price(f"{till.plan}:year") is None
    assert "same price team:year not offered" in told(till)


def test_what_no_plan_names_is_told_and_left(till: Till) -> None:
    price(till, 19000, "year")
    told(till)
    till.stripe.api.answer(
        "POST",
        "/v1/prices",
        {"product": f"plan-{till.plan}", "currency": "eur", "unit_amount": "1"},
        None,
    )
    assert sum(line.startswith("strange price") for line in told(till)) == 1


def test_a_run_that_was_cut_off_is_taken_up_again(till: Till) -> None:
    price(till, 19000, "year")
    till.stripe.faults.plan(Fault.CUT_AFTER, path="/v1/products")
    with pytest.raises(CommandError, match="Stripe did not do it"):
        told(till)
    told(till)
    assert told(till) == ["same product plan-team", "same price team:year 19000 eur"]


def test_without_a_key_it_says_what_to_set(till: Till, settings: Settings) -> None:
    price(till, 19000, "year")
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="STRIPE_SECRET_KEY"):
        told(till)


@pytest.mark.parametrize(
    "change",
    [
        {"interval": "week"},
        {"currency": "EUR"},
        {"amount": 0},
        {"trial_days": -1},
    ],
)
def test_a_price_that_cannot_be_is_refused(till: Till, change: dict[str, object]) -> None:
    values: dict[str, object] = {"interval": "month", "currency": "eur", "amount": 1}
    with pytest.raises(InvalidParameter):
        prices.set_price(
            plan=Plan.objects.get(code=till.plan),
            actor=SYSTEM,
            **{**values, **change},  # type: ignore[arg-type]  # that is what it is about
        )
