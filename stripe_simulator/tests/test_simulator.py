"""The simulated Stripe by itself, met by Stripe's own package."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest
import requests
import stripe
from stripe import StripeClient

from stripe_simulator import life
from stripe_simulator.deliveries import Deliverer
from stripe_simulator.faults import Fault
from stripe_simulator.server import Simulator

SECRET = "whsec_of_the_simulators_own_tests_000001"


@pytest.fixture
def server() -> Iterator[Simulator]:
    opened = Simulator()
    opened.start()
    yield opened
    opened.stop()


@pytest.fixture
def client(server: Simulator) -> StripeClient:
    return StripeClient("sk_test_x", base_addresses={"api": server.base_url}, max_network_retries=0)


def checkout(client: StripeClient) -> Any:
    """A page for a new customer of a new plan."""
    product = client.v1.products.create({"name": "Team"})
    price = client.v1.prices.create(
        {
            "product": product.id,
            "currency": "eur",
            "unit_amount": 1900,
            "lookup_key": "team:month",
            "transfer_lookup_key": True,
            "recurring": {"interval": "month"},
        }
    )
    customer = client.v1.customers.create({"name": "Acme", "metadata": {"tenant": "t"}})
    return client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.id,
            "line_items": [{"price": price.id, "quantity": 2}],
            "success_url": "http://shop.example/?s={CHECKOUT_SESSION_ID}",
        }
    )


def test_a_paid_page_makes_a_subscription_and_tells_of_it(
    server: Simulator, client: StripeClient
) -> None:
    session = checkout(client)
    done = requests.post(session.url, {"do": "pay"}, timeout=10, allow_redirects=False)
    assert done.headers["Location"] == f"http://shop.example/?s={session.id}"
    (found,) = client.v1.subscriptions.list({"customer": session.customer}).data
    item = found["items"].data[0]
    assert (found.status, item.quantity, item.price.lookup_key) == ("active", 2, "team:month")
    kinds = [event["type"] for event in server.store.events]
    assert kinds[-5:] == [
        "checkout.session.completed",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
    ]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(session.id)


def test_the_same_idempotency_key_is_the_same_call(client: StripeClient) -> None:
    made = [
        client.v1.customers.create({"name": "Acme"}, {"idempotency_key": "once"}).id
        for _ in range(2)
    ]
    assert made[0] == made[1]
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"name": "Globex"}, {"idempotency_key": "once"})


def test_what_stripe_does_not_know_is_refused(client: StripeClient) -> None:
    wrong: Any = {"name": "Acme", "shoe_size": 44}
    with pytest.raises(stripe.InvalidRequestError, match="shoe_size"):
        client.v1.customers.create(wrong)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.retrieve("cus_nobody")
    nothing: Any = {}
    with pytest.raises(stripe.InvalidRequestError, match="Missing required param"):
        client.v1.prices.create(nothing)


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        (Fault.BUSY, stripe.RateLimitError, False),
        (Fault.BROKEN, stripe.APIError, False),
        (Fault.NO_ENTRY, stripe.AuthenticationError, False),
        (Fault.CUT_BEFORE, stripe.APIConnectionError, False),
        (Fault.CUT_AFTER, stripe.APIConnectionError, True),
    ],
)
def test_faults_on_demand(
    server: Simulator,
    client: StripeClient,
    fault: Fault,
    error: type[Exception],
    is_done: bool,
) -> None:
    server.faults.plan(fault)
    with pytest.raises(error):
        client.v1.customers.create({"name": "Acme"})
    assert (len(list(server.store.rows("customer"))) == 1) == is_done
    client.v1.customers.create({"name": "Acme"})


def test_time_passes_when_it_is_told_to(server: Simulator, client: StripeClient) -> None:
    store = server.store
    subscription = life.pay(store, store.get("checkout.session", checkout(client).id))
    life.advance(store, 31 * 86_400, pays=True)
    assert subscription["status"] == "active"
    life.advance(store, 31 * 86_400, pays=False)
    assert subscription["status"] == "past_due"
    for _ in range(3):
        life.retry(store, subscription, pays=False)
    assert subscription["status"] == "unpaid"
    life.retry(store, subscription, pays=True)
    life.cancel_at_end(store, subscription, is_to_end=True)
    life.advance(store, 90 * 86_400, pays=True)
    assert subscription["status"] == "canceled"


def test_a_restart_loses_nothing(client: StripeClient, tmp_path: Path) -> None:
    file = tmp_path / "stripe.json"
    kept = Simulator()
    kept.store.open(file)
    kept.start()
    other = StripeClient("sk_test_x", base_addresses={"api": kept.base_url})
    session = checkout(other)
    kept.stop()
    again = Simulator()
    again.store.open(file)
    again.start()
    other = StripeClient("sk_test_x", base_addresses={"api": again.base_url})
    assert other.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert other.v1.customers.create({"name": "Globex"}).id != session.customer
    again.stop()


def test_an_event_is_delivered_until_it_is_taken_and_signed_anew() -> None:
    heard: SimpleQueue[tuple[bytes, str]] = SimpleQueue()
    answers = iter([500, 200])

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.put((body, self.headers["Stripe-Signature"]))
            self.send_response(next(answers))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    listener = HTTPServer(("127.0.0.1", 0), Listener)
    thread = Thread(target=listener.serve_forever)
    thread.start()
    deliverer = Deliverer(f"http://127.0.0.1:{listener.server_address[1]}/hook", SECRET)
    deliverer.start()
    deliverer.offer({"id": "evt_1", "object": "event", "type": "invoice.paid"})
    for _ in range(2):
        body, header = heard.get(timeout=60)
        assert stripe.Webhook.construct_event(body, header, SECRET).id == "evt_1"
    deliverer.stop()
    listener.shutdown()
    thread.join()
    listener.server_close()


def test_the_pages_say_what_there_is(server: Simulator, client: StripeClient) -> None:
    session = checkout(client)
    assert "A checkout page is open" in requests.get(server.base_url, timeout=10).text
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    requests.post(session.url, {"do": "fail"}, timeout=10)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    requests.post(session.url, {"do": "pay"}, timeout=10, allow_redirects=False)
    portal = client.v1.billing_portal.sessions.create({"customer": session.customer})
    shown = requests.get(portal.url, timeout=10).text
    (found,) = client.v1.subscriptions.list({"customer": session.customer}).data
    assert found.id in shown
    requests.post(portal.url, {"do": "cancel", "id": found.id}, timeout=10)
    assert client.v1.subscriptions.retrieve(found.id).cancel_at_period_end is True
