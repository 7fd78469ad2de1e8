"""Finding conversations by words, however many there are.

Row-level security lets an index answer only comparisons that cannot leak what they compare, which
LIKE, trigrams and text search are not. So the words of a conversation are rows of their own, found
by `>=` and `<`; the services that write name, codename or note write them in the same transaction.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, QuerySet

from conversations.models import Conversation, ConversationWord, Message
from conversations.search_index import words_of
from tenants import scope_state
from tenants.models import Tenant

_Row: TypeAlias = tuple[UUID, UUID, list[str]]
# Of more words, the longest count: each is a join, and the planner's work grows with them.
MAX_WORDS = 5
# What so few have is looked up and sorted; what more have is met soon on the way along the times.
FEW = 10_000
# How many messages a search in their texts reads: 0.1 to 0.3 seconds, where a million take 2 to 3.
NEWEST_MESSAGES = 100_000
_MAX_SAYING = 2_000
_SAYING = """
    SELECT conversation_id FROM (
        SELECT id, conversation_id, text FROM conversations_message
        ORDER BY id DESC LIMIT %s) newest
    WHERE text ILIKE ALL(%s::text[]) ORDER BY id DESC LIMIT %s
"""
_SAYING_OF_TENANT = """
    SELECT conversation_id FROM (
        SELECT id, conversation_id, text FROM conversations_message WHERE tenant_id = %s
        ORDER BY id DESC LIMIT %s) newest
    WHERE text ILIKE ALL(%s::text[]) ORDER BY id DESC LIMIT %s
"""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# No letter comes after it.
_END = "\U0010ffff"
_ADD = """
    INSERT INTO conversations_conversationword (tenant_id, conversation_id, word)
    SELECT %s, %s, unnest(%s::text[]) ON CONFLICT DO NOTHING
"""
_REPLACE = f"""
    WITH gone AS (
        DELETE FROM conversations_conversationword
        WHERE tenant_id = %s AND conversation_id = %s AND word <> ALL(%s::text[]))
    {_ADD}
"""  # noqa: S608  # nosec B608


def index_new(conversation: Conversation) -> None:
    """Let a conversation be found that has just been stored."""
    _execute(_ADD, _row(conversation))


def index_changed(conversation: Conversation) -> None:
    """Let a conversation, which must be locked, be found by what it is called now only."""
    _execute(_REPLACE, _row(conversation) * 2)


def filter_by_search(
    rows: QuerySet[Conversation], *, tenant: Tenant, search: str
) -> QuerySet[Conversation]:
    """Those of the tenant's `rows` with a word that begins like it for each word of `search`.

    The id of one of them, written out with its hyphens, means that one. Without any letter or digit
    nothing is found.
    """
    text = search.strip()
    if _ID.fullmatch(text):
        named = rows.filter(pk=UUID(text))
        if named.exists():
            return named
    beginnings = _beginnings(text)
    if not beginnings:
        return rows.none()
    found_by = [
        ConversationWord.objects.filter(
            tenant=tenant, word__gte=beginning, word__lt=beginning + _END
        )
        for beginning in beginnings
    ]
    rare = next((words for words in found_by if _have_few(words)), None)
    if rare is not None:
        # Read at once, whatever the planner thinks of walking along the times instead: those who
        # have a word may all be old.
        rows = rows.filter(_is_one_of(rare.values("conversation_id")))
    for words in found_by:
        if words is not rare:
            rows = rows.filter(Exists(words.filter(conversation=OuterRef("pk"))))
    return rows


def filter_by_substring(
    rows: QuerySet[Conversation], *, tenant: Tenant, search: str
) -> QuerySet[Conversation]:
    """As `filter_by_search`, but a word of `search` may also stand within a word.

    No index finds that. The words of the tenant are read, once at most, for the longest part. When
    few have it, they are looked at for the others; what more have is met soon on the way along the
    times.
    """
    text = search.strip()
    if _ID.fullmatch(text):
        named = rows.filter(pk=UUID(text))
        if named.exists():
            return named
    parts = sorted(words_of([text]), key=len, reverse=True)[:MAX_WORDS]
    if not parts:
        return rows.none()
    found_by = [ConversationWord.objects.filter(tenant=tenant, word__contains=p) for p in parts]
    rare = list(found_by[0].values_list("conversation_id", flat=True)[: FEW + 1])
    if len(rare) <= FEW:
        rows = rows.filter(pk__in=rare)
    for words in found_by[1:] if len(rare) <= FEW else found_by:
        # Looked at row by row: the planner takes parts of words for rare, and would read all words.
        own = words.filter(conversation=OuterRef("pk"))
        rows = rows.filter(_is_one_of(own.values("conversation_id")))
    return rows


def filter_for_staff(rows: QuerySet[Conversation], *, search: str) -> QuerySet[Conversation]:
    """As `filter_by_search`, for staff: several tenants at once, and an id means nothing here."""
    beginnings = _beginnings(search)
    if not beginnings:
        return rows.none()
    for beginning in beginnings:
        # Whose they are, so that each tenant's stretch of the index is looked up.
        words = ConversationWord.objects.filter(
            tenant__in=Tenant.objects.all(), word__gte=beginning, word__lt=beginning + _END
        )
        rows = rows.filter(pk__in=words.values("conversation_id"))
    return rows


def find_by_messages(search: str) -> list[UUID]:
    """The conversations, newest message first, in which one message has all parts of `search`.

    Looks at the scope's NEWEST_MESSAGES newest messages: no index can answer under row-level
    security, and rows for the words of every message would cost each send more than finding an
    old one is worth.
    """
    parts = sorted(set(search.split()), key=len, reverse=True)[:MAX_WORDS]
    tenant_id = scope_state.require(Message.__name__).tenant_id
    if not parts:
        return []
    statement = _SAYING if tenant_id is None else _SAYING_OF_TENANT
    whose = [] if tenant_id is None else [tenant_id]
    patterns = [f"%{_escaped(part)}%" for part in parts]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*whose, NEWEST_MESSAGES, patterns, _MAX_SAYING])
        # A conversation once, at the place of its newest such message.
        return list(dict.fromkeys(row[0] for row in cursor.fetchall()))


def _escaped(text: str) -> str:
    """For LIKE, which gives these signs a meaning of their own."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def _have_few(words: QuerySet[ConversationWord]) -> bool:
    # In the order of the index, from which it is read then and no table.
    return words.order_by("word").values("conversation_id")[: FEW + 1].count() <= FEW


def _is_one_of(ids: QuerySet[ConversationWord, Any]) -> Func:
    """As `pk__in`, but read before anything else."""
    return Func(
        F("pk"),
        ArraySubquery(ids),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _beginnings(search: str) -> list[str]:
    words = words_of([search])
    # What begins with `amber` also begins with `am`.
    needed = [
        word
        for word in words
        if not any(other != word and other.startswith(word) for other in words)
    ]
    return sorted(needed, key=len, reverse=True)[:MAX_WORDS]


def _row(conversation: Conversation) -> _Row:
    texts = (conversation.customer_name, conversation.codename, conversation.about_note)
    return (conversation.tenant_id, conversation.pk, words_of(texts))


def _execute(statement: str, parameters: Sequence[UUID | list[str]]) -> None:
    scope_state.require(ConversationWord.__name__)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
