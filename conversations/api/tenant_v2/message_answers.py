"""Messages and receipts as the v2 admin calls show them."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from conversations import selectors
from conversations.attached import Attachment, shown
from conversations.models import Conversation, Direction, Message
from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.answers import Answer, Moment
from tenants.models import Tenant


class MessageJson(Answer, frozen=True, kw_only=True):
    """A message; `seq` counts from 1 within its conversation."""

    id: UUID
    seq: int
    created_at: Moment
    edited_at: Moment | None
    deleted_at: Annotated[
        Moment | None,
        Meta(description="Set when it was taken back: `text` and `attachments` are empty then."),
    ]
    direction: Direction
    text: str
    agent_id: UUID | None
    agent_name: Annotated[
        str | None,
        Meta(description="The name that the customer sees; null on their own messages."),
    ]
    template_key: Annotated[
        str | None, Meta(description="Which system message it is, if it is one.")
    ]
    attachments: Annotated[
        list[Attachment], Meta(description="Its files; with any, `text` may be empty.")
    ]

    @classmethod
    def of(cls, tenant: Tenant, message: Message) -> "MessageJson":
        """The message, under the label that its customer sees."""
        direction = Direction(message.direction)
        is_ours = direction is Direction.OUTBOUND
        return cls(
            id=message.pk,
            seq=message.seq,
            created_at=iso_ms(message.created_at),
            edited_at=iso_ms_or_none(message.edited_at),
            deleted_at=iso_ms_or_none(message.deleted_at),
            direction=direction,
            text=message.text,
            agent_id=message.agent_id,
            agent_name=selectors.agent_label(tenant=tenant, message=message) if is_ours else None,
            template_key=message.template_key or None,
            attachments=shown(message),
        )


class ReceiptsJson(Answer, frozen=True, kw_only=True):
    """Who has got and seen what, each up to a `seq`; 0 is none."""

    agents_delivered_seq: Annotated[
        int, Meta(description="Of the customer's messages: the agents' channel has accepted them.")
    ]
    agents_seen_seq: Annotated[int, Meta(description="Of the customer's: an agent has seen them.")]
    customer_delivered_seq: Annotated[
        int, Meta(description="Of messages to the customer: their widget has got them.")
    ]
    customer_seen_seq: Annotated[
        int, Meta(description="Of those: they stood in the open panel, on a visible page.")
    ]

    @classmethod
    def of(cls, conversation: Conversation) -> "ReceiptsJson":
        """As they stand."""
        return cls(
            agents_delivered_seq=conversation.agents_delivered_seq,
            agents_seen_seq=conversation.agents_seen_seq,
            customer_delivered_seq=conversation.customer_delivered_seq,
            customer_seen_seq=conversation.customer_seen_seq,
        )


class MessagePage(Answer, frozen=True, kw_only=True):
    """A stretch of a conversation's history."""

    data: list[MessageJson]
    has_more: Annotated[
        bool,
        Meta(description="Whether more follow: later ones, or with `before` alone, earlier ones."),
    ]
    receipts: ReceiptsJson
