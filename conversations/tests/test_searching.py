"""Words of conversations that were there before words were kept."""

from importlib import import_module
from uuid import uuid4

import pytest
from django.db import connection

from conversations import selectors
from conversations.models import Conversation, ConversationWord
from conversations.search_index import words_of
from tenants import audit, services
from tenants.scope import tenant_scope

backfill = import_module("conversations.migrations.0007_index_words")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Amber Otter #3F2A", ["3f2a", "amber", "otter"]),
        ("Ēriks ĒRIKS straße", ["eriks", "strasse"]),
        ("snake_case, 100% O'Neil", ["100", "case", "neil", "o", "snake"]),
        ("Ｗｉｄｅ ① 田中 Мария", ["1", "wide", "мария", "田中"]),
        ("x" * 100, ["x" * 64]),
        ("🦦 %_-", []),
    ],
)
def test_words_are_letters_and_digits(text: str, words: list[str]) -> None:
    assert words_of([text]) == words
    assert backfill.words_of([text]) == words


@pytest.mark.django_db
def test_who_came_before_is_found_after_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "AT_ONCE", 2)
    tenant = services.create_tenant(slug=f"t-{uuid4().hex[:12]}", name="T", actor=audit.SYSTEM)
    with tenant_scope(tenant.pk) as scoped:
        Conversation.objects.bulk_create(
            Conversation(tenant=scoped, codename=f"Grey Heron #{number}") for number in range(5)
        )
    with connection.schema_editor() as editor:
        backfill.index_everything(None, editor)
        backfill.index_everything(None, editor)
    with tenant_scope(tenant.pk) as scoped:
        assert ConversationWord.objects.count() == 5 * 3
        found = selectors.list_conversations(tenant=scoped, search="heron #4")
        assert [row.codename for row in found] == ["Grey Heron #4"]
