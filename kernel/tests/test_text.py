"""Measuring and cutting text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.text import is_storable, split_utf16, utf16_length

TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("ab \n🦊👍\u0301\u200d\ufe0f\U0001f3fd"),
    ),
    max_size=120,
)


@pytest.mark.parametrize(
    ("text", "units"),
    [("", 0), ("abc", 3), ("ā", 1), ("🦊", 2), ("e\u0301", 2), ("👩\u200d💻", 5), ("日本", 2)],
)
def test_length_is_counted_in_utf16_units(text: str, units: int) -> None:
    assert utf16_length(text) == units


@pytest.mark.parametrize(
    ("text", "storable"),
    [("", True), ("🦊", True), ("a\x00b", False), ("a\ud800", False), ("\udc00", False)],
)
def test_what_the_database_cannot_hold(text: str, storable: bool) -> None:
    assert is_storable(text) is storable


@given(TEXTS, st.integers(min_value=4, max_value=40))
def test_pieces_fit_and_lose_nothing(text: str, limit: int) -> None:
    pieces = split_utf16(text, limit)
    assert "".join(pieces) == text
    assert all(0 < utf16_length(piece) <= limit for piece in pieces)


@given(TEXTS.filter(lambda text: utf16_length(text) <= 40))
def test_what_fits_stays_in_one_piece(text: str) -> None:
    assert split_utf16(text, 40) == ([text] if text else [])


def test_emoji_are_not_cut_in_half() -> None:
    # 4095 units, then a character of two units across the border.
    pieces = split_utf16("a" * 4095 + "🦊" + "b", 4096)
    assert pieces == ["a" * 4095, "🦊b"]


@pytest.mark.parametrize(
    "drawn_together",
    ["e\u0301", "👍\U0001f3fd", "👩\u200d💻", "❤\ufe0f", "ạ\u0308", "नि", "1\ufe0f\u20e3", "🇱🇻"],
)
def test_a_character_keeps_its_marks(drawn_together: str) -> None:
    for before in range(4085, 4097):
        text = "a" * before + drawn_together * 8
        first, second = split_utf16(text, 4096)
        assert first.rstrip("a").endswith(drawn_together) or first == "a" * before
        assert second.startswith(drawn_together)


def test_cuts_prefer_a_line_break_and_then_a_blank() -> None:
    assert split_utf16("a" * 80 + "\n" + "b c" * 10, 100)[0] == "a" * 80 + "\n"
    assert split_utf16("a" * 80 + " " + "b" * 40, 100)[0] == "a" * 80 + " "
    # A break far from the end would waste the piece.
    assert split_utf16("a\n" + "b" * 200, 100)[0] == "a\n" + "b" * 98


def test_a_pile_of_marks_still_gets_cut() -> None:
    pieces = split_utf16("a" + "\u0301" * 300, 100)
    assert all(utf16_length(piece) <= 100 for piece in pieces)
