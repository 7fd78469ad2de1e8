"""How topics are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_telegram.texts import MAX_TITLE, topic_title
from conversations.models import Conversation


@pytest.mark.parametrize(
    ("name", "note", "title"),
    [
        ("", "", "Amber Otter #3F2A"),
        ("Mara", "", "Mara — Amber Otter #3F2A"),
        ("", "likes tea", "Amber Otter #3F2A — 📝"),
        ("Mara", "likes tea", "Mara — Amber Otter #3F2A — 📝"),
    ],
)
def test_the_forms_of_a_title(name: str, note: str, title: str) -> None:
    conversation = Conversation(codename="Amber Otter #3F2A", customer_name=name, about_note=note)
    assert topic_title(conversation) == title


@given(st.text(max_size=200), st.text(min_size=2, max_size=200), st.booleans())
def test_a_title_fits_and_keeps_the_mark(name: str, codename: str, has_note: bool) -> None:
    conversation = Conversation(
        codename=codename, customer_name=name, about_note="x" if has_note else ""
    )
    title = topic_title(conversation)
    assert 0 < len(title) <= MAX_TITLE
    assert title.endswith(" — 📝") or not has_note
