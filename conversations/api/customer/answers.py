"""What customers' calls answer; v1's messages are shown to the operator, too."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from conversations import selectors
from conversations.attached import Attachment, shown_or_unset, with_addresses
from conversations.models import Direction, Message
from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment
from tenants.models import Tenant


class V1Message(Answer, frozen=True, kw_only=True, rename="camel"):
    """A message.

    One with files has their addresses in its text, for clients that know texts only; `caption` is
    the text without them. What is left of one that was deleted is for tokens of sessions only.
    """

    id: UUID
    seq: int
    created_at: Moment
    direction: Direction
    text: str
    agent: str | UnsetType = UNSET
    caption: str | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET

    @classmethod
    def of(cls, tenant: Tenant, message: Message) -> "V1Message":
        """The message, under the label that its customer sees."""
        direction = Direction(message.direction)
        is_ours = direction is Direction.OUTBOUND
        attachments = shown_or_unset(message)
        return cls(
            id=message.pk,
            seq=message.seq,
            created_at=iso_ms(message.created_at),
            direction=direction,
            text=with_addresses(message.text, attachments),
            agent=selectors.agent_label(tenant=tenant, message=message) if is_ours else UNSET,
            caption=UNSET if attachments is UNSET else message.text,
            attachments=attachments,
            deleted=UNSET if message.deleted_at is None else True,
        )


class StartedSession(Answer, frozen=True, kw_only=True):
    """A session that has begun, with its first token and its first challenge."""

    session_id: UUID
    conversation_id: UUID
    codename: str
    token: str
    expires_in: int
    challenge: str


class IssuedChallenge(Answer, frozen=True, kw_only=True):
    """Something to sign."""

    challenge: str
    expires_in: int


class IssuedToken(Answer, frozen=True, kw_only=True):
    """A conversation's token, of a session."""

    token: str
    expires_in: int
