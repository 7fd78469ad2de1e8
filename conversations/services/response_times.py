"""How long customers wait for people: measured, and counted once it is committed."""

from datetime import datetime
from functools import partial

from django.db import transaction

from conversations import metrics
from conversations.models import Conversation, Direction, Message, Status
from tenants.models import Tenant


def observe_claim(*, since: datetime, now: datetime) -> None:
    """The customer's first unanswered message came at `since`; an agent has claimed `now`."""
    seconds = (now - since).total_seconds()
    transaction.on_commit(partial(metrics.CLAIM_SECONDS.observe, seconds))


def first_unanswered_at(*, tenant: Tenant, conversation: Conversation) -> datetime | None:
    """When the wait began that a reply ends now; None unless it is the first after a claim.

    Looks into the messages once per claim; the replies that follow cost nothing.
    """
    claimed_at, answered_at = conversation.claimed_at, conversation.last_agent_at
    if conversation.status != Status.OPEN_ASSIGNED or claimed_at is None:
        return None
    if answered_at is not None and answered_at >= claimed_at:
        return None
    asked = Message.objects.filter(
        tenant=tenant, conversation=conversation, direction=Direction.INBOUND
    )
    if answered_at is not None:
        asked = asked.filter(created_at__gt=answered_at)
    return asked.order_by("seq").values_list("created_at", flat=True).first()


def observe_first_response(*, since: datetime, now: datetime) -> None:
    """The first reply to what the customer has said at `since` is made `now`."""
    seconds = (now - since).total_seconds()
    transaction.on_commit(partial(metrics.FIRST_RESPONSE_SECONDS.observe, seconds))
