"""What customers' calls about files answer."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from conversations.attached import Attachment, shown
from conversations.models import Message
from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment


class SentFile(Answer, frozen=True, kw_only=True):
    """The message that a file became, as sockets of `chatorical.v2` show it."""

    id: UUID
    seq: int
    created_at: Moment
    text: str
    client_id: str | UnsetType = UNSET
    attachments: list[Attachment]

    @classmethod
    def of(cls, message: Message) -> "SentFile":
        """The stored message."""
        return cls(
            id=message.pk,
            seq=message.seq,
            created_at=iso_ms(message.created_at),
            text=message.text,
            client_id=UNSET if message.client_id is None else message.client_id,
            attachments=shown(message),
        )
