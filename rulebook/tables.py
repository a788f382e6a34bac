"""Value tables: which product is which course, kept in a rule file or in a CSV beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

MAX_ROWS: Final = 10_000
MAX_TEXT: Final = 500
SEPARATORS: Final = (",", ";", "\t")

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}", re.ASCII)
_QUOTED = re.compile(r'"[^"]*"?')

_TWO_COLUMNS: Final = "a table has two columns, separated by a comma, a semicolon or a tab"
_HEADINGS: Final = "the first line names the columns: product,course"

Table = dict[str, object]


class TableError(ValueError):
    """A CSV text that is no table: what is wrong in which line (from 1)."""

    def __init__(self, message: str, line: int, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.help = help


def read_csv(text: str) -> Table:
    """The table of a CSV text: first column key, second value, one header row; raises TableError.

    Comma, semicolon or tab; a byte order mark and Windows line ends do no harm. Whole numbers
    become numbers, everything else stays text.
    """
    text = text.removeprefix("\ufeff")
    _check_text(text)
    rows = _rows(text)
    header = next(rows, None)
    if header is None:
        raise TableError("the table is empty", 1, _HEADINGS)
    width = len(header[1])
    if width < 2:
        raise TableError(_TWO_COLUMNS, header[0], _HEADINGS)
    table: Table = {}
    lines: dict[str, int] = {}
    for line, row in rows:
        key, value = _pair(row, width, line)
        folded = key.casefold()
        if folded in lines:
            raise TableError(f'"{key}" is listed twice (first in line {lines[folded]})', line)
        if len(table) >= MAX_ROWS:
            raise TableError(f"the table has more than {MAX_ROWS:,} rows", line)
        lines[folded] = line
        table[key] = value
    return table


def typed_cell(text: str) -> str | int:
    """A whole number as a number, everything else as the text it is."""
    return int(text) if _WHOLE.fullmatch(text) else text


def _check_text(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if any("\ud800" <= sign <= "\udfff" for sign in line):
            raise TableError(
                "this line is not UTF-8 text", number, 'save the file as "CSV UTF-8" and try again'
            )
        if "\0" in line:
            raise TableError("an invisible control character stands in this line", number)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the number of its first line."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=_separator(text),
        skipinitialspace=True,
        strict=True,
    )
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            help = 'a " inside quotes is written twice: "19"" rack"'
            raise TableError(f"the quotes do not fit ({error})", line, help) from error
        if row is None:
            return
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield line, cells


def _separator(text: str) -> str:
    """The sign that stands most often in the first line, outside of quotes."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return max(SEPARATORS, key=_QUOTED.sub("", first).count)


def _pair(row: list[str], width: int, line: int) -> tuple[str, str | int]:
    if len(row) != width:
        raise TableError(
            f"this row has {len(row)} columns, the first row has {width}",
            line,
            'text that holds the separator needs quotes: "Safety, basics",101',
        )
    key, value = row[0], row[1]
    if not key or not value:
        raise TableError(f"the {'value' if key else 'key'} is empty in this row", line)
    if max(len(key), len(value)) > MAX_TEXT:
        raise TableError(f"a cell is longer than {MAX_TEXT} characters", line)
    return key, typed_cell(value)
