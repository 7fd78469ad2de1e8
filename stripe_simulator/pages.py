"""The pages where people pay, or do not, and where they manage what they pay."""

from __future__ import annotations

from html import escape

from stripe_simulator import life
from stripe_simulator.store import Json, Store

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 system-ui;max-width:34rem;margin:8vh auto;padding:0 1rem;color:#1a1f36}}
.card{{border:1px solid #e3e8ee;border-radius:8px;padding:1.5rem;margin:1rem 0}}
button{{font:inherit;padding:.6rem 1.2rem;border-radius:6px;border:1px solid #635bff;margin:.2rem;
background:#635bff;color:#fff;cursor:pointer}}button.plain{{background:#fff;color:#635bff}}
.note{{color:#697386;font-size:.9rem}}</style><h1>{title}</h1>{body}
<p class="note">A simulated Stripe: nothing here is money.</p></html>"""


def page(title: str, body: str) -> str:
    """A whole page."""
    return _PAGE.format(title=escape(title), body=body)


def overview(store: Store) -> str:
    """What there is, with the clock in the reader's hand."""
    rows = "".join(
        f"<div class=card><b>{escape(one['id'])}</b> · {escape(one['customer'])} · "
        f"<b>{escape(one['status'])}</b>{_form(_SUBSCRIPTION_ACTS, one['id'])}</div>"
        for one in store.rows("subscription")
    )
    rows += "".join(
        f"<div class=card>A checkout page is open: <a href='{escape(one['url'])}'>pay</a></div>"
        for one in store.rows("checkout.session")
        if one["status"] == "open"
    )
    return page(
        "Stripe, simulated",
        f"{rows or '<p>Nothing has been sold yet.</p>'}<div class=card>Let 31 days pass:"
        f"{_form(_CLOCK_ACTS, 'clock')}</div>",
    )


_CLOCK_ACTS = {"month-paid": "cards are good", "month-failed": "cards are refused"}
_SUBSCRIPTION_ACTS = {
    "renew": "Next period, paid",
    "fail": "Next period, not paid",
    "retry-paid": "Retry, paid",
    "retry-failed": "Retry, not paid",
    "pause": "Pause",
    "end": "End now",
}


def act(store: Store, thing_id: str, what: str) -> None:
    """A button of the overview."""
    if what in _CLOCK_ACTS:
        life.advance(store, 31 * 86_400, pays=what == "month-paid")
        return
    subscription = store.get("subscription", thing_id)
    if what in ("renew", "fail"):
        life.renew(store, subscription, pays=what == "renew")
    elif what in ("retry-paid", "retry-failed"):
        life.retry(store, subscription, pays=what == "retry-paid")
    elif what == "pause":
        life.pause(store, subscription)
    elif what == "end":
        life.end(store, subscription)


def checkout(session: Json) -> str:
    """Where a card pays, or fails."""
    if session["status"] != "open":
        return page("Checkout", f"<p>This session is {escape(session['status'])}.</p>")
    lines = "".join(
        f"<li>{escape(str(one['price']))} × {escape(str(one.get('quantity', 1)))}</li>"
        for one in session["_lines"]
    )
    buttons = _form({"pay": "Pay", "fail": "Pay with a card that is refused", "back": "Back"})
    return page("Checkout", f"<div class=card><ul>{lines}</ul>{buttons}</div>")


def checkout_act(store: Store, session: Json, what: str) -> str:
    """A button of the checkout page; where it leads, or the page to show."""
    if what == "pay":
        life.pay(store, session)
        return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
    return str(session["cancel_url"] or "") if what == "back" else ""


def portal(store: Store, session: Json) -> str:
    """What the customer has, and what can be done with it."""
    rows = ""
    for one in store.rows("subscription"):
        if one["customer"] == session["customer"]:
            acts = {"cancel": "Cancel at the end of the period"}
            if one["cancel_at_period_end"]:
                acts = {"resume": "Go on after all"}
            if one["status"] in ("past_due", "unpaid"):
                acts["retry-paid"] = "Pay with another card"
            rows += (
                f"<div class=card>{escape(one['id'])} · <b>{escape(one['status'])}</b>"
                f"{_form(acts, one['id'])}</div>"
            )
    back = f"<p><a href='{escape(session['return_url'] or '/')}'>Back</a></p>"
    return page("Your subscription", (rows or "<p>None yet.</p>") + back)


def portal_act(store: Store, session: Json, thing_id: str, what: str) -> None:
    """A button of the portal."""
    subscription = store.get("subscription", thing_id)
    if subscription["customer"] != session["customer"]:
        return
    if what in ("cancel", "resume"):
        life.cancel_at_end(store, subscription, is_to_end=what == "cancel")
    elif what == "retry-paid":
        life.retry(store, subscription, pays=True)


def _form(acts: dict[str, str], thing_id: str = "") -> str:
    buttons = "".join(
        f"<button name=do value='{name}'{' class=plain' if number else ''}>{escape(text)}</button>"
        for number, (name, text) in enumerate(acts.items())
    )
    return (
        f"<form method=post><input type=hidden name=id value='{escape(thing_id)}'>{buttons}</form>"
    )
