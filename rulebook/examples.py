"""The inline tests of a rule: read, checked, and brought into a form that can be run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from rulebook import keys
from rulebook.actions import ACTIONS, Action
from rulebook.durations import is_date_only, parse_moment
from rulebook.fields import FIELDS, field_problem
from rulebook.keys import TEST, Keys
from rulebook.nodes import (
    Block,
    Broken,
    Entry,
    Listing,
    Node,
    Scalar,
    describe,
    is_broken,
    plain,
    shortened,
)
from rulebook.page import Page
from rulebook.paths import EACH, Path, PathError, parse_path
from rulebook.shapes import block, item_block, known_keys, listing, required, span_of, text
from rulebook.spelling import did_you_mean, nearest
from rulebook.step_checks import check_literal
from rulebook.value_checks import report_field

NO_MATCH: Final = "no match"
REMOVED: Final = "(removed)"
# Tests never read the clock; one that needs no time gets this one.
ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)

Event = dict[str, Any]


class Outcome(StrEnum):
    """What a test expects."""

    ACTIONS = "actions"
    NO_MATCH = "no match"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Call:
    """One expected action with its parameters, converted as the action would."""

    action: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a test expects: actions in their order, no match, or an error that holds a text."""

    outcome: Outcome
    calls: tuple[Call, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One inline test, ready to be run."""

    name: str
    event: Event
    now: datetime
    expected: Expected
    line: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What the tests of a rule are about."""

    source: str = ""
    event: str = ""
    needs_clock: bool = False


def check_examples(entry: Entry | None, subject: Subject, page: Page) -> tuple[Example, ...]:
    """The tests under `tests`; complains of what is wrong in them."""
    tests = listing(entry, page.findings)
    events = _Events(subject, page)
    now: datetime | None = None
    examples = []
    for item in tests.items if tests else ():
        test = item_block(item, "a test", page.findings)
        if test is None:
            continue
        meant = known_keys(test, TEST, page.findings)
        event = events.of_test(test, meant)
        name = text(required(test, "name", "this test", page.findings, meant), page.findings)
        now = _now(test, now, subject, page)
        expected = _expected(required(test, "expect", "this test", page.findings, meant), page)
        examples.append(Example(name or "", event, now, expected, test.span.line))
    return tuple(examples)


class _Events:
    """Gives each test its event: its own, or the first one's; complains of one error once."""

    def __init__(self, subject: Subject, page: Page) -> None:
        self._subject = subject
        self._page = page
        self._first: Event | None = None
        self._is_first = True

    def of_test(self, test: Block, meant: frozenset[str]) -> Event:
        given = test.entry("event")
        first, self._is_first = self._is_first, False
        event = self._first
        if given is not None:
            event = _given_event(given, self._subject, self._page)
        elif first and "event" not in meant:
            message = '"event" is missing in the first test of this rule'
            help = 'write the event out, or name a file: "event: fixtures/deal.json"'
            self._page.findings.error(test.first, "S02", message, help=help)
        if first:
            self._first = event
        changes = block(test.entry("change"), self._page.findings)
        return _with_changes(event, changes, self._page) if changes else event or {}


def _given_event(entry: Entry, subject: Subject, page: Page) -> Event | None:
    """The event of a test; None where something is wrong with it."""
    before = page.findings.errors
    if isinstance(entry.value, Block):
        _check_event_fields(entry.value, page)
        event = plain(entry.value)
    elif isinstance(entry.value, Scalar) and isinstance(entry.value.value, str):
        event = _fixture(entry, entry.value.text, page)
    else:
        block(entry, page.findings)
        event = None
    if not isinstance(event, dict) or page.findings.errors > before or is_broken(entry.value):
        return None
    about = event.get("event")
    known = about if isinstance(about, dict) else {}
    defaults = {"id": "test", "source": subject.source, "type": subject.event}
    return {"raw": {}, **event, "event": {**defaults, **known}}


def _check_event_fields(event: Block, page: Page) -> None:
    for root in event.entries:
        try:
            steps = parse_path(root.key.text).steps
        except PathError:
            steps = (root.key.text,)
        wrong = field_problem(Path(steps))
        if wrong:
            report_field(wrong, root.key.span, page)
        elif isinstance(root.value, Block) and root.key.text in FIELDS:
            for entry in root.value.entries:
                inner = field_problem(Path((root.key.text, entry.key.text)))
                if inner:
                    report_field(inner, entry.key.span, page)


def _fixture(entry: Entry, name: str, page: Page) -> object:
    span = span_of(entry)
    path = page.near(name, ".json", span)
    if path is None:
        return None
    try:
        page.files[path].encode()
        event = json.loads(page.files[path], parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        page.findings.error(span, "S07", f"{path}{_why_no_json(error)}")
        return None
    if not isinstance(event, dict) or not FIELDS.keys() & event.keys():
        help = f"it holds one event as rules see it, with blocks such as {', '.join(FIELDS)}"
        page.findings.error(span, "S07", f"{path} is not an event in the normal form", help=help)
        return None
    return event


def _why_no_json(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f" line {error.lineno} is not JSON: {error.msg}"
    if isinstance(error, UnicodeError):
        return " is not UTF-8 text"
    return f" cannot be used: {error}"


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _with_changes(event: Event | None, changes: Block, page: Page) -> Event:
    changed = deepcopy(event or {})
    for entry in changes.entries:
        span = entry.key.span
        try:
            path = parse_path(entry.key.text)
        except PathError as error:
            page.findings.error(span, "S08", f'"change": {error.message}', help=error.help)
            continue
        wrong = field_problem(path)
        if wrong:
            report_field(wrong, span, page)
        if wrong or event is None:
            continue
        try:
            _change(changed, path, plain(entry.value))
        except LookupError as error:
            page.findings.error(span, "S08", f'"change": {error.args[0]}')
    return changed


def _change(event: Event, path: Path, value: object) -> None:
    if EACH in path.steps:
        raise LookupError("[] names every item; name one, such as [0]")
    here: Any = event
    for step, following in zip(path.steps, path.steps[1:], strict=False):
        here = _step_into(here, step, following, path)
    last = path.steps[-1]
    there = _has(here, last)
    if value == REMOVED:
        if not there:
            raise LookupError(f"the event has no {path.text} that could be removed")
        del here[last]
    elif isinstance(here, list) and not there:
        raise LookupError(f"the event has no list that reaches {path.text}")
    else:
        here[last] = value


def _step_into(here: Any, step: object, following: object, path: Path) -> Any:
    if not _has(here, step) or here[step] is None:
        if isinstance(here, list) or not isinstance(following, str):
            raise LookupError(f"the event has no list that reaches {path.text}")
        here[step] = {}
    inner = here[step]
    if not isinstance(inner, list if isinstance(following, int) else dict):
        raise LookupError(f"the event has no {path.text}, as there is no block or list before it")
    return inner


def _has(here: Any, step: object) -> bool:
    if isinstance(here, list):
        return isinstance(step, int) and step < len(here)
    return step in here


def _now(test: Block, before: datetime | None, subject: Subject, page: Page) -> datetime:
    """The time of a test: its own, else that of the test before it."""
    entry = test.entry("now")
    if entry is None:
        if subject.needs_clock and before is None:
            message = '"now" is missing in this test; the rule compares with the current time'
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
    return moment.astimezone(UTC)


def _expected(entry: Entry | None, page: Page) -> Expected:
    nothing = Expected(Outcome.NO_MATCH)
    if entry is None or is_broken(entry.value):
        return nothing
    value = entry.value
    if isinstance(value, Listing):
        return Expected(Outcome.ACTIONS, _calls(value, page))
    if isinstance(value, Scalar) and value.text == NO_MATCH:
        return nothing
    if isinstance(value, Block) and value.entry("error"):
        known_keys(value, Keys('"expect"', ("error",)), page.findings)
        return Expected(Outcome.ERROR, error=text(value.entry("error"), page.findings) or "")
    _report_expect(value, page)
    return nothing


def _report_expect(value: Node, page: Page) -> None:
    help = "write a list of actions, or no match, or {error: part of the message}"
    if isinstance(value, Block) and value.entries and value.entries[0].key.text in ACTIONS:
        help = f'begin each action with "- ": - {value.entries[0].key.text}: ...'
    if isinstance(value, Scalar) and value.value is not None:
        near = nearest(value.text, [NO_MATCH])
        help = f"write {NO_MATCH}" if near or value.text in {"none", "nothing", "skip"} else help
    message = f'"expect" must be a list of actions, "no match" or an error, found {describe(value)}'
    page.findings.error(value.span, "S03", message, help=help)


def _calls(expected: Listing, page: Page) -> tuple[Call, ...]:
    calls = (_call(item, page) for item in expected.items)
    return tuple(call for call in calls if call is not None)


def _call(item: Node, page: Page) -> Call | None:
    call = item_block(item, "an expected action", page.findings)
    if call is None:
        return None
    if len(call.entries) != 1:
        message = "an expected action is one line, the action with its parameters"
        help = "for example: - enrol: {email: sam@learner.example, course_id: 101}"
        page.findings.error(call.span, "S03", message, help=help)
        return None
    entry = call.entries[0]
    action = ACTIONS.get(entry.key.text)
    if action is None:
        name = shortened(entry.key.text)
        near = keys.ACTIONS.get(name.lower()) or nearest(name, ACTIONS)
        page.findings.error(
            entry.key.span, "A01", f'unknown action "{name}"', label=did_you_mean(near)
        )
        return None
    return Call(action.name, _parameters(action, block(entry, page.findings), page))


def _parameters(action: Action, given: Block | None, page: Page) -> dict[str, object]:
    if given is None:
        return {}
    known_keys(given, Keys(f'action "{action.name}"', action.names, keys.PARAMETERS), page.findings)
    values = {}
    for entry in given.entries:
        parameter = action.parameter(entry.key.text)
        if parameter is not None:
            values[parameter.name] = check_literal(parameter, entry, plain(entry.value), page)
    return values
