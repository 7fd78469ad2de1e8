"""Delivering this app's outbox items: the calls of Stripe that the worker makes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import SystemRandom
from threading import BoundedSemaphore
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from billing.errors import StripeNotConfigured
from billing.models import BillingAccount
from billing.stripe import api, kinds
from billing.stripe.failures import Busy, NotLetIn, Refused, Trouble, UnknownCustomer
from billing.subscriptions import services as subscriptions
from outbox.errors import ChannelOnHold, DeliveryError
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem
from tenants.scope import tenant_scope

_HOLD = timedelta(minutes=5)
# A Stripe that hangs holds this many of a worker's senders, and the others go on with posts.
_MAX_SENDERS = max(1, settings.OUTBOX_SENDERS // 8)
_senders = BoundedSemaphore(_MAX_SENDERS)
# Not all of those who wait come back at the same time.
_WAIT_SECONDS = (10, 30)


@kinds.SYNCHRONIZE.handler
def synchronize(item: OutboxItem, payload: kinds.Synchronize) -> AfterDelivery | None:
    """Read what is so, whatever the event said: events come late, twice and in any order."""
    customer_id = _customer_of(item.tenant_id)
    if customer_id is None:
        return None
    with _one_of_the_senders(), telling_the_outbox():
        asked_at = timezone.now()
        try:
            readings = api.subscriptions_of(customer_id)
        except UnknownCustomer as unknown:
            # It says nothing about what is paid: nothing changes until a person has looked.
            with tenant_scope(item.tenant_id) as tenant:
                subscriptions.note_problem(tenant=tenant, problem=str(unknown))
            raise
    return _in_scope_of(
        item.tenant_id,
        lambda tenant: subscriptions.take_over(tenant=tenant, readings=readings, asked_at=asked_at),
    )


@contextmanager
def _one_of_the_senders() -> Iterator[None]:
    """Take a sender for a call of Stripe; where too many have one, the item waits."""
    if not _senders.acquire(blocking=False):
        seconds = SystemRandom().uniform(*_WAIT_SECONDS)
        raise ChannelOnHold(
            "Other calls of Stripe are under way.",
            until=timezone.now() + timedelta(seconds=seconds),
        )
    try:
        yield
    finally:
        _senders.release()


@contextmanager
def telling_the_outbox() -> Iterator[None]:
    """Translate Stripe's failures into what the outbox does about them."""
    try:
        yield
    except Busy as error:
        raise DeliveryError(str(error), retry_after_seconds=error.retry_after_seconds) from error
    except Trouble as error:
        raise DeliveryError(str(error), is_ambiguous=True) from error
    except UnknownCustomer as error:
        until = timezone.now() + _HOLD
        raise ChannelOnHold(str(error), until=until, reason=str(error)) from error
    except (NotLetIn, StripeNotConfigured) as error:
        reason = f"{error} Set STRIPE_SECRET_KEY to a key that works."
        raise ChannelOnHold(str(error), until=timezone.now() + _HOLD, reason=reason) from error
    except Refused as error:
        raise DeliveryError(str(error), permanent=True) from error


def _customer_of(tenant_id: UUID) -> str | None:
    with tenant_scope(tenant_id) as tenant:
        accounts = BillingAccount.objects.filter(tenant=tenant)
        return accounts.values_list("customer_id", flat=True).first()


def _in_scope_of(tenant_id: UUID, act: Callable[..., object]) -> AfterDelivery:
    def after() -> None:
        with tenant_scope(tenant_id) as tenant:
            act(tenant)

    return after
