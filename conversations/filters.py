"""Which conversations a list shows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from conversations.models import Conversation


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """All of these hold; None asks for nothing.

    Read newest first, a page at a time. Each condition has an index; of several together, one is
    looked up and the others are compared.
    """

    agent_id: UUID | None = None
    is_unassigned: bool = False
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None
    locale: str | None = None
    is_on_legal_hold: bool | None = None

    def apply(self, rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
        """The rows that fit."""
        if self.is_unassigned:
            rows = rows.filter(assigned_agent__isnull=True)
        if self.is_on_legal_hold is not None:
            rows = rows.filter(legal_hold_since__isnull=not self.is_on_legal_hold)
        conditions = {
            "assigned_agent_id": self.agent_id,
            "created_at__gt": self.created_after,
            "created_at__lt": self.created_before,
            "updated_at__gt": self.updated_after,
            "locale": self.locale,
        }
        return rows.filter(
            **{field: value for field, value in conditions.items() if value is not None}
        )
