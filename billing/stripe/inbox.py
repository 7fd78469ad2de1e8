"""Recording what Stripe sends; the worker acts on it later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from billing.models import BillingAccount, StripeEvent
from billing.stripe import effects
from kernel.errors import InvalidJson
from tenants import audit
from tenants.audit import Actor
from tenants.scope import platform_scope

logger = structlog.get_logger(__name__)

Outcome = StripeEvent.Outcome

# Whatever happens to these, the tenant's subscription is read again.
_TELLING = ("customer.subscription.", "checkout.session.", "invoice.", "customer.deleted")
_MAX_ID, _MAX_TYPE, _MAX_CUSTOMER, _MAX_VERSION = 255, 100, 64, 64


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event as far as we look into it."""

    id: str
    type: str
    occurred_at: datetime
    is_live: bool
    customer_id: str
    object_id: str
    api_version: str
    body: str


def read_event(payload: bytes) -> Incoming:
    """The event of a signed body; raises InvalidJson for what is none.

    Types, fields and kinds of objects that are new to us are no fault.
    """
    try:
        text = payload.decode()
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidJson() from None
    if not isinstance(body, dict):
        raise InvalidJson()
    event_id, kind = _text(body, "id", _MAX_ID), _text(body, "type", _MAX_TYPE)
    if not event_id or not kind:
        raise InvalidJson("The body must be an event, with its id and type.")
    data = body.get("data")
    about = data.get("object") if isinstance(data, Mapping) else None
    about = about if isinstance(about, Mapping) else {}
    return Incoming(
        id=event_id,
        type=kind,
        occurred_at=_moment(body.get("created")),
        is_live=body.get("livemode") is True,
        customer_id=_customer_of(about),
        object_id=_text(about, "id", _MAX_ID),
        api_version=_text(body, "api_version", _MAX_VERSION),
        body=text,
    )


def record(event: Incoming) -> bool:
    """Write the event down with what is to be done about it; False for one that is known.

    In one transaction: an event that is answered with 200 is acted on, whatever ends meanwhile.
    """
    with platform_scope("stripe events"):
        account = _account_of(event)
        outcome = _outcome_of(event, account)
        try:
            with transaction.atomic():
                StripeEvent.objects.create(
                    id=event.id,
                    type=event.type,
                    outcome=outcome,
                    customer_id=event.customer_id,
                    object_id=event.object_id,
                    api_version=event.api_version,
                    occurred_at=event.occurred_at,
                    body=event.body,
                )
        except IntegrityError:
            return False
        if account is not None and outcome == Outcome.QUEUED:
            effects.synchronize(account.tenant, reason=f"event:{event.id}")
    logger.info("stripe_event_recorded", type=event.type, event_id=event.id, outcome=outcome)
    return True


def act_again(event: StripeEvent, *, actor: Actor) -> bool:
    """Read the subscription of the event's customer once more; False when nobody is the customer.

    In a platform scope.
    """
    accounts = BillingAccount.objects.filter(customer_id=event.customer_id)
    account = accounts.select_related("tenant").first()
    if account is None:
        return False
    audit.record(
        tenant=account.tenant,
        actor=actor,
        action="billing.read_again",
        object_type="billing_account",
        object_id=account.pk,
        changes={"event": event.pk},
    )
    effects.synchronize(account.tenant, reason=f"again:{event.pk}:{datetime.now(UTC).isoformat()}")
    return True


def _outcome_of(event: Incoming, account: BillingAccount | None) -> StripeEvent.Outcome:
    if not event.type.startswith(_TELLING):
        return Outcome.KEPT
    if event.is_live != _expects_live():
        return Outcome.WRONG_MODE
    return Outcome.UNMATCHED if account is None else Outcome.QUEUED


def _account_of(event: Incoming) -> BillingAccount | None:
    if not event.customer_id:
        return None
    found = BillingAccount.objects.filter(customer_id=event.customer_id)
    return found.select_related("tenant").first()


def _expects_live() -> bool:
    key: str = settings.STRIPE_SECRET_KEY
    return key.startswith(("sk_live_", "rk_live_"))


def _customer_of(about: Mapping[str, Any]) -> str:
    """The id of the customer, whether it is named, shown or the thing itself."""
    customer = about.get("customer")
    if isinstance(customer, Mapping):
        customer = customer.get("id")
    if customer is None and about.get("object") == "customer":
        customer = about.get("id")
    return customer[:_MAX_CUSTOMER] if isinstance(customer, str) else ""


def _text(values: Mapping[str, Any], name: str, most: int) -> str:
    value = values.get(name)
    return value if isinstance(value, str) and len(value) <= most and "\0" not in value else ""


def _moment(seconds: object) -> datetime:
    if isinstance(seconds, int) and 0 <= seconds < 2**33:
        return datetime.fromtimestamp(seconds, UTC)
    return datetime.now(UTC)
