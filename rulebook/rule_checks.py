"""Checks of one rule, which give its canonical body where nothing is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from rulebook.conditions import compile_block
from rulebook.examples import Example, Outcome, Subject, check_examples
from rulebook.keys import FOR_EACH, RETRY, RULE, WHEN
from rulebook.nodes import Block, Entry, Listing, Node, Scalar, Span, plain, shortened, walk
from rulebook.page import Page
from rulebook.paths import PathError, parse_path
from rulebook.places import place_in
from rulebook.problems import Findings
from rulebook.rule import ENGINE, Body
from rulebook.shapes import (
    block,
    duration,
    flag,
    item_block,
    known_keys,
    required,
    span_of,
    text,
    whole_number,
    wrong_kind,
)
from rulebook.spelling import did_you_mean, nearest, resembling
from rulebook.step_checks import check_steps
from rulebook.templates import parse_tree, parse_value
from rulebook.value_checks import check_condition, check_templates, report_field

RULE_ID = re.compile(r"[a-z0-9-]{3,64}")
CLOCK_OPERATORS = frozenset({"within_last", "older_than"})
DEFAULT_ITEMS: Final = 100
# Templates cut lists at 1,000; a list that was cut must still be seen to be too long.
MOST_ITEMS: Final = 500
MOST_ATTEMPTS: Final = 100
# How many of the events that a source can send are named to someone who looks for one.
MOST_EVENTS: Final = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as read; its body is only to be used where its file has no errors."""

    id: str
    name: str
    span: Span
    body: Body
    examples: tuple[Example, ...]


def check_rule(rule: Block, page: Page) -> Draft:
    """The rule in its canonical form; complains of everything that is wrong in it."""
    findings = page.findings
    meant = known_keys(rule, RULE, findings)
    canonical: dict[str, Any] = {"id": _identifier(rule, page, meant)}
    name = text(rule.entry("name"), findings) or canonical["id"]
    if not flag(rule.entry("enabled"), findings, True):
        canonical["enabled"] = False
    before = findings.errors
    when = _when(required(rule, "when", "this rule", findings, meant), page)
    canonical["when"] = when
    # what a sender gives is only known where it is clear which one is meant
    known = when if findings.errors == before else []
    page.pairs = [(pair["source"], pair["event"]) for pair in known]
    condition = rule.entry("if")
    needs_clock = False
    if condition is not None:
        needs_clock = check_condition(condition, page) and _needs_clock(condition)
        canonical["if"] = plain(condition.value)
    if rule.entry("for_each"):
        canonical["for_each"] = _for_each(rule.entry("for_each"), page)
    then = required(rule, "then", "this rule", findings, meant)
    canonical["then"] = check_steps(then, page, has_item="for_each" in canonical)
    retry = _retry(rule.entry("retry"), findings)
    if retry:
        canonical["retry"] = retry
    if flag(rule.entry("dry_run"), findings, False):
        canonical["dry_run"] = True
    subject = Subject(**when[0] if when else {}, needs_clock=needs_clock)
    examples = check_examples(rule.entry("tests"), subject, page)
    tables = {} if findings.has_errors else _tables(canonical, page)
    body = {"engine": ENGINE, "rule": canonical, "tables": tables}
    entry = rule.entry("id")
    span = entry.value.span if entry else rule.span
    return Draft(canonical["id"], name, span, body, examples)


def warn(rule: Block, draft: Draft, findings: Findings) -> None:
    """Notes what is allowed in a rule, but probably not meant."""
    body = draft.body["rule"]
    if "if" not in body:
        for entry in _unenrol_steps(rule):
            message = "this unenrols people without a condition"
            help = "add if: to the rule, so that only the right events take a course away"
            findings.warning(entry.value.span, "W05", message, help=help)
    if not body.get("enabled", True):
        return
    outcomes = {example.expected.outcome for example in draft.examples}
    if not outcomes & {Outcome.ACTIONS, Outcome.ERROR}:
        message = f'rule "{draft.id}" has no test that matches'
        findings.warning(draft.span, "W01", message, help='add one under "tests:"')
    if "if" in body and Outcome.NO_MATCH not in outcomes:
        message = f'rule "{draft.id}" has no test of an event that must not match'
        help = 'add one under "tests:" with expect: no match'
        findings.warning(draft.span, "W02", message, help=help)


def _unenrol_steps(rule: Block) -> list[Entry]:
    then = rule.get("then")
    steps = then.items if isinstance(then, Listing) else ()
    actions = (step.entry("action") for step in steps if isinstance(step, Block))
    return [entry for entry in actions if entry and plain(entry.value) == "unenrol"]


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


def _when(entry: Entry | None, page: Page) -> list[dict[str, str]]:
    if entry is None:
        return []
    if isinstance(entry.value, Listing):
        if not entry.value.items:
            page.findings.error(span_of(entry), "S03", '"when" must not be an empty list')
        pairs = [
            item_block(item, 'an entry of "when"', page.findings) for item in entry.value.items
        ]
    else:
        help = "write it like when: {source: hubspot, event: deal.updated}"
        pairs = [block(entry, page.findings, help)]
    return [pair for given in pairs if given is not None and (pair := _pair(given, page))]


def _pair(given: Block, page: Page) -> dict[str, str] | None:
    meant = known_keys(given, WHEN, page.findings)
    source_entry = required(given, "source", '"when"', page.findings, meant)
    event_entry = required(given, "event", '"when"', page.findings, meant)
    source, event = text(source_entry, page.findings), text(event_entry, page.findings)
    if source is None or source_entry is None:
        return None
    known = _check_source(source, source_entry.value, page)
    if event is None or event_entry is None:
        return None
    if known:
        _check_type(source, event, event_entry.value, page)
    return {"source": source, "event": event}


def _check_source(source: str, node: Node, page: Page) -> bool:
    vocabulary = page.vocabulary
    if vocabulary.sources is None or source in vocabulary.sources:
        return True
    if source in vocabulary.presets:
        message = f'source "{source}" is not configured, so no event will come from it'
        page.findings.warning(node.span, "W06", message, help="add it to sources.yaml")
        return True
    names = sorted(vocabulary.sources)
    page.findings.error(
        node.span,
        "R01",
        f'unknown source "{shortened(source)}"',
        label=did_you_mean(nearest(source, [*names, *vocabulary.presets])),
        help=f"sources: {', '.join(names)}" if names else "add it to sources.yaml",
    )
    return False


def _check_type(source: str, event: str, node: Node, page: Page) -> None:
    types = page.vocabulary.types(source)
    if not types:
        _warn_of_type(source, event, node, page)
        return
    if event in types:
        return
    page.findings.error(
        node.span,
        "R02",
        f'source "{source}" never sends "{shortened(event)}"',
        label=did_you_mean(nearest(event, types)),
        help=f"events of {source}: {_events_like(event, types)}",
    )


def _warn_of_type(source: str, event: str, node: Node, page: Page) -> None:
    """Customers may have types of their own here, so what is not known may still be right."""
    known = page.vocabulary.types_told(source)
    if not known or event in known:
        return
    page.findings.warning(
        node.span,
        "W09",
        f'"{shortened(event)}" is no event that source "{source}" is known to send',
        label=did_you_mean(nearest(event, known)),
        help=f"known events of {source}: {_events_like(event, known)}",
    )


def _events_like(event: str, types: Collection[str]) -> str:
    """The types of the same family, else those spelt a little like it, else the first."""
    family = sorted(each for each in types if each.split(".")[0] == event.split(".")[0].lower())
    some = family or resembling(event, types, MOST_EVENTS) or sorted(types)
    shown = some[:MOST_EVENTS]
    return ", ".join([*shown, "..."] if len(shown) < len(types) else shown)


def _for_each(entry: Entry | None, page: Page) -> dict[str, Any]:
    most: int | None = None
    items = entry
    if entry is not None and isinstance(entry.value, Block):
        meant = known_keys(entry.value, FOR_EACH, page.findings)
        items = required(entry.value, "items", '"for_each"', page.findings, meant)
        most = whole_number(entry.value.entry("max"), page.findings, 1, MOST_ITEMS)
    written = text(items, page.findings)
    if items is None or written is None or not isinstance(items.value, Scalar):
        return {"items": "", "max": DEFAULT_ITEMS}
    path = _list_template(items, items.value, page) if "${" in written else None
    return {"items": path or _list_path(items.value, page), "max": most or DEFAULT_ITEMS}


def _list_template(entry: Entry, scalar: Scalar, page: Page) -> str:
    if check_templates(scalar, page, has_item=False):
        parts = parse_value(scalar.text).parts
        if len(parts) != 1:
            wrong_kind(entry, "one single ${ ... } that gives a list", page.findings)
    return scalar.text


def _list_path(scalar: Scalar, page: Page) -> str:
    try:
        path = parse_path(scalar.text)
    except PathError as error:
        span = place_in(page.lines, scalar, error.offset)
        page.findings.error(span, "S04", f'"for_each": {error.message}', help=error.help)
        return ""
    wrong = page.wrong_field(path)
    if wrong:
        report_field(wrong, scalar.span, page)
    return f"${{ {path.text} }}"


def _retry(entry: Entry | None, findings: Findings) -> dict[str, float]:
    given = block(entry, findings)
    if given is None:
        return {}
    known_keys(given, RETRY, findings)
    found = {
        "attempts": whole_number(given.entry("attempts"), findings, 1, MOST_ATTEMPTS),
        **{name: duration(given.entry(name), findings) for name in RETRY.names[1:]},
    }
    return {name: value for name, value in found.items() if value is not None}


def _needs_clock(condition: Entry) -> bool:
    blocks = (node for node in walk(condition.value) if isinstance(node, Block))
    return any(entry.key.text in CLOCK_OPERATORS for given in blocks for entry in given.entries)


def _tables(canonical: dict[str, Any], page: Page) -> dict[str, Any]:
    """The tables that the rule names, as they are now."""
    trees = [parse_tree(step["with"]) for step in canonical["then"]]
    if "for_each" in canonical:
        trees.append(parse_tree(canonical["for_each"]["items"]))
    named = {name for tree in trees for name in tree.tables}
    if "if" in canonical:
        named |= compile_block(canonical["if"], page.tables).tables
    return {name: page.tables[name] for name in sorted(named)}
