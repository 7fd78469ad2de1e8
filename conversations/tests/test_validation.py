"""What customers may write, and how conversations are called."""

import re

import pytest

from conversations import validation
from conversations.codenames import new_codename
from conversations.errors import (
    InvalidCodename,
    InvalidName,
    InvalidNote,
    InvalidText,
    TextTooLong,
)
from kernel.errors import InvalidParameter


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Hello", "Hello"),
        (" \t\n Hello \u3000\u2028", "Hello"),
        ("a\n b", "a\n b"),
        ("x" * 4000, "x" * 4000),
        ("😀" * 2000, "😀" * 2000),
        (" " * 5000 + "x", "x"),
        ("<b>", "<b>"),
        ("\u200b", "\u200b"),
    ],
)
def test_a_text_is_kept_but_for_its_edges(raw: str, kept: str) -> None:
    assert validation.message_text(raw) == kept


@pytest.mark.parametrize(
    "raw", ["", "  ", "\u2029", "a\x00", "\ud83d", "\udc00x", None, 5, [], b"x"]
)
def test_what_is_no_text(raw: object) -> None:
    with pytest.raises(InvalidText) as caught:
        validation.message_text(raw)
    assert not isinstance(caught.value, TextTooLong)


@pytest.mark.parametrize("raw", ["x" * 4001, "😀" * 2001, "x" + "😀" * 2000])
def test_a_text_over_the_limit(raw: str) -> None:
    with pytest.raises(TextTooLong):
        validation.message_text(raw)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Al", "Al"),
        ("  Al  ", "Al"),
        ("Anna  Maria", "Anna Maria"),
        ("two\nlines", "two lines"),
        ("x" * 32, "x" * 32),
        ("😀", "😀"),
        ("J.R.R. Tolkien", "J.R.R. Tolkien"),
        ("3.14", "3.14"),
        ("Dr.X", "Dr.X"),
        ("http:/x", "http:/x"),
        ("wwwhat", "wwwhat"),
        ("{codename}", "{codename}"),
    ],
)
def test_names(raw: str, kept: str) -> None:
    assert validation.customer_name(raw) == kept


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "x",
        "x" * 33,
        "HTTP://x",
        "https://x",
        "WWW.x",
        "a.bc",
        "пример.рф",
        "a.b.cd",
        "\x00ab",
        7,
    ],
)
def test_what_is_no_name(raw: object) -> None:
    with pytest.raises(InvalidName):
        validation.customer_name(raw)


@pytest.mark.parametrize("raw", ["ab", "x" * 48, " VIP  guest "])
def test_codenames_that_agents_give(raw: str) -> None:
    assert validation.codename(raw) == " ".join(raw.split())


@pytest.mark.parametrize("raw", ["", "x", "x" * 49, "a\x00b"])
def test_what_is_no_codename(raw: str) -> None:
    with pytest.raises(InvalidCodename):
        validation.codename(raw)


def test_notes_and_their_removal() -> None:
    assert validation.note("  likes tea ") == "likes tea"
    assert validation.note("  ") == ""
    for raw in ("x" * 2001, "a\x00b"):
        with pytest.raises(InvalidNote):
            validation.note(raw)


def test_codenames_are_a_colour_an_animal_and_four_digits() -> None:
    codenames = {new_codename() for _ in range(500)}
    assert len(codenames) > 490, "rarely twins"
    for codename in codenames:
        assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+ #[0-9A-F]{4}", codename)


def test_an_agents_name_is_one_line_of_visible_characters() -> None:
    assert validation.agent_name("  Ana \n of  Loam ") == "Ana of Loam"
    assert validation.agent_name("") == ""
    for raw in ("Ana\0", "Ana\u202e", "\ud800", "x" * 65):
        with pytest.raises(InvalidParameter):
            validation.agent_name(raw)
