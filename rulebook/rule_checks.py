"""Checks of one rule, which give its canonical body where nothing is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rulebook.account_checks import check_account, check_default
from rulebook.conditions import tables_named
from rulebook.examples import Example, Subject, check_examples
from rulebook.keys import RULE
from rulebook.lookup_checks import check_lookups, lookup_names
from rulebook.nodes import Block, Entry, Listing, Span, plain, shortened, walk
from rulebook.occasion_checks import check_active, check_rollout
from rulebook.operators import OPERATORS
from rulebook.owner_checks import check_owner
from rulebook.page import Page
from rulebook.rule import DEFAULT_ACCOUNT, ENGINE, Body
from rulebook.run_checks import Defaults, check_for_each, check_once_per, check_running
from rulebook.shapes import flag, known_keys, required, text, texts
from rulebook.step_checks import check_steps
from rulebook.templates import parse_tree
from rulebook.value_checks import check_condition
from rulebook.when_checks import check_when

RULE_ID = re.compile(r"[a-z0-9-]{3,64}")
CLOCK_OPERATORS: Final = frozenset({"within_last", "older_than"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as read; its body is only to be used where its file has no errors.

    Its name, owner and tags are for people and no part of the body.
    """

    id: str
    name: str
    span: Span
    body: Body
    examples: tuple[Example, ...]
    owner: str | None = None
    tags: tuple[str, ...] = ()


def check_rule(rule: Block, page: Page, defaults: Defaults) -> Draft:
    """The rule in its canonical form; complains of everything that is wrong in it."""
    findings = page.findings
    meant = known_keys(rule, RULE, findings)
    page.lookups, page.later = {}, _names_looked_up(rule)
    canonical: dict[str, Any] = {"id": _identifier(rule, page, meant)}
    name = text(rule.entry("name"), findings) or canonical["id"]
    owner = check_owner(rule.entry("owner"), findings)
    account = check_account(rule.entry("account"), page) or page.account
    page.opened = page.vocabulary.opened.get(account, frozenset())
    tags = texts(rule.entry("tags"), findings)
    text(rule.entry("notes"), findings)
    if not flag(rule.entry("enabled"), findings, True):
        canonical["enabled"] = False
    canonical["when"] = _when(rule, page, meant)
    running = check_running(rule, defaults, page)
    canonical |= _occasion(rule, page)
    has_item = rule.entry("for_each") is not None
    canonical |= _looked_up(rule, page)
    then = required(rule, "then", "this rule", findings, meant)
    retry = running.get("retry", {})
    canonical["then"] = check_steps(then, page, has_item=has_item, retry=retry)
    canonical |= running
    if account != DEFAULT_ACCOUNT:
        canonical["account"] = account
    else:
        check_default(rule, [step["action"] for step in canonical["then"]], page)
    when = canonical["when"]
    asked = (holder.get("lookup", ()) for holder in (canonical, *canonical["then"]))
    names = frozenset(name for lookups in asked for name in lookups)
    subject = Subject(**when[0] if when else {}, needs_clock=_needs_clock(rule), lookups=names)
    examples = check_examples(rule.entry("tests"), subject, page)
    tables = {} if findings.has_errors else _tables(canonical, page)
    body = {"engine": ENGINE, "rule": canonical, "tables": tables}
    entry = rule.entry("id")
    span = entry.value.span if entry else rule.span
    return Draft(canonical["id"], name, span, body, examples, owner, tags)


def _names_looked_up(rule: Block) -> frozenset[str]:
    then = rule.get("then")
    steps = then.items if isinstance(then, Listing) else ()
    blocks = [rule, *(step for step in steps if isinstance(step, Block))]
    return frozenset().union(*(lookup_names(block.entry("lookup")) for block in blocks))


def _identifier(rule: Block, page: Page, meant: frozenset[str]) -> str:
    entry = required(rule, "id", "this rule", page.findings, meant)
    identifier = text(entry, page.findings)
    if entry is None or identifier is None:
        return ""
    if not RULE_ID.fullmatch(identifier):
        slug = re.sub(r"[^a-z0-9]+", "-", identifier.lower()).strip("-")
        page.findings.error(
            entry.value.span,
            "S04",
            f'a rule id is 3 to 64 of a-z, 0-9 and "-", found "{shortened(identifier)}"',
            help=f"write {slug}" if RULE_ID.fullmatch(slug) else None,
        )
    return identifier


def _when(rule: Block, page: Page, meant: frozenset[str]) -> list[dict[str, str]]:
    before = page.findings.errors
    when = check_when(required(rule, "when", "this rule", page.findings, meant), page)
    # what a sender gives is only known where it is clear which one is meant
    known = when if page.findings.errors == before else []
    page.pairs = [(pair["source"], pair["event"]) for pair in known]
    return when


def _occasion(rule: Block, page: Page) -> dict[str, Any]:
    """The keys that are judged before anything is looked up."""
    condition = rule.entry("if")
    if condition is not None:
        check_condition(condition, page)
    found = {
        "active": check_active(rule.entry("active"), page),
        "rollout": check_rollout(rule.entry("rollout"), page),
    }
    given = {name: value for name, value in found.items() if value}
    return given if condition is None else {**given, "if": plain(condition.value)}


def _looked_up(rule: Block, page: Page) -> dict[str, Any]:
    """The look-ups, and what may speak of their results before the steps do."""
    found: dict[str, Any] = {"lookup": check_lookups(rule.entry("lookup"), page, has_item=False)}
    require, for_each = rule.entry("require"), rule.entry("for_each")
    if require is not None:
        check_condition(require, page)
        found["require"] = plain(require.value)
    if for_each is not None:
        found["for_each"] = check_for_each(for_each, page)
    has_item = for_each is not None
    found["once_per"] = check_once_per(rule.entry("once_per"), page, has_item=has_item)
    return {name: value for name, value in found.items() if value}


def _needs_clock(rule: Block) -> bool:
    """Whether what the rule does depends on when it is asked."""
    steps = [node for entry in _named(rule, "then") for node in walk(entry.value)]
    blocks = [rule, *(node for node in steps if isinstance(node, Block))]
    conditions = [
        entry
        for block in blocks
        for key in ("if", "require", "only_if")
        for entry in _named(block, key)
    ]
    inside = (node for entry in conditions for node in walk(entry.value))
    asked = (entry for node in inside if isinstance(node, Block) for entry in node.entries)
    return rule.entry("active") is not None or any(map(_asks_clock, asked))


def _asks_clock(entry: Entry) -> bool:
    # what is wrong itself needs no time, and gets one message
    name = entry.key.text
    return name in CLOCK_OPERATORS and OPERATORS[name].problem(plain(entry.value)) is None


def _named(block: Block, name: str) -> Iterator[Entry]:
    return (entry for entry in block.entries if entry.key.text == name)


def _tables(canonical: dict[str, Any], page: Page) -> dict[str, Any]:
    """The tables that the rule names, as they are now."""
    steps = canonical["then"]
    lookups = [call for holder in (canonical, *steps) for call in holder.get("lookup", {}).values()]
    filled = [
        *(canonical.get(name, {}) for name in ("rollout", "for_each", "once_per")),
        *(holder["with"] for holder in (*lookups, *steps)),
    ]
    named = {name for value in filled for name in parse_tree(value).tables}
    conditions = [canonical.get("if"), canonical.get("require")]
    conditions += [step.get("only_if") for step in steps]
    for condition in conditions:
        if condition:
            named |= tables_named(condition)
    return {name: page.tables[name] for name in sorted(named)}
