"""What the tests of payments share."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import Settings

from billing.stripe import kinds
from billing.tests.till import SECRET, Till
from outbox import kinds as outbox_kinds
from stripe_simulator.server import Simulator


@pytest.fixture(scope="session")
def stripe() -> Iterator[Simulator]:
    """A simulated Stripe."""
    simulator = Simulator()
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def till(
    stripe: Simulator, committed_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Till]:
    """A tenant that pays by it.

    Its items have a name that no worker beside us knows: that one has no key of Stripe's.
    """
    name = f"stripe.synchronize.{uuid4().hex[:12]}"
    monkeypatch.setitem(outbox_kinds._kinds, name, kinds.SYNCHRONIZE)
    monkeypatch.setattr(kinds.SYNCHRONIZE, "name", name)
    settings.STRIPE_SECRET_KEY = "sk_test_simulated"
    settings.STRIPE_API_URL = stripe.base_url
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    opened = Till(stripe)
    yield opened
    stripe.faults.clear()
    opened.work()
    connection.close()
