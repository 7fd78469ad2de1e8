"""What the tests of payments share."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from billing.tests.till import SECRET, Till
from stripe_simulator.server import Simulator


@pytest.fixture(scope="session")
def stripe() -> Iterator[Simulator]:
    """A simulated Stripe."""
    simulator = Simulator()
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def till(stripe: Simulator, committed_db: None, settings: Settings) -> Iterator[Till]:
    """A tenant that pays by it."""
    settings.STRIPE_SECRET_KEY = "sk_test_simulated"
    settings.STRIPE_API_URL = stripe.base_url
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    opened = Till(stripe)
    yield opened
    stripe.faults.clear()
    opened.work()
    connection.close()
