"""Tables for spreadsheets, in which what other people wrote stays a text."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

CSV_TYPE = "text/csv; charset=utf-8"
_FORMULA_STARTS = frozenset("=+-@\N{MINUS SIGN}")
# What ends a cell or a row for some spreadsheet or other: not every one of them goes by RFC 4180.
_CELL_ENDS = re.compile("([;\t\n\v\f\r\x85\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}])")


def csv_header(columns: Sequence[str], *, has_mark: bool = True) -> bytes:
    """The first line: plain names, after a byte order mark.

    Without the mark, Excel reads a file that it opens by a double click in the code page of the
    country. Programs that compare the first name byte by byte ask for `has_mark=False`.
    """
    mark = codecs.BOM_UTF8 if has_mark else b""
    return mark + f"{','.join(columns)}\r\n".encode()


def csv_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """RFC 4180 in UTF-8; each cell in quotes, so that no program has to guess where it ends."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


def harmless(cell: str) -> str:
    """The cell with an apostrophe wherever a spreadsheet could take what follows for a formula.

    That is at its start, and after whatever a program may take for the end of a cell: where lists
    are separated by semicolons, Excel splits cells at those, even within quotes, and begins a row
    at every line break. Some programs pass over blanks, quotes and invisible characters first, and
    understand other forms of the signs.
    """
    parts = _CELL_ENDS.split(cell)
    parts[::2] = ["'" + part if _is_formula(part) else part for part in parts[::2]]
    shown = "".join(parts)
    return f"'{shown}" if shown[:1] in {"\t", "\r", "\n"} else shown


def _is_formula(part: str) -> bool:
    first = next((character for character in part if not _is_passed_over(character)), "")
    return unicodedata.normalize("NFKC", first) in _FORMULA_STARTS


def _is_passed_over(character: str) -> bool:
    is_blank = character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zs"}
    return is_blank or character == '"'
