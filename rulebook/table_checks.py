"""Checks of the tables of a rule file, written out or in CSV files."""

from __future__ import annotations

from rulebook.nodes import Block, Broken, Entry, Scalar, Span, plain
from rulebook.page import Page
from rulebook.problems import Findings
from rulebook.shapes import span_of, wrong_kind
from rulebook.tables import Table, TableError, read_csv


def read_tables(tables: Block | None, page: Page) -> None:
    """Gives the page its tables; complains of what is wrong in them."""
    for entry in tables.entries if tables else ():
        page.tables[entry.key.text] = _table(entry, page)


def _table(entry: Entry, page: Page) -> Table:
    if isinstance(entry.value, Block):
        return _inline_table(entry.value, page.findings)
    if isinstance(entry.value, Broken):
        return {}
    if isinstance(entry.value, Scalar) and isinstance(entry.value.value, str):
        return _csv_table(entry, entry.value.text, page)
    wrong_kind(entry, "key: value lines or the name of a .csv file", page.findings)
    return {}


def _inline_table(rows: Block, findings: Findings) -> Table:
    table: Table = {}
    first: dict[str, Span] = {}
    for entry in rows.entries:
        key = entry.key.text.strip()
        if key.casefold() in first:
            message = f'"{key}" is in this table twice; capital letters and spaces do not count'
            findings.error(entry.key.span, "R07", message, first=first[key.casefold()])
        first.setdefault(key.casefold(), entry.key.span)
        value = plain(entry.value)
        if isinstance(entry.value, Scalar) and value is not None:
            table[key] = value
        elif not isinstance(entry.value, Broken):
            wrong_kind(entry, "a text or a number", findings)
    return table


def _csv_table(entry: Entry, name: str, page: Page) -> Table:
    path = page.near(name, ".csv", span_of(entry))
    if path is None:
        return {}
    try:
        return read_csv(page.files[path])
    except TableError as error:
        message = f"{path} line {error.line}: {error.message}"
        page.findings.error(span_of(entry), "R08", message, help=error.help)
        return {}
