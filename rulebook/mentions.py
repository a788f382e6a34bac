"""What rule files name of the world outside: sources they wait for, courses they seat in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rulebook.nodes import Block, Entry, Listing, Node, Scalar, Span, plain
from rulebook.page import candidates
from rulebook.parameters import Kind, Parameter, ParameterError
from rulebook.problems import Findings
from rulebook.reading import Reading
from rulebook.references import Reference, TemplateError
from rulebook.rule import DEFAULT_ACCOUNT
from rulebook.tables import TableError, read_csv
from rulebook.templates import parse_value
from rulebook.yaml_reader import read_yaml

_COURSE = Parameter("course_id", Kind.COURSE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A source or a course where a file names it; `beside` says in which row of which table,
    `account` in which Coursebox account a course is looked for."""

    file: str
    span: Span
    name: str
    beside: str = ""
    account: str = DEFAULT_ACCOUNT


def sources_awaited(files: Mapping[str, str], reading: Reading) -> list[Mention]:
    """The sources in the `when` of rules that are switched on, in files without errors."""
    found: list[Mention] = []
    for path, root in _roots(files, reading):
        for rule in _blocks(root.get("rules")):
            when = rule.get("when")
            enabled = rule.get("enabled")
            if enabled is not None and plain(enabled) is False:
                continue
            for pair in [when] if isinstance(when, Block) else _blocks(when):
                source = pair.get("source")
                if isinstance(source, Scalar):
                    found.append(Mention(path, source.span, source.text))
    return found


def courses_named(files: Mapping[str, str], reading: Reading) -> list[Mention]:
    """Every course id that stands in a rule or in a table it looks a course up in, once a place."""
    found: list[Mention] = []
    for path, root in _roots(files, reading):
        tables = root.get("tables")
        entries = tables.entries if isinstance(tables, Block) else ()
        known = {entry.key.text: entry for entry in entries}
        for rule in _blocks(root.get("rules")):
            account = _text(rule.get("account")) or _text(root.get("account")) or DEFAULT_ACCOUNT
            for step in _blocks(rule.get("then")):
                given = step.get("with")
                course = given.get("course_id") if isinstance(given, Block) else None
                if isinstance(course, Scalar):
                    named = _of_value(path, course, known, files)
                    found += [replace(one, account=account) for one in named]
    return list(dict.fromkeys(found))


def _roots(files: Mapping[str, str], reading: Reading) -> Iterator[tuple[str, Block]]:
    for path in sorted(reading.files):
        root = read_yaml(files[path], Findings(path))
        if isinstance(root, Block):
            yield path, root


def _blocks(node: Node | None) -> list[Block]:
    items = node.items if isinstance(node, Listing) else ()
    return [item for item in items if isinstance(item, Block)]


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _of_value(
    path: str, value: Scalar, tables: Mapping[str, Entry], files: Mapping[str, str]
) -> Iterator[Mention]:
    if "${" not in value.text:
        yield from _mention(path, value.span, value.value)
        return
    try:
        parts = parse_value(value.text).parts
    except TemplateError:
        return
    for part in parts if len(parts) == 1 else ():
        if isinstance(part, Reference):
            yield from _of_reference(path, value.span, part, tables, files)


def _of_reference(
    path: str,
    span: Span,
    reference: Reference,
    tables: Mapping[str, Entry],
    files: Mapping[str, str],
) -> Iterator[Mention]:
    last = reference.filters[-1] if reference.filters else None
    if last is None or last.name not in {"lookup", "default"}:
        return
    fallback = last.values[1:] if last.name == "lookup" else last.values
    for value in fallback:
        yield from _mention(path, span, value)
    for name in reference.tables:
        yield from _of_table(path, tables[name], files)


def _of_table(path: str, table: Entry, files: Mapping[str, str]) -> Iterator[Mention]:
    if isinstance(table.value, Block):
        for row in table.value.entries:
            yield from _mention(path, row.value.span, plain(row.value))
    elif isinstance(table.value, Scalar):
        places = candidates(path, table.value.text)
        csv = next((place for place in places if place in files), "")
        try:
            rows = read_csv(files.get(csv, ""))
        except TableError:
            return
        for key, value in rows.items():
            yield from _mention(path, table.value.span, value, f' of "{key}" in {csv}')


def _mention(path: str, span: Span, value: object, beside: str = "") -> Iterator[Mention]:
    try:
        yield Mention(path, span, str(_COURSE.convert(value)), beside)
    except ParameterError:
        return  # the check of the rule, or its run, says so
