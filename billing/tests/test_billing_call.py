"""GET /v2/admin/billing: what a tenant's server is told of plan, payment and invoices."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from billing.tests.till import Till
from stripe_simulator import life
from stripe_simulator.faults import Fault
from tests.admin_v2.conftest import new_key


def billing_of(till: Till) -> Any:
    """The call's answer."""
    key = new_key(till.tenant, "settings:read")
    answer = Client().get("/v2/admin/billing", headers={"X-API-Key": key})
    connection.close()
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_what_was_bought_is_told(till: Till) -> None:
    subscription = till.subscribe(trial_period_days="14")
    till.tell()
    told = billing_of(till)
    assert (told["state"], told["plan"]["code"]) == ("trialing", till.plan)
    assert told["payment"]["price"] == f"{till.plan}:month"
    assert told["payment"]["trial_ends_at"] == told["payment"]["period_ends_at"]
    assert [one["amount"] for one in told["invoices"]] == [0]
    life.renew(till.stripe.store, subscription, pays=False)
    till.tell()
    told = billing_of(till)
    assert told["state"] == "past_due"
    assert told["payment"]["read_only_from"] is not None
    assert [(one["amount"], one["status"]) for one in told["invoices"]] == [
        (1900, "open"),
        (0, "paid"),
    ]


def test_nothing_is_told_of_money_before_anything_was_bought(till: Till) -> None:
    told = billing_of(till)
    assert (told["state"], told["payment"], told["invoices"]) == ("active", None, [])


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.CUT_BEFORE, Fault.NO_ENTRY])
def test_a_stripe_that_does_not_answer_hides_the_invoices_only(till: Till, fault: Fault) -> None:
    till.subscribe()
    till.tell()
    till.stripe.faults.plan(fault, path="/v1/invoices")
    told = billing_of(till)
    assert (told["state"], told["invoices"]) == ("active", None)


def test_without_a_key_stripe_is_not_asked(till: Till, settings: Settings) -> None:
    till.subscribe()
    till.tell()
    settings.STRIPE_SECRET_KEY = ""
    told = billing_of(till)
    assert (told["state"], told["invoices"]) == ("active", [])
