"""The strict YAML reader: every piece with its place, nothing guessed, nothing constructed.

It reads libyaml's event stream and never `yaml.load`: no tag makes an object, no anchor multiplies
a text, `NO` stays text, and a key written twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from rulebook.nodes import Block, Broken, Entry, Listing, Node, Scalar, Span
from rulebook.problems import Findings, split_lines
from rulebook.yaml_faults import explain
from rulebook.yaml_mistakes import (
    ODD_SPACE,
    Fault,
    curly_quotes,
    folded_item,
    mustache,
    odd_space,
    second_document,
    starts_with,
)

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12

# More digits than these cannot go through JSON and back unchanged, so they stay text.
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_NOTHING = frozenset({"", "null", "~"})
_NOT_TEXT = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD = re.compile(f"[{ODD_SPACE}]")
# After these mistakes the parser often stumbles a second time.
_FOLLOWED = frozenset({"Y03", "Y04", "Y08", "Y09", "Y10", "Y12"})
_REFERENCE = re.compile(r"[&*!][^\s,\[\]{}]*")


def read_yaml(text: str, findings: Findings) -> Node | None:
    """The one document of the text, or None where there is nothing to read.

    What is wrong goes to `findings`; pieces already complained of are left as Broken.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        findings.error(
            Span.of(1, 1), "Y15", "the file is larger than 256 KB", help="split it into several"
        )
        return None
    lines = split_lines(text)
    found = _NOT_TEXT.search(whole := "\n".join(lines))
    if found:
        _note(findings, _control_character(whole, found))
        return None
    builder = _Builder(lines, findings)
    try:
        return builder.document(yaml.parse(whole, Loader=yaml.CSafeLoader))
    except _TooDeep as error:
        _note(findings, error.fault)
        return None
    except yaml.MarkedYAMLError as error:
        fault = explain(error, lines, builder.last)
        if not _FOLLOWED.intersection(problem.code for problem in findings.problems):
            _note(findings, fault)
        return None


def typed(text: str) -> object:
    """What an unquoted text means: true, false, a plain number, nothing, or the text itself."""
    if text in _NOTHING:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _note(findings: Findings, fault: Fault) -> None:
    findings.error(fault.span, fault.code, fault.message, help=fault.help)


def _control_character(text: str, found: re.Match[str]) -> Fault:
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    if "\ud800" <= found[0] <= "\udfff":
        help = 'save it as UTF-8 (most editors: "Save with encoding")'
        return Fault(Span.of(line, column), "Y22", "this is not UTF-8 text", help)
    return Fault(
        Span.of(line, column),
        "Y01",
        f"an invisible control character (U+{ord(found[0]):04X}) stands here",
        "delete it; it may help to type the line anew",
    )


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _is_plain(event: Any) -> bool:
    """Whether a text is like nearly all: nothing in it could be refused. Only saves time."""
    if event.anchor is not None or event.tag is not None:
        return False
    return bool(event.style) or (
        event.start_mark.line == event.end_mark.line
        and event.value.isascii()
        and event.value.isprintable()
    )


def _key_fault(key: Node) -> Fault | None:
    if not isinstance(key, Scalar) or key.style:
        return None
    line, column = key.span.line, key.span.column
    odd = _ODD.search(key.text)
    if odd:
        return odd_space(Span.of(line, column + odd.start()), odd[0])
    if key.text.startswith("-") and key.text[1:2] not in ("", " "):
        help = f'write "- {key.text[1:]}: ..."'
        return Fault(Span.of(line, column), "Y04", 'a space is missing after "-"', help)
    return None


class _TooDeep(Exception):
    """Ends the reading: libyaml needs minutes for a hundred thousand open brackets."""

    def __init__(self, span: Span) -> None:
        self.fault = Fault(span, "Y13", f"this is nested too deeply; at most {MAX_DEPTH} levels")
        super().__init__(self.fault.message)


class _Builder:
    """Turns events into nodes; remembers the last text, which explains many a parser error."""

    def __init__(self, lines: Sequence[str], findings: Findings) -> None:
        self._lines = lines
        self._findings = findings
        self._events: Iterator[Any] = iter(())
        self.last: Scalar | None = None

    def document(self, events: Iterator[Any]) -> Node | None:
        self._events = events
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                self._check_document_start(event, documents)
            elif not isinstance(
                event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)
            ):
                node = self._node(event, 1)
                root = root or node
        return root

    def _check_document_start(self, event: Any, documents: int) -> None:
        span = _span(event)
        if documents > 1:
            _note(self._findings, second_document(span))
        if event.version or event.tags:
            _note(self._findings, starts_with("%", span, self._lines[span.line - 1]))

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent) and _is_plain(event):
            return self._scalar(event)
        refused = self._refusal(event, depth)
        if refused:
            _note(self._findings, refused)
            self._skip(event)
            return Broken(_span(event))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(event, depth)
        return self._block(event, depth)

    def _refusal(self, event: Any, depth: int) -> Fault | None:
        span = _span(event)
        line = self._lines[span.line - 1] if span.line <= len(self._lines) else ""
        written = _REFERENCE.match(line, span.column - 1)
        here = Span.of(span.line, span.column, len(written[0]) if written else 1)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            return Fault(
                here,
                "Y09",
                "anchors and aliases (& and *) are not used in rule files",
                "write the value out; a text that begins with & or * needs quotes",
            )
        if event.tag is not None:
            return Fault(
                here,
                "Y10",
                "tags (!) are not used in rule files",
                "delete it; a text that begins with ! needs quotes; != is {not_equals: ...}",
            )
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar_refusal(event, span)
        if line.startswith("{{", span.column - 1):
            return mustache(Span.of(span.line, span.column, 2))
        if depth > MAX_DEPTH:
            raise _TooDeep(here)
        return None

    def _scalar_refusal(self, event: Any, span: Span) -> Fault | None:
        if event.style:
            return None
        text = str(event.value)
        found = _ODD.match(text) or _ODD.match(text[-1:])
        if found:
            column = span.column if _ODD.match(text) else span.end_column - 1
            line = span.line if _ODD.match(text) else span.end_line
            return odd_space(Span.of(line, column), found[0])
        return curly_quotes(text, span) or folded_item(self._lines, span)

    def _skip(self, event: Any) -> None:
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth > 0:
            inner = next(self._events)
            depth += isinstance(inner, yaml.CollectionStartEvent)
            depth -= isinstance(inner, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _TooDeep(_span(inner))

    def _scalar(self, event: Any) -> Scalar:
        # The C parser says "" for unquoted text, the Python one None.
        style = event.style or ""
        value = event.value if style else typed(event.value)
        self.last = Scalar(_span(event), event.value, value, style)
        return self.last

    def _listing(self, event: Any, depth: int) -> Listing:
        items = []
        while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(inner, depth + 1))
        return Listing(_span(event), tuple(items))

    def _block(self, event: Any, depth: int) -> Block | Broken:
        entries: dict[str, Entry] = {}
        broken = False
        while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
            key = self._key(inner, depth)
            value = self._node(next(self._events), depth + 1)
            if key is None:
                broken = True
            elif key.text in entries:
                self._written_twice(key, entries[key.text].key)
            else:
                entries[key.text] = Entry(key, value)
        return Broken(_span(event)) if broken else Block(_span(event), tuple(entries.values()))

    def _key(self, event: Any, depth: int) -> Scalar | None:
        key = self._node(event, depth + 1)
        if isinstance(key, Broken):
            return None
        fault = _key_fault(key)
        if fault is None and isinstance(key, Scalar):
            return key
        _note(self._findings, fault or Fault(key.span, "Y17", "a key must be text"))
        return None

    def _written_twice(self, key: Scalar, first: Scalar) -> None:
        self._findings.error(
            key.span,
            "Y14",
            f'"{key.text}" is written twice in this block; only one of them would count',
            help="delete one, or merge them under one key",
            first=first.span,
        )
