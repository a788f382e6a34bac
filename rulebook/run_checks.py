"""Checks of how a rule runs: for what items, how often, how urgently, with what retries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from rulebook.keys import DEFAULTS, FOR_EACH, LIMIT, ONCE_PER, RETRY
from rulebook.nodes import Block, Entry, Scalar
from rulebook.page import Page
from rulebook.paths import MAX_ITEMS, PathError, parse_path
from rulebook.places import place_in
from rulebook.problems import Findings
from rulebook.shapes import (
    block,
    choice,
    duration,
    flag,
    known_keys,
    required,
    text,
    whole_number,
    wrong_kind,
)
from rulebook.steps import NORMAL
from rulebook.templates import parse_value
from rulebook.value_checks import check_filled_text, check_templates, report_field

DEFAULT_ITEMS: Final = 100
MOST_ITEMS: Final = MAX_ITEMS
MOST_ATTEMPTS: Final = 100
MOST_RUNS: Final = 1_000_000
PRIORITIES: Final = ("high", "normal", "low")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a file says for all its rules; a rule's own word counts instead."""

    retry: dict[str, float] = field(default_factory=dict)
    priority: str = NORMAL
    limit: dict[str, int] = field(default_factory=dict)
    dry_run: bool = False


def check_defaults(entry: Entry | None, page: Page) -> Defaults:
    """The `defaults` of a file; complains of what is wrong in them."""
    findings = page.findings
    given = block(entry, findings)
    if given is None:
        return Defaults()
    known_keys(given, DEFAULTS, findings)
    return Defaults(
        check_retry(given.entry("retry"), findings),
        choice(given.entry("priority"), PRIORITIES, findings) or NORMAL,
        _limit(given.entry("limit"), findings),
        flag(given.entry("dry_run"), findings, False),
    )


def check_running(rule: Block, defaults: Defaults, page: Page) -> dict[str, Any]:
    """The keys `retry`, `priority`, `limit` and `dry_run` of a rule, canonical.

    Of `retry`, what the rule leaves out is taken from the defaults line by line.
    """
    findings = page.findings
    priority = choice(rule.entry("priority"), PRIORITIES, findings) or defaults.priority
    retry = {**defaults.retry, **check_retry(rule.entry("retry"), findings)}
    limit = _limit(rule.entry("limit"), findings) or defaults.limit
    found = {
        "limit": limit,
        "retry": retry,
        "priority": priority if priority != NORMAL else None,
        "dry_run": flag(rule.entry("dry_run"), findings, defaults.dry_run),
    }
    return {name: value for name, value in found.items() if value}


def check_retry(entry: Entry | None, findings: Findings) -> dict[str, float]:
    """What a rule or a step says of retries; waits in seconds."""
    given = block(entry, findings, _retry_meant(entry))
    if given is None:
        return {}
    known_keys(given, RETRY, findings)
    found = {
        "attempts": whole_number(given.entry("attempts"), findings, 1, MOST_ATTEMPTS),
        **{name: duration(given.entry(name), findings) for name in RETRY.names[1:]},
    }
    return {name: value for name, value in found.items() if value is not None}


def _retry_meant(entry: Entry | None) -> str:
    value = entry.value.value if entry and isinstance(entry.value, Scalar) else None
    attempts = value if type(value) is int else 1 if value is False else 5
    return f"write it like retry: {{attempts: {attempts}}}"


def check_once_per(entry: Entry | None, page: Page, *, has_item: bool) -> dict[str, Any]:
    """The key of which a rule runs once, canonical; complains of what is wrong in it."""
    if entry is None:
        return {}
    if not isinstance(entry.value, Block):
        return {"key": check_filled_text(entry, page, has_item=has_item)}
    meant = known_keys(entry.value, ONCE_PER, page.findings)
    help = "for example key: ${ contact.email }"
    key = required(entry.value, "key", '"once_per"', page.findings, meant, help=help)
    length = entry.value.entry("within")
    within = duration(length, page.findings)
    if within == 0 and length is not None:
        wrong_kind(length, "longer than nothing", page.findings)
    found = {"key": check_filled_text(key, page, has_item=has_item)}
    return {**found, "within": within} if within else found


def check_for_each(entry: Entry, page: Page) -> dict[str, Any]:
    """The list for whose items a rule runs, canonical; complains of what is wrong in it."""
    most: int | None = None
    items: Entry | None = entry
    if isinstance(entry.value, Block):
        meant = known_keys(entry.value, FOR_EACH, page.findings)
        items = required(entry.value, "items", '"for_each"', page.findings, meant)
        most = whole_number(entry.value.entry("max"), page.findings, 1, MOST_ITEMS)
    written = text(items, page.findings)
    if items is None or written is None or not isinstance(items.value, Scalar):
        return {"items": "", "max": DEFAULT_ITEMS}
    path = _list_template(items, items.value, page) if "${" in written else None
    return {"items": path or _list_path(items.value, page), "max": most or DEFAULT_ITEMS}


def _limit(entry: Entry | None, findings: Findings) -> dict[str, int]:
    given = block(entry, findings, "write it like limit: {runs: 200, per: 1 hour}")
    if given is None:
        return {}
    meant = known_keys(given, LIMIT, findings)
    runs = required(given, "runs", '"limit"', findings, meant)
    per = required(given, "per", '"limit"', findings, meant, help="for example per: 1 hour")
    seconds = duration(per, findings)
    if seconds == 0 and per is not None:
        wrong_kind(per, "longer than nothing", findings)
    return {"runs": whole_number(runs, findings, 1, MOST_RUNS) or 1, "per": seconds or 1}


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
