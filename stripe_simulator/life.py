"""What happens to subscriptions: people pay or not, and time passes."""

from __future__ import annotations

from stripe_simulator import objects
from stripe_simulator.errors import Refusal
from stripe_simulator.store import Json, Store

# After so many failed payments a subscription is unpaid.
_MAX_ATTEMPTS = 4


def pay(store: Store, session: Json) -> Json:
    """The card is good: the subscription begins."""
    _require_open(session)
    if session["customer"] is None:
        customer = objects.customer(store, {})
        session["customer"] = customer["id"]
        store.tell("customer.created", customer)
    made = objects.subscription(store, session)
    is_trial = made["status"] == "trialing"
    session.update(
        status="complete",
        payment_status="no_payment_required" if is_trial else "paid",
        subscription=made["id"],
        url=None,
    )
    store.tell("checkout.session.completed", session)
    store.tell("customer.subscription.created", made)
    _bill(store, made, "subscription_create", is_paid=True, is_free=is_trial)
    return made


def expire(store: Store, session: Json) -> Json:
    """Nobody paid in time."""
    _require_open(session)
    session.update(status="expired", url=None)
    store.tell("checkout.session.expired", session)
    return session


def renew(store: Store, subscription: Json, *, pays: bool) -> Json:
    """The period, or the trial, ends: the next one is paid, or is not."""
    if subscription["cancel_at_period_end"]:
        return end(store, subscription)
    before = {"status": subscription["status"]}
    for item in subscription["items"]["data"]:
        length = objects.PERIOD_SECONDS[item["price"]["recurring"]["interval"]]
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] += length
    subscription["_failures"] = 0 if pays else 1
    subscription["status"] = "active" if pays else "past_due"
    _bill(store, subscription, "subscription_cycle", is_paid=pays)
    store.tell("customer.subscription.updated", subscription, before)
    return subscription


def retry(store: Store, subscription: Json, *, pays: bool) -> Json:
    """Stripe tries the open invoice once more; after some failures it gives up."""
    before = {"status": subscription["status"]}
    invoice = store.get("invoice", subscription["latest_invoice"])
    invoice["attempt_count"] += 1
    if pays:
        amount = invoice["amount_due"]
        invoice.update(status="paid", amount_paid=amount, amount_remaining=0)
        subscription["status"], subscription["_failures"] = "active", 0
        store.tell("invoice.paid", invoice)
    else:
        subscription["_failures"] = subscription.get("_failures", 0) + 1
        is_last = subscription["_failures"] >= _MAX_ATTEMPTS
        subscription["status"] = "unpaid" if is_last else "past_due"
        store.tell("invoice.payment_failed", invoice)
    if before["status"] != subscription["status"]:
        store.tell("customer.subscription.updated", subscription, before)
    return subscription


def cancel_at_end(store: Store, subscription: Json, *, is_to_end: bool) -> Json:
    """It ends with its period, or goes on after all."""
    before = {"cancel_at_period_end": subscription["cancel_at_period_end"]}
    end_of_period = max(one["current_period_end"] for one in subscription["items"]["data"])
    subscription["cancel_at_period_end"] = is_to_end
    subscription["cancel_at"] = end_of_period if is_to_end else None
    store.tell("customer.subscription.updated", subscription, before)
    return subscription


def change_items(store: Store, subscription: Json, items: list[Json]) -> Json:
    """Another price, or another number of seats."""
    before = {"items": {"data": [dict(one) for one in subscription["items"]["data"]]}}
    for wanted in items:
        for item in subscription["items"]["data"]:
            if item["id"] == wanted.get("id"):
                if "price" in wanted:
                    item["price"] = store.get("price", wanted["price"])
                if "quantity" in wanted:
                    item["quantity"] = int(wanted["quantity"])
    store.tell("customer.subscription.updated", subscription, before)
    return subscription


def end(store: Store, subscription: Json) -> Json:
    """It is over; another one would have another id."""
    now = store.now()
    subscription.update(status="canceled", canceled_at=now, ended_at=now)
    store.tell("customer.subscription.deleted", subscription)
    return subscription


def delete_customer(store: Store, customer_id: str) -> Json:
    """Its subscriptions end with it; that it was is known for good."""
    customer = store.get("customer", customer_id)
    for one in store.rows("subscription"):
        if one["customer"] == customer_id and one["status"] != "canceled":
            end(store, one)
    del store.tables["customer"][customer_id]
    gone = {"id": customer_id, "object": "customer", "deleted": True}
    store.tables.setdefault("deleted_customer", {})[customer_id] = gone
    store.tell("customer.deleted", customer)
    return gone


def pause(store: Store, subscription: Json) -> Json:
    """No service and no invoices, until it is resumed."""
    before = {"status": subscription["status"]}
    subscription["status"] = "paused"
    store.tell("customer.subscription.paused", subscription, before)
    return subscription


def advance(store: Store, seconds: int, *, pays: bool) -> None:
    """Let time pass: what ends within it is renewed, paid by a good card or not."""
    until = store.now() + seconds
    for subscription in list(store.rows("subscription")):
        while _is_running(subscription) and _period_end(subscription) <= until:
            store.ahead_seconds += max(0, _period_end(subscription) - store.now())
            renew(store, subscription, pays=pays)
    store.ahead_seconds += max(0, until - store.now())
    for session in list(store.rows("checkout.session")):
        if session["status"] == "open" and session["expires_at"] <= store.now():
            expire(store, session)


def _is_running(subscription: Json) -> bool:
    return subscription["status"] in ("trialing", "active")


def _period_end(subscription: Json) -> int:
    return min(int(one["current_period_end"]) for one in subscription["items"]["data"])


def _bill(
    store: Store, subscription: Json, reason: str, *, is_paid: bool, is_free: bool = False
) -> None:
    invoice = objects.invoice(store, subscription, reason, is_paid=is_paid, is_free=is_free)
    store.tell("invoice.created", invoice)
    store.tell("invoice.finalized", invoice)
    store.tell("invoice.paid" if is_paid else "invoice.payment_failed", invoice)


def _require_open(session: Json) -> None:
    if session["status"] != "open":
        raise Refusal(400, "session_not_open", f"This session is {session['status']}.")
