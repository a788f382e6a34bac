"""The inline tests of a rule: read, checked, and brought into a form that can be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from rulebook.durations import is_date_only, parse_moment
from rulebook.example_changes import Event
from rulebook.example_events import Events, Subject
from rulebook.expectations import Call, Expected, Outcome, read_expected
from rulebook.keys import TEST
from rulebook.nodes import Block, Broken, Entry, Scalar, describe, plain, shortened
from rulebook.page import Page
from rulebook.shapes import block, item_block, known_keys, listing, required, span_of, text
from rulebook.spelling import did_you_mean, nearest

__all__ = ["Call", "Example", "Expected", "Outcome", "Subject", "check_examples"]

# Tests never read the clock; one that needs no time gets this one.
ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
# Near the ends of the calendar no time can be told in another zone, nor the one three days before.
YEARS: Final = range(1970, 3000)


@dataclass(frozen=True, slots=True)
class Example:
    """One inline test, ready to be run; `lookups` are the canned answers by name."""

    name: str
    event: Event
    now: datetime
    expected: Expected
    line: int
    lookups: Mapping[str, object] = field(default_factory=dict)


def check_examples(entry: Entry | None, subject: Subject, page: Page) -> tuple[Example, ...]:
    """The tests under `tests`; complains of what is wrong in them."""
    tests = listing(entry, page.findings)
    events = Events(subject, page)
    now: datetime | None = None
    answers: dict[str, Any] = {}
    examples: list[Example] = []
    for item in tests.items if tests else ():
        test = item_block(item, "a test", page.findings)
        if test is None:
            continue
        meant = known_keys(test, TEST, page.findings)
        now = _now(test, now, subject, page)
        event = events.of_test(test, meant, now)
        name = text(required(test, "name", "this test", page.findings, meant), page.findings)
        own = _answers(test.entry("lookups"), subject, page)
        answers = answers if examples else own
        expected = read_expected(required(test, "expect", "this test", page.findings, meant), page)
        line = test.span.line
        examples.append(Example(name or "", event, now, expected, line, {**answers, **own}))
    return tuple(examples)


def _answers(entry: Entry | None, subject: Subject, page: Page) -> dict[str, Any]:
    """What each look-up is to answer in a test; those of the first test count for all."""
    help = "write a line for each look-up, such as contacts: [{email: sam@learner.example}]"
    given = block(entry, page.findings, help)
    for line in given.entries if given else ():
        if line.key.text in subject.lookups:
            continue
        name = shortened(line.key.text)
        known = f"it looks up: {', '.join(sorted(subject.lookups))}"
        page.findings.error(
            line.key.span,
            "R06",
            f'this rule looks up nothing as "{name}"',
            label=did_you_mean(nearest(name, subject.lookups)),
            help=known if subject.lookups else None,
        )
    return {line.key.text: plain(line.value) for line in given.entries} if given else {}


def _now(test: Block, before: datetime | None, subject: Subject, page: Page) -> datetime:
    """The time of a test: its own, else that of the test before it."""
    entry = test.entry("now")
    if entry is None:
        if subject.needs_clock and before is None:
            message = '"now" is missing in this test; what the rule does depends on the time'
            help = "add a line such as now: 2026-04-15T10:00:00Z"
            page.findings.error(test.first, "S02", message, help=help)
        return before or ANY_TIME
    written = entry.value.text if isinstance(entry.value, Scalar) else ""
    moment = parse_moment(written) if not is_date_only(written) else None
    if moment is None or not written[:4].isdigit() or "-" not in written:
        if not isinstance(entry.value, Broken):
            message = f'"now" must be a date and time, found {describe(entry.value)}'
            help = "write it like 2026-04-15T10:00:00Z"
            page.findings.error(span_of(entry), "S04", message, help=help)
        return ANY_TIME
    if moment.year not in YEARS:
        message = f'"now" must lie in the years {YEARS[0]} to {YEARS[-1]}, found {moment.year}'
        page.findings.error(span_of(entry), "S04", message)
        return ANY_TIME
    return moment.astimezone(UTC)
