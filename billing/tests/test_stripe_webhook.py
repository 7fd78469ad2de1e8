"""What Stripe's calls are answered with, and what is kept of them."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings
from stripe import Webhook, WebhookSignature

from billing.models import StripeEvent
from billing.stripe import kinds
from billing.tests.till import SECRET, WEBHOOK, Till, deliver, post, recorded
from stripe_simulator.deliveries import payload_of, signature

Outcome = StripeEvent.Outcome


def event_of(till: Till, kind: str = "customer.subscription.updated", **more: Any) -> Any:
    """An event about the tenant's customer."""
    about = {"id": "sub_1", "object": "subscription", "customer": till.customer}
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": about},
        **more,
    }


def refused(answer: Any, code: str = "stripe_signature_invalid") -> bool:
    """Whether a call was answered 400 with this code."""
    return bool(answer.status_code == 400 and answer.json()["error"]["code"] == code)


def test_a_signed_event_is_recorded_and_queued(till: Till) -> None:
    event = event_of(till)
    answer = deliver(event)
    assert answer.status_code == 200
    assert answer.json() == {"received": True}
    kept = recorded(event["id"])
    assert kept is not None
    assert kept.outcome == Outcome.QUEUED
    assert json.loads(kept.body) == event
    assert [item.kind for item in till.items()] == [kinds.SYNCHRONIZE.name]


def test_the_second_address_is_the_same(till: Till) -> None:
    event = event_of(till)
    assert deliver(event, path="/v2/stripe/webhook").status_code == 200
    assert recorded(event["id"]) is not None


def test_the_same_event_acts_once(till: Till) -> None:
    event = event_of(till)
    for path in (WEBHOOK, "/v2/stripe/webhook", WEBHOOK):
        assert deliver(event, path=path).status_code == 200
    assert len(till.items()) == 1


def test_a_forged_event_is_refused_and_leaves_nothing(till: Till) -> None:
    event = event_of(till)
    payload = payload_of(event)
    good = signature(payload, SECRET, at=int(time.time()))
    for header in ("", "t=1", "v1=abc", good.replace("v1=", "v0="), good[:-1] + "x", "t=x,v1=y"):
        assert refused(post(payload, header)), header
    assert refused(deliver(event, secret="whsec_another_secret_of_the_same_length"))
    assert refused(post(payload.replace(b"sub_1", b"sub_2"), good)), "the body is signed, too"
    assert recorded(event["id"]) is None
    assert till.items() == []


def test_an_old_signature_is_refused_and_a_late_one_is_not(till: Till) -> None:
    event = event_of(till)
    assert refused(deliver(event, age_seconds=302))
    assert recorded(event["id"]) is None
    assert deliver(event, age_seconds=290).status_code == 200
    ahead = event_of(till)
    assert deliver(ahead, age_seconds=-600).status_code == 200, "our clock may be behind"


def test_an_old_event_that_is_signed_anew_is_taken(till: Till) -> None:
    """Stripe repeats for days what it could not deliver."""
    event = event_of(till, created=int(time.time()) - 3 * 86_400)
    assert deliver(event).status_code == 200
    assert len(till.items()) == 1


def test_each_of_several_secrets_is_good_while_rotating(till: Till, settings: Settings) -> None:
    new = "whsec_the_secret_that_comes_after_0002"
    settings.STRIPE_WEBHOOK_SECRETS = [new, SECRET]
    assert deliver(event_of(till), secret=SECRET).status_code == 200
    assert deliver(event_of(till), secret=new).status_code == 200
    settings.STRIPE_WEBHOOK_SECRETS = [new]
    assert refused(deliver(event_of(till), secret=SECRET))


def test_without_a_secret_nobody_can_sign(till: Till, settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert refused(deliver(event_of(till), secret=""))


def test_one_of_several_signatures_is_enough(till: Till) -> None:
    """While a secret is rolled, Stripe signs with the old and the new one."""
    payload = payload_of(event_of(till))
    good = signature(payload, SECRET, at=int(time.time()))
    moment, right = good.split(",")
    assert post(payload, f"{moment},v1={'0' * 64},{right},v0=abc").status_code == 200


def test_what_stripes_own_package_signs_is_accepted(till: Till) -> None:
    payload = payload_of(event_of(till))
    header = WebhookSignature.generate_signature_header(payload.decode(), SECRET)
    assert post(payload, header).status_code == 200
    simulated = signature(payload, SECRET, at=int(time.time()))
    assert Webhook.construct_event(payload, simulated, SECRET)["id"]


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"{}", b'{"id": 1, "type": "x"}', b"\xff"]
)
def test_a_signed_body_that_is_no_event_is_refused(till: Till, body: bytes) -> None:
    answer = post(body, signature(body, SECRET, at=int(time.time())))
    assert refused(answer, "invalid_json")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"type": "something.that.is.new"}, Outcome.KEPT),
        ({"type": "v2.core.event_destination.ping", "data": None}, Outcome.KEPT),
        ({"livemode": True}, Outcome.WRONG_MODE),
        ({"data": {"object": {"id": "in_1", "customer": "cus_of_nobody"}}}, Outcome.UNMATCHED),
        ({"data": {"object": {"id": "sub_1"}}}, Outcome.UNMATCHED),
        ({"created": "yesterday", "api_version": None}, Outcome.QUEUED),
    ],
)
def test_what_is_not_for_us_is_kept_all_the_same(
    till: Till, changes: dict[str, Any], outcome: str
) -> None:
    event = event_of(till) | changes
    assert deliver(event).status_code == 200
    kept = recorded(event["id"])
    assert kept is not None
    assert kept.outcome == outcome
    assert len(till.items()) == (outcome == Outcome.QUEUED)


def test_words_that_a_database_cannot_keep_are_kept(till: Till) -> None:
    event = event_of(till, note="a\0b \ud800")
    assert deliver(event).status_code == 200
    kept = recorded(event["id"])
    assert kept is not None
    assert json.loads(kept.body) == event


def test_only_post_is_served(till: Till) -> None:
    assert Client().get(WEBHOOK).status_code == 405
