"""Tables as CSV that a spreadsheet opens without harm."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

CSV_TYPE = "text/csv; charset=utf-8"
_FORMULA_STARTS = frozenset("=+-@")


def csv_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """RFC 4180 in UTF-8 without a byte order mark. Cells are written as they are."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def harmless(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet could take it for a formula.

    Some programs pass over blanks and invisible characters at its start, and understand the
    full-width forms of the signs.
    """
    if cell[:1] in {"\t", "\r", "\n"}:
        return f"'{cell}"
    first = next((character for character in cell if not _is_passed_over(character)), "")
    return f"'{cell}" if unicodedata.normalize("NFKC", first) in _FORMULA_STARTS else cell


def _is_passed_over(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zs"}
