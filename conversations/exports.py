"""A conversation as a file, of any length, in batches that each have a scope of their own."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

from conversations import selectors
from conversations.models import Conversation, Message
from kernel.clock import iso_ms
from kernel.rest.answers import Answer, encode
from kernel.rest.csv_files import csv_header, csv_rows, harmless
from tenants.models import Tenant
from tenants.scope import tenant_scope

# Messages of a batch, which doubles while the batches are small and halves when they are large.
_BATCH, _MAX_BATCH = 100, 1_600
_SMALL, _LARGE = 100_000, 400_000

ShowMessage = Callable[[Tenant, Message], Answer]


def csv_pieces(
    conversation: Conversation, columns: tuple[str, str, str], *, has_mark: bool
) -> Iterator[bytes]:
    """RFC 4180 in UTF-8: a header, after a byte order mark on request, then a row per message."""
    yield csv_header(columns, has_mark=has_mark)
    for _, messages in _batches(conversation):
        yield csv_rows([_csv_row(message) for message in messages])


def json_pieces(conversation: Conversation, head: Answer, show: ShowMessage) -> Iterator[bytes]:
    """One object: `head`'s fields, and `messages` as `show` has them."""
    yield encode(head)[:-1] + b',"messages":['
    separator = b"\n"
    for tenant, messages in _batches(conversation):
        shown = b",\n".join([encode(show(tenant, message)) for message in messages])
        yield separator + shown
        separator = b",\n"
    yield b"\n]}\n"


def file_name(conversation: Conversation, extension: str) -> str:
    """A name for the file, of the codename's plain letters and digits."""
    stem = re.sub(r"[^a-z0-9]+", "-", conversation.codename.lower()).strip("-")
    return f"{stem or 'conversation'}.{extension}"


def _csv_row(message: Message) -> tuple[str, str, str]:
    return iso_ms(message.created_at), message.direction, harmless(message.text)


def _batches(conversation: Conversation) -> Iterator[tuple[Tenant, list[Message]]]:
    """Its messages up to the newest one at the start, oldest first.

    No scope is open between two batches: the reader of the file may take all the time they want.
    """
    after, size = 0, _BATCH
    while after < conversation.last_seq:
        tenant, messages = _read(conversation.tenant_id, conversation, after, size)
        if not messages:
            # Deleted meanwhile.
            return
        yield tenant, messages
        after = messages[-1].seq
        characters = sum(len(message.text) for message in messages)
        if characters < _SMALL:
            size = min(size * 2, _MAX_BATCH)
        elif characters > _LARGE:
            size = max(size // 2, _BATCH)


def _read(
    tenant_id: UUID, conversation: Conversation, after: int, size: int
) -> tuple[Tenant, list[Message]]:
    with tenant_scope(tenant_id) as tenant:
        messages = selectors.list_messages(
            tenant=tenant, conversation=conversation, after=after, up_to=conversation.last_seq
        )
        return tenant, list(messages[:size])
