"""Taking files in: what a tenant takes, what is made of a file, and where it is kept.

A file is kept in three steps, none of which waits for the network inside a transaction: `prepare`
makes it harmless, `store` takes room for it and writes its bytes, `attach` gives it to its message
in the transaction that adds the message.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db.models import Q, Sum
from django.db.models.functions import Now

from attachments import images, metrics, scanning, sniffing, storage
from attachments.erasure import discard
from attachments.errors import (
    AttachmentsNotAllowed,
    AttachmentTooLarge,
    InvalidAttachment,
    KindNotAllowed,
    NoRoomForAttachment,
)
from attachments.models import StoredFile
from attachments.sniffing import FileType
from conversations import attachment_settings, selectors
from conversations.attached import AttachedFile, FileKind
from conversations.models import Message
from kernel.errors import DomainError
from tenants import configuration, use_limits
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a tenant takes."""

    kinds: frozenset[str]
    max_bytes: int

    @classmethod
    def find(cls, tenant: Tenant) -> "Allowance | None":
        """The tenant's; None when it takes no files."""
        if not tenant.setting(attachment_settings.ALLOWED):
            return None
        kinds: list[str] = tenant.setting(attachment_settings.KINDS)
        return cls(
            kinds=frozenset[str](kinds),
            max_bytes=tenant.setting(attachment_settings.MAX_BYTES),
        )

    @classmethod
    def of(cls, tenant: Tenant) -> "Allowance":
        """The tenant's; raises AttachmentsNotAllowed."""
        found = cls.find(tenant)
        if found is None:
            raise AttachmentsNotAllowed()
        return found

    def require_size(self, size: int) -> None:
        """Raises AttachmentTooLarge."""
        if size > self.max_bytes:
            limit = f"{self.max_bytes / 1024 / 1024:.3g} MB"
            raise AttachmentTooLarge(
                f"The file is too large. Send files of up to {limit}.",
                details={"max_bytes": self.max_bytes},
            )

    def require_kind(self, kind: FileKind) -> None:
        """Raises KindNotAllowed."""
        if kind not in self.kinds:
            raise KindNotAllowed(details={"kind": kind, "allowed": sorted(self.kinds)})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that may be kept; its content is read from the start."""

    content: IO[bytes]
    name: str
    file_type: FileType
    bytes: int
    width: int | None = None
    height: int | None = None


def temporary_file() -> IO[bytes]:
    """A file without a name: gone when it is closed, or its process ends."""
    folder = settings.ATTACHMENTS_DIR
    folder.mkdir(parents=True, exist_ok=True)
    return TemporaryFile(dir=folder)


def prepare(content: IO[bytes], name: str, allowance: Allowance, *, tenant_id: UUID) -> Prepared:
    """Look at a tenant's file and make it harmless; `content` is a real file.

    Pictures are drawn anew. Raises AttachmentTooLarge, KindNotAllowed, InvalidAttachment,
    AttachmentInfected, ScannerAway.
    """
    allowance.require_size(_size_of(content))
    file_type = sniffing.type_of(content, name)
    allowance.require_kind(file_type.kind)
    scanning.scan(content)
    if file_type.kind is not FileKind.IMAGE:
        clean = sniffing.clean_name(name, file_type)
        return Prepared(content, clean, file_type, _size_of(content))
    drawn = temporary_file()
    try:
        picture = images.draw_anew(content, file_type, drawn, owner=tenant_id)
        clean = sniffing.clean_name(name, picture.file_type)
        size = _size_of(drawn)
        allowance.require_size(size)
        return Prepared(drawn, clean, picture.file_type, size, picture.width, picture.height)
    except BaseException:
        drawn.close()
        raise


def store(
    *, tenant_id: UUID, conversation_id: UUID, prepared: Prepared, is_agents: bool = False
) -> StoredFile:
    """Take room and write the bytes; the file waits for its message.

    An agent's is never refused for the tenant's plan. Opens scopes of its own. Raises
    ConversationNotFound, NoRoomForAttachment, OverLimit; what the storage raises leaves a row that
    is swept later.
    """
    with tenant_scope(tenant_id) as tenant:
        selectors.get_conversation(tenant=tenant, conversation_id=conversation_id)
        used = _require_room(tenant, conversation_id, prepared.bytes)
        if not is_agents:
            use_limits.require_below(tenant, Limit.STORAGE_BYTES, used=used, more=prepared.bytes)
        file = StoredFile.objects.create(
            tenant=tenant,
            conversation_id=conversation_id,
            name=prepared.name,
            kind=prepared.file_type.kind,
            media_type=prepared.file_type.media_type,
            bytes=prepared.bytes,
            width=prepared.width,
            height=prepared.height,
        )
    storage.save(file.key, prepared.content)
    return file


@contextmanager
def taken_back_when_refused(file: StoredFile) -> Iterator[None]:
    """Discard a stored file whose message is refused, such as in a conversation that is gone."""
    try:
        yield
    except DomainError:
        with tenant_scope(file.tenant_id) as tenant:
            discard(tenant=tenant, files=[file])
        raise


def attach(*, tenant: Tenant, files: Sequence[StoredFile], message: Message) -> None:
    """Give stored files to the message that was just added with them.

    Files that the message does not have, because it is an earlier one, are discarded.
    """
    named = {file["id"] for file in message.attachments or ()}
    own = [file for file in files if str(file.pk) in named]
    discard(tenant=tenant, files=[file for file in files if str(file.pk) not in named])
    given = StoredFile.objects.filter(tenant=tenant, pk__in=[file.pk for file in own]).update(
        message=message
    )
    if given < len(own):
        raise InvalidAttachment("The file is not there any more. Send it again.")
    for file in own:
        metrics.count_kept(message.direction, file)


def open_content(tenant_id: UUID, file_id: UUID) -> IO[bytes]:
    """The bytes of a file of the tenant's; raises FileNotFoundError once it is erased."""
    return storage.open_file(StoredFile(tenant_id=tenant_id, pk=file_id).key)


def described(file: StoredFile) -> AttachedFile:
    """The file as its message carries it."""
    return AttachedFile(
        id=file.pk,
        name=file.name,
        kind=FileKind(file.kind),
        bytes=file.bytes,
        width=file.width,
        height=file.height,
    )


def bytes_of(*, tenant: Tenant) -> int:
    """How much room the tenant's files take."""
    total: int = StoredFile.objects.filter(tenant=tenant).aggregate(total=Sum("bytes", default=0))[
        "total"
    ]
    return total


def _require_room(tenant: Tenant, conversation_id: UUID, size: int) -> int:
    """How much the tenant's files take already, while it is held.

    Uploads of one tenant at the same time are counted one after another.

    One conversation takes a fifth of a tenant's day at most, or one file of the greatest size.
    Erased files count no more.
    """
    configuration.hold(tenant)
    day = Q(created_at__gt=Now() - timedelta(days=1))
    used = StoredFile.objects.filter(tenant=tenant).aggregate(
        total=Sum("bytes", default=0),
        day=Sum("bytes", filter=day, default=0),
        own=Sum("bytes", filter=day & Q(conversation=conversation_id), default=0),
    )
    daily: int = tenant.setting(attachment_settings.MAX_DAILY_BYTES)
    if used["own"] + size > max(daily // 5, tenant.setting(attachment_settings.MAX_BYTES)):
        raise NoRoomForAttachment(tenant_id=tenant.pk, limit="conversation")
    for key, taken in (
        ("total", attachment_settings.MAX_TOTAL_BYTES),
        ("day", attachment_settings.MAX_DAILY_BYTES),
    ):
        if used[key] + size > tenant.setting(taken):
            raise NoRoomForAttachment(tenant_id=tenant.pk, limit=taken.key)
    total: int = used["total"]
    return total


def _size_of(content: IO[bytes]) -> int:
    return content.seek(0, 2)
