"""Files of a message, as the message itself carries them.

The bytes, and what may be taken in, are the business of the `attachments` app. A message keeps what
is shown of its files in its own row, so that reading a history asks for nothing more.
"""

import time
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare, salted_hmac
from msgspec import UNSET, Meta, UnsetType

from conversations.models import Message
from kernel.rest.answers import Answer

PATH = "/v2/attachments/"
# An address is good for one to two of these. It stays the same within one, for browsers' caches.
_PERIOD_SECONDS = 12 * 3600
_SIGNER = Signer(salt="attachments.address")


class FileKind(StrEnum):
    """What a file is, by its content; the values are on the wire."""

    IMAGE = "image"
    DOCUMENT = "document"
    AUDIO = "audio"
    VIDEO = "video"
    ARCHIVE = "archive"


class AttachedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file as its message's row has it; width and height are an image's, in pixels."""

    id: UUID
    name: str
    kind: FileKind
    bytes: int
    width: int | None = None
    height: int | None = None


class Attachment(Answer, frozen=True, kw_only=True):
    """A file of a message."""

    id: str
    name: str
    kind: Annotated[FileKind, Meta(description="By its content, whatever its name says.")]
    bytes: int
    width: Annotated[int | UnsetType, Meta(description="Of an image, in pixels.")] = UNSET
    height: Annotated[int | UnsetType, Meta(description="Of an image, in pixels.")] = UNSET
    url: Annotated[
        str,
        Meta(description="Good for 12 to 24 hours without a token; read the message again then."),
    ]


def files_of(message: Message) -> tuple[AttachedFile, ...]:
    """What is attached to it."""
    if not message.attachments:
        return ()
    return tuple(msgspec.convert(message.attachments, list[AttachedFile]))


def stored(files: Iterable[AttachedFile]) -> list[dict[str, Any]] | None:
    """The files as the column holds them."""
    return [msgspec.to_builtins(file) for file in files] or None


def shown(message: Message) -> list[Attachment]:
    """The files with addresses from which they can be read."""
    return [
        Attachment(
            id=str(file.id),
            name=file.name,
            kind=file.kind,
            bytes=file.bytes,
            width=UNSET if file.width is None else file.width,
            height=UNSET if file.height is None else file.height,
            url=address_of(message, file),
        )
        for file in files_of(message)
    ]


def shown_or_unset(message: Message) -> list[Attachment] | UnsetType:
    """As `shown`; unset without any."""
    return shown(message) if message.attachments else UNSET


def with_addresses(text: str, attachments: list[Attachment] | UnsetType) -> str:
    """The text for clients that know texts only: a line with the address of each file."""
    if attachments is UNSET:
        return text
    lines = [f"{one.name}: {one.url}" for one in attachments]
    return "\n".join([text, *lines] if text else lines)


# --- addresses -------------------------------------------------------------------------------


class FileAddress(msgspec.Struct, frozen=True):
    """What a signed address names; its conversation is not named, and must be as it was."""

    tenant_id: UUID
    file_id: UUID
    expires_at: int
    seal: str

    def is_of(self, conversation_id: UUID) -> bool:
        """Whether it was made for this conversation."""
        secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        seals = [_seal_of(conversation_id, secret) for secret in secrets]
        return any(constant_time_compare(self.seal, seal) for seal in seals)


def address_of(message: Message, file: AttachedFile) -> str:
    """A public address of the file that expires.

    The conversation's id is a permission in itself, so it is bound to the address unreadably.
    """
    expires_at = (int(time.time()) // _PERIOD_SECONDS + 2) * _PERIOD_SECONDS
    facts = (message.tenant_id.hex, f"{expires_at:x}", _seal_of(message.conversation_id))
    signed = _SIGNER.sign(".".join((file.id.hex, *facts))).partition(".")[2]
    return f"{settings.PUBLIC_ORIGIN}{PATH}{file.id}?key={signed.replace(':', '.')}"


def read_address(file_id: UUID, key: str) -> FileAddress | None:
    """What a file's address says; None for one that is forged or has expired."""
    facts, _, signature = key.rpartition(".")
    try:
        tenant, expires_at, seal = _SIGNER.unsign(f"{file_id.hex}.{facts}:{signature}").split(".")[
            1:
        ]
    except (BadSignature, ValueError):
        return None
    address = FileAddress(UUID(hex=tenant), file_id, int(expires_at, 16), seal)
    return address if address.expires_at > time.time() else None


def _seal_of(conversation_id: UUID, secret: str | None = None) -> str:
    """By the present key, unless another one is given."""
    sealed = salted_hmac("attachments.conversation", str(conversation_id), secret)
    return sealed.hexdigest()[:16]
