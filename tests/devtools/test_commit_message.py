"""The hook for commit messages."""

import subprocess
import sys
from pathlib import Path

import pytest

from devtools.commit_message import faults
from devtools.paths import ROOT


@pytest.mark.parametrize(
    "message",
    [
        "outbox: Obey retry_after to the second\n\nA 429 with 7 was tried again after 5.\n",
        "channels_telegram/topics: Forget a topic once",
        "# a comment of git\nkernel: Say `timeout`\n# more of it\n",
        "Merge branch 'main'",
        "fixup! outbox: Obey retry_after",
    ],
)
def test_a_message_in_the_form_passes(message: str) -> None:
    assert faults(message) == []


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("Fix things", "area: Imperative"),
        ("outbox: fix things", "area: Imperative"),
        ("outbox:Fix things", "area: Imperative"),
        ("outbox: Fix things.", "full stop"),
        ("outbox: Fix things\nand more", "second line"),
        ("outbox: " + "F" * 65, "73 characters"),
    ],
)
def test_another_message_is_refused_with_the_reason(message: str, fault: str) -> None:
    assert any(fault in found for found in faults(message))


def test_the_hook_ends_with_1_and_says_why(tmp_path: Path) -> None:
    written = tmp_path / "COMMIT_EDITMSG"
    written.write_text("fix\n")
    done = subprocess.run(
        [sys.executable, "-m", "devtools.commit_message", str(written)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("The subject is `fix`")
