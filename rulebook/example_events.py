"""The events of inline tests: written out, kept in a fixture, or the first one with changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rulebook.example_changes import Event, with_changes
from rulebook.fields import FIELDS, field_problem
from rulebook.nodes import Block, Entry, Listing, Scalar, is_broken, plain
from rulebook.page import Page
from rulebook.paths import Path, PathError, parse_path
from rulebook.shapes import block, span_of
from rulebook.value_checks import report_field


@dataclass(frozen=True, slots=True)
class Subject:
    """What the tests of a rule are about; `lookups` are the names that it looks things up under."""

    source: str = ""
    event: str = ""
    needs_clock: bool = False
    lookups: frozenset[str] = frozenset()


class Events:
    """Gives each test its event: its own, or the first one's; complains of one error once."""

    def __init__(self, subject: Subject, page: Page) -> None:
        self._subject = subject
        self._page = page
        self._first: Event | None = None
        self._is_first = True

    def of_test(self, test: Block, meant: frozenset[str], now: datetime) -> Event:
        """The event of the next test; `meant` are the keys that stand for misspelt ones."""
        given, raw = test.entry("event"), test.entry("raw")
        first, self._is_first = self._is_first, False
        event = self._first
        if raw is not None:
            if given is not None:
                message = '"event" and "raw" both say what the event of this test is'
                help = "an event as rules see it is event, a body as it was posted is raw"
                self._page.findings.error(raw.key.span, "S06", message, help=help)
            event = _raw_event(raw, self._subject, self._page, now)
        elif given is not None:
            event = _given_event(given, self._subject, self._page)
        elif first and not {"event", "raw"} & meant:
            message = '"event" is missing in the first test of this rule'
            help = 'write the event out, or name a file: "event: fixtures/deal.json"'
            self._page.findings.error(test.first, "S02", message, help=help)
        if first:
            self._first = event
        changes = block(test.entry("change"), self._page.findings)
        return with_changes(event, changes, self._page) if changes else event or {}


def _given_event(entry: Entry, subject: Subject, page: Page) -> Event | None:
    """The event of a test; None where something is wrong with it."""
    before = page.findings.errors
    if isinstance(entry.value, Block):
        _check_fields(entry.value, page)
        event = plain(entry.value)
    elif isinstance(entry.value, Scalar) and isinstance(entry.value.value, str):
        event = _fixture(entry, page)
    else:
        block(entry, page.findings)
        event = None
    if not isinstance(event, dict) or page.findings.errors > before or is_broken(entry.value):
        return None
    about = event.get("event")
    known = about if isinstance(about, dict) else {}
    defaults = {"id": "test", "source": subject.source, "type": subject.event}
    return {"raw": {}, **event, "event": {**defaults, **known}}


def _raw_event(entry: Entry, subject: Subject, page: Page, now: datetime) -> Event | None:
    """The event that a body as its sender posts it becomes; None where there is none."""
    if isinstance(entry.value, (Block, Listing)):
        body = None if is_broken(entry.value) else json.dumps(plain(entry.value))
    elif isinstance(entry.value, Scalar) and isinstance(entry.value.value, str):
        named = _fixture_text(entry, page)
        body = named[1] if named else None
    else:
        block(entry, page.findings, "or name a file: raw: fixtures/deal.json")
        body = None
    if body is None or not subject.source:
        return None
    adapt = page.vocabulary.adapt
    if adapt is None:
        message = '"raw" cannot be read here, as nobody says what senders post'
        page.findings.error(span_of(entry), "S07", message, help="write the event out under event")
        return None
    try:
        return dict(adapt(body, subject.source, frozenset(page.pairs), now))
    except ValueError as error:
        page.findings.error(span_of(entry), "S07", f'"raw" is no delivery: {error}')
        return None


def _check_fields(event: Block, page: Page) -> None:
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


def _fixture_text(entry: Entry, page: Page) -> tuple[str, str] | None:
    """The path and text of the file that is named; None where it cannot be used."""
    name = entry.value.text if isinstance(entry.value, Scalar) else ""
    path = page.near(name, ".json", span_of(entry))
    if path is None:
        return None
    try:
        page.files[path].encode()
    except UnicodeError:
        page.findings.error(span_of(entry), "S07", f"{path} is not UTF-8 text")
        return None
    return path, page.files[path]


def _fixture(entry: Entry, page: Page) -> object:
    named = _fixture_text(entry, page)
    if named is None:
        return None
    path, text = named
    try:
        event: Any = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        page.findings.error(span_of(entry), "S07", f"{path}{_why_no_json(error)}")
        return None
    if not isinstance(event, dict) or not FIELDS.keys() & event.keys():
        help = (
            f"it holds one event as rules see it, with blocks such as {', '.join(FIELDS)}; "
            "for a body as it was posted write raw: instead of event:"
        )
        message = f"{path} is not an event in the normal form"
        page.findings.error(span_of(entry), "S07", message, help=help)
        return None
    return event


def _why_no_json(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f" line {error.lineno} is not JSON: {error.msg}"
    return f" cannot be used: {error}"


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")
