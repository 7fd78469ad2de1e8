"""Erasing files: their rows in a transaction, their bytes by the outbox after it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import structlog
from django.db.models.functions import Now

from attachments import storage
from attachments.models import StoredFile
from conversations.events import ConversationsDeleted, MessageDeleted
from kernel import events
from kernel.ids import new_id
from outbox import services as outbox
from outbox.errors import DeliveryError
from outbox.kinds import Kind
from outbox.models import Lane, OutboxItem
from outbox.queueing import Effect, Payload
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)

# Longer than anything that takes a file in.
KEEP_STRAYS = timedelta(hours=1)
_BATCH = 500


class StoredKeys(Payload, frozen=True, kw_only=True):
    """Where bytes are that nobody needs any more."""

    shown: ClassVar[frozenset[str]] = frozenset({"keys"})

    keys: list[str]


REMOVE = Kind("attachments.remove", StoredKeys, lane=Lane.COSMETIC)


def register() -> None:
    """Subscribe to deletions."""
    events.subscribe(ConversationsDeleted, erase_files)
    events.subscribe(MessageDeleted, erase_files_of_message)


def erase_files(event: ConversationsDeleted) -> None:
    """The rows go with their conversations; the bytes follow."""
    files = StoredFile.objects.filter(tenant=event.tenant, conversation__in=event.conversations)
    _enqueue_removal(event.tenant, [file.key for file in files.only("tenant_id", "pk")])


def erase_files_of_message(event: MessageDeleted) -> None:
    """Their addresses mean nothing any more, and the bytes follow."""
    files = StoredFile.objects.filter(tenant=event.tenant, message=event.message)
    keys = [file.key for file in files.only("tenant_id", "pk")]
    if keys:
        files.delete()
        _enqueue_removal(event.tenant, keys)


def discard(*, tenant: Tenant, files: Iterable[StoredFile]) -> None:
    """Take away files, but for those that have a message by now."""
    keys = {file.pk: file.key for file in files}
    if not keys:
        return
    rows = StoredFile.objects.filter(tenant=tenant, pk__in=keys)
    kept = {row.pk for row in rows.select_for_update() if row.message_id is not None}
    rows.exclude(pk__in=kept).delete()
    _enqueue_removal(tenant, [key for pk, key in keys.items() if pk not in kept])


def discard_strays() -> int:
    """Take away files that have waited too long for a message; returns how many."""
    with platform_scope("files without a message"):
        strays = StoredFile.objects.filter(
            message__isnull=True, created_at__lt=Now() - KEEP_STRAYS
        ).order_by("created_at")
        found = list(strays.values_list("tenant_id", "pk")[:_BATCH])
    by_tenant: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for tenant_id, file_id in found:
        by_tenant[tenant_id].append(file_id)
    for tenant_id, file_ids in by_tenant.items():
        with tenant_scope(tenant_id) as tenant:
            rows = StoredFile.objects.filter(tenant=tenant, pk__in=file_ids, message__isnull=True)
            discard(tenant=tenant, files=rows.select_for_update(skip_locked=True))
    return len(found)


@REMOVE.handler
def remove(item: OutboxItem, payload: StoredKeys) -> None:
    """Remove the bytes; what is gone already is as good."""
    try:
        for key in payload.keys:
            storage.remove(key)
    except OSError as error:
        raise DeliveryError(f"the storage refuses: {type(error).__name__}") from error
    logger.info("attachment_bytes_removed", files=len(payload.keys))


def _enqueue_removal(tenant: Tenant, keys: Sequence[str]) -> None:
    outbox.enqueue(
        tenant=tenant,
        effects=[_removal(keys[at : at + _BATCH]) for at in range(0, len(keys), _BATCH)],
    )


def _removal(keys: Sequence[str]) -> Effect:
    name = f"attachments:{new_id()}"
    return REMOVE.effect(StoredKeys(keys=list(keys)), ordering_key=name, idempotency_key=name)
