"""Checks of a whole rule file: its keys, its tables, its list of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rulebook.account_checks import check_account
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
from rulebook.owner_checks import check_owner
from rulebook.page import Page
from rulebook.problems import Findings
from rulebook.rule import ALL, DEFAULT_ACCOUNT, FIRST
from rulebook.rule_checks import Draft, check_rule
from rulebook.rule_warnings import warn
from rulebook.run_checks import check_defaults
from rulebook.shapes import (
    block,
    choice,
    item_block,
    known_keys,
    listing,
    required,
    span_of,
    text,
    texts,
    wrong_kind,
)
from rulebook.table_checks import read_tables

VERSION: Final = 1
MOST_RULES: Final = 500


@dataclass(frozen=True, slots=True)
class Contents:
    """What a rule file holds."""

    owner: str | None = None
    drafts: tuple[Draft, ...] = ()
    matching: str = ALL
    tags: tuple[str, ...] = ()


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
    owner = check_owner(root.entry("owner"), findings)
    page.account = check_account(root.entry("account"), page) or DEFAULT_ACCOUNT
    tags = texts(root.entry("tags"), findings)
    matching = choice(root.entry("matching"), (ALL, FIRST), findings) or ALL
    defaults = check_defaults(root.entry("defaults"), page)
    tables = root.entry("tables")
    page.knows_tables = "tables" not in meant and not (tables and is_broken(tables.value))
    read_tables(block(tables, findings), page)
    blocks = _rules(required(root, "rules", "this file", findings, meant), findings)
    checked = [(given, check_rule(given, page, defaults)) for given in blocks]
    if not findings.has_errors:
        _warn(root, checked, owner, page)
    return Contents(owner, tuple(draft for _, draft in checked), matching, tags)


def _rules(entry: Entry | None, findings: Findings) -> list[Block]:
    rules = listing(entry, findings)
    if entry is None or rules is None:
        return []
    if not rules.items:
        findings.error(span_of(entry), "S03", '"rules" must not be empty')
    if len(rules.items) > MOST_RULES:
        message = f"a file holds at most {MOST_RULES} rules, this one has {len(rules.items)}"
        findings.error(rules.items[MOST_RULES].span, "S05", message, help="split it into several")
        return []
    blocks = (item_block(item, "a rule", findings) for item in rules.items)
    return [given for given in blocks if given is not None]


def _warn(root: Block, checked: list[tuple[Block, Draft]], owner: str | None, page: Page) -> None:
    if owner is None and not all(draft.owner for _, draft in checked):
        message = "this file has no owner, so nobody is named when one of its rules fails"
        span = root.entries[0].key.span
        help = "add a line such as owner: ops@usher.example"
        page.findings.warning(span, "W04", message, help=help)
    for given, draft in checked:
        warn(given, draft, page)


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
