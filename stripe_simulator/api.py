"""The calls under /v1, as far as the product makes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from stripe_simulator import life, objects
from stripe_simulator.errors import Refusal
from stripe_simulator.forms import flag
from stripe_simulator.store import Json, Store

Call = Callable[["Api", Json, str], Json]
_calls: list[tuple[str, re.Pattern[str], Call, frozenset[str]]] = []
_PLAIN = ("expand", "limit", "starting_after", "ending_before")


def call(method: str, path: str, *known: str) -> Callable[[Call], Call]:
    """Serve a call that takes these parameters and no others."""

    def register(answer: Call) -> Call:
        pattern = re.compile("/v1/" + path.replace("{id}", r"(?P<id>[\w-]+)"))
        _calls.append((method, pattern, answer, frozenset((*known, *_PLAIN))))
        return answer

    return register


class Api:
    """Answers calls on one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.base_url = ""
        # Every call that was acted on: method, path, parameters.
        self.calls: list[tuple[str, str, Json]] = []

    def answer(self, method: str, path: str, given: Json, key: str | None) -> tuple[int, Json]:
        """Status and body. The same idempotency key is the same call, and is done once."""
        asked = json.dumps([method, path, given], sort_keys=True)
        with self.store.lock:
            if key is not None and key in self.store.kept:
                first, status, body = self.store.kept[key]
                if first != asked:
                    kind = "idempotency_error"
                    raise Refusal(400, kind, "The key was used for another call.", kind=kind)
                return status, body
            body = objects.shown(self._act(method, path, given))
            if key is not None:
                self.store.kept[key] = asked, 200, body
            return 200, body

    def _act(self, method: str, path: str, given: Json) -> Json:
        for verb, pattern, answer, known in _calls:
            found = pattern.fullmatch(path)
            if verb == method and found:
                strange = sorted(given.keys() - known)
                if strange:
                    message = f"Received unknown parameter: {strange[0]}"
                    raise Refusal(400, "parameter_unknown", message, param=strange[0])
                self.calls.append((method, path, given))
                try:
                    return answer(self, given, found.groupdict().get("id", ""))
                except KeyError as missing:
                    name = str(missing.args[0])
                    message = f"Missing required param: {name}."
                    raise Refusal(400, "parameter_missing", message, param=name) from missing
        raise Refusal(404, "unknown_url", f"Unrecognized request URL ({method}: {path}).")


def _list(rows: Iterator[Json] | list[Json], given: Json, url: str) -> Json:
    found = list(rows)
    limit = int(given.get("limit") or 10)
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": found[:limit]}


def _change(api: Api, kind: str, thing_id: str, given: Json) -> Json:
    thing = api.store.get(kind, thing_id)
    before = {name: thing.get(name) for name in given if name != "expand"}
    for name, value in given.items():
        thing[name] = {**thing[name], **value} if isinstance(thing.get(name), dict) else value
    if "active" in given:
        thing["active"] = flag(given["active"])
    api.store.tell(f"{kind}.updated", thing, before)
    return thing


@call("POST", "customers", "email", "name", "metadata", "preferred_locales")
def _new_customer(api: Api, given: Json, _id: str) -> Json:
    made = objects.customer(api.store, given)
    api.store.tell("customer.created", made)
    return made


@call("GET", "customers/{id}")
def _customer(api: Api, _given: Json, thing_id: str) -> Json:
    deleted = api.store.tables.get("deleted_customer", {}).get(thing_id)
    return deleted or api.store.get("customer", thing_id, param="id")


@call("DELETE", "customers/{id}")
def _delete_customer(api: Api, _given: Json, thing_id: str) -> Json:
    return life.delete_customer(api.store, thing_id)


@call("POST", "customers/{id}", "email", "name", "metadata")
def _change_customer(api: Api, given: Json, thing_id: str) -> Json:
    return _change(api, "customer", thing_id, given)


@call("POST", "products", "id", "name", "metadata", "active", "description")
def _new_product(api: Api, given: Json, _id: str) -> Json:
    made = objects.product(api.store, given)
    api.store.tell("product.created", made)
    return made


@call("GET", "products/{id}")
def _product(api: Api, _given: Json, thing_id: str) -> Json:
    return api.store.get("product", thing_id)


@call("GET", "products", "active", "ids")
def _products(api: Api, given: Json, _id: str) -> Json:
    wanted = given.get("ids")
    rows = [one for one in api.store.rows("product") if wanted is None or one["id"] in wanted]
    return _list(rows, given, "/v1/products")


@call("POST", "products/{id}", "name", "metadata", "active", "description")
def _change_product(api: Api, given: Json, thing_id: str) -> Json:
    return _change(api, "product", thing_id, given)


_PRICE = ("currency", "unit_amount", "product", "recurring", "lookup_key", "metadata")


@call("POST", "prices", *_PRICE, "transfer_lookup_key", "nickname", "tax_behavior")
def _new_price(api: Api, given: Json, _id: str) -> Json:
    made = objects.price(api.store, given)
    api.store.tell("price.created", made)
    return made


@call("GET", "prices", "active", "lookup_keys", "product")
def _prices(api: Api, given: Json, _id: str) -> Json:
    rows = list(api.store.rows("price"))
    if "active" in given:
        rows = [one for one in rows if one["active"] == flag(given["active"])]
    if "lookup_keys" in given:
        rows = [one for one in rows if one["lookup_key"] in given["lookup_keys"]]
    if "product" in given:
        rows = [one for one in rows if one["product"] == given["product"]]
    return _list(rows, given, "/v1/prices")


@call("POST", "prices/{id}", "active", "metadata", "nickname", "lookup_key", "transfer_lookup_key")
def _change_price(api: Api, given: Json, thing_id: str) -> Json:
    return _change(api, "price", thing_id, given)


_SESSION = (
    *("mode", "line_items", "customer", "client_reference_id", "success_url", "cancel_url"),
    *("subscription_data", "allow_promotion_codes", "automatic_tax", "metadata", "locale"),
    *("customer_update", "tax_id_collection", "payment_method_collection", "expires_at"),
)


@call("POST", "checkout/sessions", *_SESSION)
def _new_session(api: Api, given: Json, _id: str) -> Json:
    return objects.session(api.store, given, api.base_url)


@call("GET", "checkout/sessions/{id}")
def _session(api: Api, _given: Json, thing_id: str) -> Json:
    return api.store.get("checkout.session", thing_id)


@call("POST", "checkout/sessions/{id}/expire")
def _expire_session(api: Api, _given: Json, thing_id: str) -> Json:
    return life.expire(api.store, api.store.get("checkout.session", thing_id))


@call("POST", "billing_portal/sessions", "customer", "return_url", "locale", "flow_data")
def _new_portal_session(api: Api, given: Json, _id: str) -> Json:
    return objects.portal_session(api.store, given, api.base_url)


@call("GET", "subscriptions", "customer", "status", "price")
def _subscriptions(api: Api, given: Json, _id: str) -> Json:
    rows = list(api.store.rows("subscription"))
    if "customer" in given:
        api.store.get("customer", given["customer"], param="customer")
        rows = [one for one in rows if one["customer"] == given["customer"]]
    status = given.get("status", "")
    if status != "all":
        rows = [one for one in rows if one["status"] == (status or one["status"])]
        rows = [one for one in rows if status or one["status"] != "canceled"]
    return _list(rows, given, "/v1/subscriptions")


@call("GET", "subscriptions/{id}")
def _subscription(api: Api, _given: Json, thing_id: str) -> Json:
    return api.store.get("subscription", thing_id)


_CHANGE = ("cancel_at_period_end", "items", "metadata", "proration_behavior")


@call("POST", "subscriptions/{id}", *_CHANGE)
def _change_subscription(api: Api, given: Json, thing_id: str) -> Json:
    found = api.store.get("subscription", thing_id)
    if "cancel_at_period_end" in given:
        life.cancel_at_end(api.store, found, is_to_end=flag(given["cancel_at_period_end"]))
    if "items" in given:
        life.change_items(api.store, found, given["items"])
    return found


@call("DELETE", "subscriptions/{id}", "invoice_now", "prorate")
def _cancel(api: Api, _given: Json, thing_id: str) -> Json:
    return life.end(api.store, api.store.get("subscription", thing_id))


@call("GET", "invoices", "customer", "status", "subscription")
def _invoices(api: Api, given: Json, _id: str) -> Json:
    rows = [
        one for one in api.store.rows("invoice") if given.get("customer") in (None, one["customer"])
    ]
    return _list(rows, given, "/v1/invoices")


@call("POST", "billing/meter_events", "event_name", "payload", "identifier", "timestamp")
def _meter_event(api: Api, given: Json, _id: str) -> Json:
    """The same identifier counts once, as Stripe has it for a day."""
    for earlier in api.store.meter_events:
        if earlier["identifier"] == given.get("identifier"):
            raise Refusal(400, "duplicate_meter_event", "An event with this identifier exists.")
    made: Json = {
        "object": "billing.meter_event",
        "created": api.store.now(),
        "livemode": False,
        "event_name": given["event_name"],
        "identifier": given.get("identifier") or api.store.new_id("mev"),
        "payload": given["payload"],
        "timestamp": int(given.get("timestamp") or api.store.now()),
    }
    api.store.meter_events.append(made)
    return made


@call("GET", "events", "type", "types", "created", "delivery_success")
def _events(api: Api, given: Json, _id: str) -> Json:
    return _list(list(reversed(api.store.events)), given, "/v1/events")
