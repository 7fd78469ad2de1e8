"""What counts as a command, however it is typed."""

import pytest

from channels_telegram.inbound.commands import parse_command


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/claim", "claim", ""),
        ("/CLAIM", "claim", ""),
        ("  /claim", "claim", ""),
        ("\n\t/Claim  ", "claim", ""),
        ("/claim@chatorical_bot", "claim", ""),
        ("/Claim@Chatorical_Bot", "claim", ""),
        (" /note  likes tea ", "note", "likes tea"),
        ("/note\nlikes tea\nand toast", "note", "likes tea\nand toast"),
        ("/note@chatorical_bot likes tea", "note", "likes tea"),
        ("/note@chatorical_bot\nlikes tea", "note", "likes tea"),
        ("/codename@bot Blue Falcon", "codename", "Blue Falcon"),
        ("/note see a@b.example", "note", "see a@b.example"),
        ("/nonsense", "nonsense", ""),
        ("/", "", ""),
        ("/ claim", "", "claim"),
        ("//", "/", ""),
        ("/@bot", "", ""),
        ("/path/to/file is missing", "path/to/file", "is missing"),
        ("/1", "1", ""),
        ("/команда", "команда", ""),
        ("\u200b/claim", "claim", ""),
        ("\ufeff /note x", "note", "x"),
        ("\u2060\u200e/close", "close", ""),
        ("\u2068/close", "close", ""),
        ("\u061c\u202b\u2067/close", "close", ""),
        ("\ufe0f/close", "close", ""),
        ("\u3164\u2800\u0301/close", "close", ""),
    ],
)
def test_a_text_that_starts_with_a_slash_is_a_command(text: str, name: str, argument: str) -> None:
    command = parse_command(text)
    assert command is not None
    assert (command.name, command.argument) == (name, argument)


@pytest.mark.parametrize(
    ("text", "ours", "is_for_another"),
    [
        ("/close@OtherBot", ["chatorical_bot"], True),
        ("/close@Chatorical_Bot", ["chatorical_bot"], False),
        ("/close@Second_bot", ["chatorical_bot", "second_bot"], False),
        ("/close", ["chatorical_bot"], False),
        ("/close@", ["chatorical_bot"], False),
        ("/note a@OtherBot", ["chatorical_bot"], False),
        ("/close@OtherBot", [], False),
    ],
)
def test_a_command_may_name_its_bot(text: str, ours: list[str], is_for_another: bool) -> None:
    command = parse_command(text)
    assert command is not None
    assert command.is_for_another_bot(ours) is is_for_another


@pytest.mark.parametrize("text", ["", "claim", "1/2", "see /claim", "\\claim", "⁄claim", "-/x"])
def test_any_other_text_is_none(text: str) -> None:
    assert parse_command(text) is None
