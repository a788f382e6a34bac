"""The one way out: text, tables and JSON, on a terminal or into a pipe.

Whatever was sent to us can stand in a record, so nothing reaches a terminal that could move its
cursor, hide or reorder text; into a pipe go no colours, no cuts and no wrapped lines.
"""

import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import click
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

GAP: Final = 2
NARROWEST: Final = 12
STYLES: Final = {
    "finished": "green",
    "dead": "red",
    "pending": "yellow",
    "waiting": "yellow",
    "ignored": "dim",
    "yes": "green",
    "no": "dim",
    "ok": "green",
    "note": "yellow",
    "BAD": "bold red",
}
# C0 and C1 controls, marks that reorder or hide text, halves of a character
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list. On a terminal the text is cut after `most` cells, and a column with
    `from_width` shows only where there are that many; one that `wraps` goes over several lines,
    and shares what room is left with others of its kind. Into a pipe all goes whole."""

    title: str
    most: int = 0
    from_width: int = 0
    wraps: bool = False


def safe(text: str) -> str:
    """The text with everything that does not show written out, as "\\x1b"; one line."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def accept_any_text() -> None:
    """Lets letters that the other side cannot read go out as "\\xe9" instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def on_terminal() -> bool:
    """Whether a person is looking."""
    return sys.stdout.isatty()


def say(text: str = "", style: str = "", indent: int = 0) -> None:
    """Prints lines, wrapped under their indent on a terminal."""
    lines = [safe(line) for line in text.split("\n")]
    if on_terminal():
        for line in lines:
            shown = Padding(Text(line, style=style), (0, 0, 0, indent), expand=False)
            _console().print(shown if line else "")
    else:
        _write(f"{' ' * indent}{line}".rstrip() for line in lines)


def whole(text: str, indent: int = 0) -> None:
    """Prints a line that is there to be copied: it is never wrapped."""
    _write([" " * indent + safe(text)])


def remark(text: str) -> None:
    """A word beside the output, for a person: on stderr."""
    lines = "\n".join(safe(line) for line in text.split("\n"))
    click.echo(lines, err=True)


def document(value: object) -> None:
    """Prints one JSON document."""
    _write([json.dumps(value, indent=2, ensure_ascii=True)])


def facts(rows: Iterable[tuple[str, str]], indent: int = 2) -> None:
    """Prints label and value per line, aligned; a row without a value is left out."""
    told = [(safe(label), value) for label, value in rows if value]
    width = max((cell_len(label) for label, _ in told), default=0)
    if on_terminal():
        grid = Table.grid(padding=(0, GAP, 0, 0))
        grid.add_column(no_wrap=True, style="bold")
        grid.add_column(overflow="fold")
        for label, value in told:
            grid.add_row(_filled(label, width), Text(_safe_lines(value), _style(value)))
        _console().print(Padding(grid, (0, 0, 0, indent)))
    else:
        beside = " " * (indent + width + GAP)
        for label, value in told:
            text = _safe_lines(value).replace("\n", f"\n{beside}")
            _write([f"{' ' * indent}{_filled(label, width)}{' ' * GAP}{text}"])


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Prints a list with its titles."""
    cells = [[safe(cell) for cell in row] for row in rows]
    if on_terminal():
        if any(column.wraps for column in columns):
            _wrapped_table(columns, cells)
        else:
            _pretty_table(columns, cells)
        return
    lines = [[column.title for column in columns], *cells]
    widths = [max(cell_len(line[n]) for line in lines) for n in range(len(columns))]
    for line in lines:
        filled = (_filled(cell, width) for cell, width in zip(line, widths, strict=True))
        _write([(" " * GAP).join(filled).rstrip()])


def _pretty_table(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    console = _console()
    shown = [n for n, column in enumerate(columns) if column.from_width <= console.width]
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    left = console.width
    for n in shown:
        column = columns[n]
        natural = max(cell_len(text) for text in [column.title, *(row[n] for row in cells)])
        width = min(natural, column.most or natural)
        if n == shown[-1]:
            width = min(natural, max(left, NARROWEST))
        left -= width + GAP
        grid.add_column(column.title, no_wrap=True, overflow="ellipsis", max_width=width)
    for row in cells:
        grid.add_row(*(Text(row[n], _style(row[n])) for n in shown))
    console.print(grid)


def _wrapped_table(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold", expand=True)
    for column in columns:
        grid.add_column(
            column.title,
            no_wrap=not column.wraps,
            overflow="fold" if column.wraps else "ellipsis",
            ratio=1 if column.wraps else None,
        )
    for row in cells:
        grid.add_row(*(Text(text, _style(text)) for text in row))
    _console().print(grid)


def _console() -> Console:
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def _style(text: str) -> str:
    return STYLES.get(text.partition(":")[0], "")


def _filled(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _safe_lines(text: str) -> str:
    return "\n".join(safe(line) for line in text.split("\n"))


def _write(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
