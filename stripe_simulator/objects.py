"""New objects, in the shapes of the API version that the product is pinned to."""

from __future__ import annotations

from typing import Any

from stripe_simulator.errors import Refusal
from stripe_simulator.forms import flag
from stripe_simulator.store import Json, Store

PERIOD_SECONDS = {"month": 30 * 86_400, "year": 365 * 86_400}
_SESSION_SECONDS = 86_400


def customer(store: Store, given: Json) -> Json:
    return store.add(
        {
            "id": store.new_id("cus"),
            "object": "customer",
            "created": store.now(),
            "livemode": False,
            "email": given.get("email"),
            "name": given.get("name"),
            "metadata": given.get("metadata", {}),
            "delinquent": False,
        }
    )


def product(store: Store, given: Json) -> Json:
    thing_id = given.get("id") or store.new_id("prod")
    if thing_id in store.tables.get("product", {}):
        raise Refusal(400, "resource_already_exists", f"Product already exists: {thing_id}")
    return store.add(
        {
            "id": thing_id,
            "object": "product",
            "active": True,
            "created": store.now(),
            "updated": store.now(),
            "livemode": False,
            "name": given["name"],
            "metadata": given.get("metadata", {}),
        }
    )


def price(store: Store, given: Json) -> Json:
    store.get("product", given["product"], param="product")
    key = given.get("lookup_key")
    for other in store.rows("price"):
        if key and other["lookup_key"] == key:
            if not flag(given.get("transfer_lookup_key")):
                raise Refusal(400, "resource_already_exists", f"A price has the key {key}.")
            other["lookup_key"] = None
            store.tell("price.updated", other, {"lookup_key": key})
    recurring = given.get("recurring", {})
    return store.add(
        {
            "id": store.new_id("price"),
            "object": "price",
            "active": True,
            "created": store.now(),
            "livemode": False,
            "currency": given["currency"],
            "unit_amount": int(given["unit_amount"]),
            "lookup_key": key,
            "product": given["product"],
            "metadata": given.get("metadata", {}),
            "type": "recurring",
            "recurring": {
                "interval": recurring.get("interval", "month"),
                "interval_count": 1,
                "usage_type": recurring.get("usage_type", "licensed"),
                "meter": recurring.get("meter"),
            },
        }
    )


def session(store: Store, given: Json, base_url: str) -> Json:
    lines = given["line_items"]
    for line in lines:
        store.get("price", line["price"], param="line_items[0][price]")
    if given.get("customer"):
        store.get("customer", given["customer"], param="customer")
    session_id = store.new_id("cs_test")
    return store.add(
        {
            "id": session_id,
            "object": "checkout.session",
            "created": store.now(),
            "expires_at": store.now() + _SESSION_SECONDS,
            "livemode": False,
            "mode": given["mode"],
            "status": "open",
            "payment_status": "unpaid",
            "customer": given.get("customer"),
            "client_reference_id": given.get("client_reference_id"),
            "metadata": given.get("metadata", {}),
            "subscription": None,
            "success_url": given["success_url"],
            "cancel_url": given.get("cancel_url"),
            "url": f"{base_url}/c/pay/{session_id}",
            # Not Stripe's: what paying will make.
            "_lines": lines,
            "_subscription_data": given.get("subscription_data", {}),
        }
    )


def portal_session(store: Store, given: Json, base_url: str) -> Json:
    store.get("customer", given.get("customer", ""), param="customer")
    session_id = store.new_id("bps")
    return store.add(
        {
            "id": session_id,
            "object": "billing_portal.session",
            "created": store.now(),
            "livemode": False,
            "customer": given["customer"],
            "return_url": given.get("return_url"),
            "url": f"{base_url}/p/session/{session_id}",
        }
    )


def subscription(store: Store, of: Json) -> Json:
    """What a paid checkout makes."""
    wanted: Json = of["_subscription_data"]
    now, sub_id = store.now(), store.new_id("sub")
    days = int(wanted.get("trial_period_days") or 0)
    trial_end = now + days * 86_400 if days else None
    items = [item(store, sub_id, line, now, trial_end) for line in of["_lines"]]
    return store.add(
        {
            "id": sub_id,
            "object": "subscription",
            "created": now,
            "start_date": now,
            "livemode": False,
            "status": "trialing" if days else "active",
            "customer": of["customer"],
            "metadata": wanted.get("metadata", {}),
            "items": {"object": "list", "data": items, "has_more": False, "url": "/v1/items"},
            "trial_start": now if days else None,
            "trial_end": trial_end,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "ended_at": None,
            "latest_invoice": None,
            "billing_mode": {"type": "flexible"},
            "collection_method": "charge_automatically",
        }
    )


def item(store: Store, sub_id: str, line: Json, now: int, trial_end: int | None) -> Json:
    of = store.get("price", line["price"])
    end = trial_end or now + PERIOD_SECONDS[of["recurring"]["interval"]]
    return {
        "id": store.new_id("si"),
        "object": "subscription_item",
        "created": now,
        "subscription": sub_id,
        "price": of,
        "quantity": int(line.get("quantity") or 1),
        "current_period_start": now,
        "current_period_end": end,
        "metadata": {},
    }


def invoice(store: Store, of: Json, reason: str, *, is_paid: bool, is_free: bool) -> Json:
    """What a period costs."""
    amount = sum(one["price"]["unit_amount"] * one["quantity"] for one in of["items"]["data"])
    amount = 0 if is_free else amount
    made = store.add(
        {
            "id": store.new_id("in"),
            "object": "invoice",
            "created": store.now(),
            "livemode": False,
            "customer": of["customer"],
            "number": f"SIM-{len(store.tables.get('invoice', {})) + 1:04d}",
            "billing_reason": reason,
            "currency": of["items"]["data"][0]["price"]["currency"],
            "amount_due": amount,
            "amount_paid": amount if is_paid else 0,
            "amount_remaining": 0 if is_paid else amount,
            "total": amount,
            "attempt_count": 1,
            "status": "paid" if is_paid else "open",
            "hosted_invoice_url": None,
            "parent": {
                "type": "subscription_details",
                "subscription_details": {"subscription": of["id"], "metadata": of["metadata"]},
            },
        }
    )
    of["latest_invoice"] = made["id"]
    return made


def shown(thing: Any) -> Any:
    """As Stripe shows it: without what is ours."""
    if isinstance(thing, dict):
        return {name: shown(one) for name, one in thing.items() if not name.startswith("_")}
    return [shown(one) for one in thing] if isinstance(thing, list) else thing
