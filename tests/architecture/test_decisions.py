"""Decisions are written down in one form."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

_RECORDS = sorted((ROOT / "docs" / "adr").glob("0*.md"))
_SECTIONS = ["Question", "Choice", "Rejected", "Consequences"]


@pytest.mark.parametrize("record", _RECORDS, ids=lambda path: path.stem)
def test_a_decision_has_the_form_of_the_template(record: Path) -> None:
    text = record.read_text()
    assert re.match(rf"# {int(record.name[:4])}\. \S", text)
    assert re.search(r"^- \*\*Status:\*\* (Proposed|Accepted|Replaced)", text, re.MULTILINE)
    assert re.search(r"^- \*\*Date:\*\* \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == _SECTIONS


def test_numbers_have_no_gaps() -> None:
    assert [int(path.name[:4]) for path in _RECORDS] == list(range(1, len(_RECORDS) + 1))
