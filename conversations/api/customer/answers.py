"""Messages as v1 shows them, to customers and to the operator."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from conversations import selectors
from conversations.models import Direction, Message
from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment
from tenants.models import Tenant


class V1Message(Answer, frozen=True, kw_only=True, rename="camel"):
    """A message."""

    id: UUID
    seq: int
    created_at: Moment
    direction: Direction
    text: str
    agent: str | UnsetType = UNSET

    @classmethod
    def of(cls, tenant: Tenant, message: Message) -> "V1Message":
        """The message, under the label that its customer sees."""
        direction = Direction(message.direction)
        is_ours = direction is Direction.OUTBOUND
        return cls(
            id=message.pk,
            seq=message.seq,
            created_at=iso_ms(message.created_at),
            direction=direction,
            text=message.text,
            agent=selectors.agent_label(tenant=tenant, message=message) if is_ours else UNSET,
        )
