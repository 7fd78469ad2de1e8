"""Legal holds in the console, and what becomes of a closed conversation."""

from datetime import timedelta

from conversations import services, validation
from conversations.models import Conversation
from conversations.setting_keys import RETENTION_DAYS
from tenants.audit import Actor
from tenants.console import Question, moment
from tenants.console.base import Perform
from tenants.models import Tenant

PLACE = Question(
    title="Place a legal hold?",
    meaning="The conversation cannot be deleted any more, neither by itself after its time nor by "
    "a person, until the hold is lifted. Nothing changes for the customer and the agents.",
    button="Place legal hold",
    field="Reason, such as the name of the case",
    max_length=validation.MAX_REASON,
)
LIFT = Question(
    title="Lift the legal hold?",
    meaning="The conversation can be deleted again. If it was closed longer ago than the tenant "
    "keeps closed conversations, it is deleted within the hour, and cannot be brought back.",
    button="Lift legal hold",
    is_dangerous=True,
)


def placing(reason: str) -> Perform[Conversation]:
    """Places a hold for this reason, as it was written in the form."""

    def place(tenant: Tenant, row: Conversation, actor: Actor) -> bool:
        return services.place_legal_hold(
            tenant=tenant,
            conversation_id=row.pk,
            reason=validation.legal_hold_reason(reason),
            actor=actor,
        )

    return place


def lift(tenant: Tenant, row: Conversation, actor: Actor) -> bool:
    """Lifts the hold."""
    return services.lift_legal_hold(tenant=tenant, conversation_id=row.pk, actor=actor)


def time_left(tenant: Tenant, conversation: Conversation) -> list[tuple[str, str]]:
    """When a closed conversation is deleted, or what keeps it."""
    if conversation.is_on_legal_hold:
        since = moment(conversation.legal_hold_since)
        return [("Legal hold", since), ("Reason", conversation.legal_hold_reason)]
    if conversation.closed_at is None:
        return []
    days = tenant.setting(RETENTION_DAYS)
    end = moment(conversation.closed_at + timedelta(days=days)) if days else "never"
    return [("Closed", moment(conversation.closed_at)), ("Deleted after", end)]
