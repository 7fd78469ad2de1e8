"""What a search finds in a text."""

import pytest

from conversations.search_index import words_of


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
