"""Checks of a whole rule file: its keys, its tables, its list of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rulebook.keys import FILE
from rulebook.nodes import (
    Block,
    Broken,
    Entry,
    Listing,
    Node,
    Scalar,
    Span,
    describe,
    is_broken,
    plain,
)
from rulebook.page import Page
from rulebook.parameters import Kind, Parameter, ParameterError
from rulebook.problems import Findings
from rulebook.rule_checks import Draft, check_rule, warn
from rulebook.shapes import (
    block,
    item_block,
    known_keys,
    listing,
    required,
    span_of,
    text,
    wrong_kind,
)
from rulebook.tables import Table, TableError, read_csv

VERSION: Final = 1
MOST_RULES: Final = 500

_OWNER = Parameter("owner", Kind.EMAIL)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a rule file holds."""

    owner: str | None = None
    drafts: tuple[Draft, ...] = ()


def check_file(root: Node | None, page: Page) -> Contents:
    """The rules of a file; complains of everything that is wrong in it."""
    findings = page.findings
    if not isinstance(root, Block):
        _report_no_block(root, findings)
        return Contents()
    meant = known_keys(root, FILE, findings)
    help = f"add version: {VERSION} as the first line"
    _check_version(required(root, "version", "this file", findings, meant, help=help), findings)
    text(root.entry("notes"), findings)
    owner = _owner(root.entry("owner"), findings)
    tables = root.entry("tables")
    page.knows_tables = "tables" not in meant and not (tables and is_broken(tables.value))
    _read_tables(block(tables, findings), page)
    rules = listing(required(root, "rules", "this file", findings, meant), findings)
    if rules is not None and not rules.items:
        findings.error(span_of(_entry(root, "rules")), "S03", '"rules" must not be empty')
    if rules is not None and len(rules.items) > MOST_RULES:
        message = f"a file holds at most {MOST_RULES} rules, this one has {len(rules.items)}"
        findings.error(rules.items[MOST_RULES].span, "S05", message, help="split it into several")
        return Contents(owner)
    blocks = [item_block(item, "a rule", findings) for item in rules.items] if rules else []
    checked = [(given, check_rule(given, page)) for given in blocks if given is not None]
    if not findings.has_errors:
        _warn(root, checked, owner, findings)
    return Contents(owner, tuple(draft for _, draft in checked))


def _warn(
    root: Block, checked: list[tuple[Block, Draft]], owner: str | None, findings: Findings
) -> None:
    if owner is None:
        message = "this file has no owner, so nobody is named when one of its rules fails"
        span = root.entries[0].key.span
        findings.warning(span, "W04", message, help="add a line such as owner: ops@usher.example")
    for given, draft in checked:
        warn(given, draft, findings)


def _report_no_block(root: Node | None, findings: Findings) -> None:
    if isinstance(root, Broken) or findings.has_errors:
        return
    if root is None or (isinstance(root, Scalar) and root.value is None):
        help = 'a rule file begins with "version: 1" and a list under "rules:"'
        findings.error(Span.of(1, 1), "S02", "the file holds no rules", help=help)
        return
    message = f"a rule file is a block of key: value lines, found {describe(root)}"
    above = 'put "rules:" above the list' if isinstance(root, Listing) else None
    findings.error(root.span, "S03", message, help=above)


def _entry(root: Block, name: str) -> Entry:
    return next(entry for entry in root.entries if entry.key.text == name)


def _check_version(entry: Entry | None, findings: Findings) -> None:
    if entry is None or isinstance(entry.value, Broken):
        return
    value = plain(entry.value)
    if value == VERSION and type(value) is int:
        return
    if type(value) is int and value > VERSION:
        message = f"this file is written for version {value}; this Usher reads version {VERSION}"
        help = f"update Usher, or write version: {VERSION} and only what that version knows"
        findings.error(span_of(entry), "S09", message, help=help)
        return
    wrong_kind(entry, str(VERSION), findings, f"write version: {VERSION}")


def _owner(entry: Entry | None, findings: Findings) -> str | None:
    owner = text(entry, findings)
    if entry is None or owner is None:
        return None
    try:
        return str(_OWNER.convert(owner))
    except ParameterError as error:
        findings.error(entry.value.span, "S04", error.message, help=error.help)
        return None


def _read_tables(tables: Block | None, page: Page) -> None:
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
            findings.error(entry.key.span, "R05", message, first=first[key.casefold()])
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
        page.findings.error(span_of(entry), "R06", message, help=error.help)
        return {}
