"""A conversation as a file, of any length, in batches that each have a scope of their own."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from uuid import UUID

from chatorical.kernel.clock import iso_ms
from conversations import selectors
from conversations.models import Conversation, Message
from tenants.models import Tenant
from tenants.scope import tenant_scope

BATCH = 500
CSV_COLUMNS = ("createdAt", "direction", "text")
_FORMULA_STARTS = frozenset("=+-@\N{MINUS SIGN}")
# What ends a cell or a row for some spreadsheet or other: not every one of them goes by RFC 4180.
_CELL_ENDS = re.compile("([,;\t\n\v\f\r\x85\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}])")

ShowMessage = Callable[[Tenant, Message], dict[str, object]]


def csv_pieces(
    conversation: Conversation, columns: tuple[str, str, str] = CSV_COLUMNS
) -> Iterator[bytes]:
    """RFC 4180 in UTF-8 without a byte order mark: a header, then a row per message."""
    yield f"{','.join(columns)}\r\n".encode()
    for _, messages in _batches(conversation):
        yield _csv_rows([_csv_row(message) for message in messages])


def json_pieces(
    conversation: Conversation, head: dict[str, object], show: ShowMessage
) -> Iterator[bytes]:
    """One object: `head`'s fields, and `messages` as `show` has them."""
    opening = json.dumps(head, ensure_ascii=False)
    yield f'{opening[:-1]}, "messages": ['.encode()
    separator = "\n"
    for tenant, messages in _batches(conversation):
        shown = ",\n".join(
            json.dumps(show(tenant, message), ensure_ascii=False) for message in messages
        )
        yield f"{separator}{shown}".encode()
        separator = ",\n"
    yield b"\n]}\n"


def file_name(conversation: Conversation, extension: str) -> str:
    """A name for the file, of the codename's plain letters and digits."""
    stem = re.sub(r"[^a-z0-9]+", "-", conversation.codename.lower()).strip("-")
    return f"{stem or 'conversation'}.{extension}"


def harmless(cell: str) -> str:
    """The cell with an apostrophe wherever a spreadsheet could take what follows for a formula.

    That is at its start, and after whatever a program may take for the end of a cell: where lists
    are separated by semicolons, Excel splits cells at those, even within quotes, and begins a row
    at every line break. Some programs pass over blanks, quotes and invisible characters first, and
    understand other forms of the signs.
    """
    parts = _CELL_ENDS.split(cell)
    parts[::2] = ["'" + part if _is_formula(part) else part for part in parts[::2]]
    shown = "".join(parts)
    return f"'{shown}" if shown[:1] in {"\t", "\r", "\n"} else shown


def _is_formula(part: str) -> bool:
    first = next((character for character in part if not _is_passed_over(character)), "")
    return unicodedata.normalize("NFKC", first) in _FORMULA_STARTS


def _is_passed_over(character: str) -> bool:
    is_blank = character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zs"}
    return is_blank or character == '"'


def _csv_row(message: Message) -> tuple[str, str, str]:
    return iso_ms(message.created_at), message.direction, harmless(message.text)


def _csv_rows(rows: list[tuple[str, str, str]]) -> bytes:
    """Each cell in quotes, so that no program has to guess where a text ends."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


def _batches(conversation: Conversation) -> Iterator[tuple[Tenant, list[Message]]]:
    """Its messages up to the newest one at the start, oldest first.

    No scope is open between two batches: the reader of the file may take all the time they want.
    """
    after = 0
    while after < conversation.last_seq:
        tenant, messages = _read(conversation.tenant_id, conversation, after)
        if not messages:
            # Deleted meanwhile.
            return
        yield tenant, messages
        after = messages[-1].seq


def _read(tenant_id: UUID, conversation: Conversation, after: int) -> tuple[Tenant, list[Message]]:
    with tenant_scope(tenant_id) as tenant:
        messages = selectors.list_messages(
            tenant=tenant, conversation=conversation, after=after, up_to=conversation.last_seq
        )
        return tenant, list(messages[:BATCH])
