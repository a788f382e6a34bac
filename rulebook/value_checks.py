"""Checks of what a rule says about the event: its conditions and its templates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rulebook.condition_checks import FOREIGN_GROUPS, ConditionProblem, block_problems
from rulebook.fields import FIELDS, ITEM, FieldProblem
from rulebook.nodes import (
    Block,
    Broken,
    Entry,
    Listing,
    Node,
    Scalar,
    Span,
    describe,
    find,
    is_broken,
    plain,
    shortened,
    walk,
)
from rulebook.operators import FOREIGN
from rulebook.page import Page
from rulebook.paths import Path, PathError, parse_path, scan_path
from rulebook.places import place_in
from rulebook.shapes import block, text, wrong_kind
from rulebook.spelling import did_you_mean, nearest
from rulebook.templates import Template, TemplateError, parse_value

GROUPS = frozenset({"any", "all", "none"})
# Asked of a field, they compare with what the event says of before.
_OF_CHANGE = frozenset({"becomes", "changed"})

_FOR_EXAMPLE = "name what tells one event from another, such as ${ contact.email }"
_COMPARISON = re.compile(r"""\s*([\w.\[\]-]+)\s*([<>=!]=?|==)\s*("[^"]*"|'[^']*'|[\w.-]+)\s*""")
_TEMPLATE = re.compile(r"(?<!\$)\$\{.*\}")
_OPENING = re.compile(r"(\$\$\{)|\$\{\s*")
# Elsewhere in YAML these are yes and no; here only true and false are.
_CAPITALS = frozenset({"True", "TRUE", "False", "FALSE"})
# One text to compare with, though it reads like several.
_SEVERAL = re.compile(r"[a-z][a-z0-9_-]*(?:(?:\s+or\s+|\s*,\s*)[a-z][a-z0-9_-]*)+")
_BETWEEN = re.compile(r"\s+or\s+|\s*,\s*")
_SIGN = re.compile(r"[<>=!]=|[<>](?=\s*\d)")
# Each is looked up in the text and in the file, when something is wrong with it.
_MOST_REFERENCES = 200
_LOOKUP = re.compile(r"\blookup\(\s*([\w-]+)")


def check_condition(entry: Entry, page: Page, *, has_item: bool = False) -> bool:
    """Complains of every comparison, value and field that a block of conditions cannot have.

    Tells whether there is none. `has_item`: judged for one item of a rule with for_each.
    """
    before = page.findings.errors
    conditions = block(entry, page.findings, _line_meant(entry.value))
    if conditions is None or is_broken(conditions):
        return False
    for problem in block_problems(plain(conditions), page.tables if page.knows_tables else None):
        _report(problem, conditions, page)
    for key, value in _fields(conditions):
        _warn_of_sign(value, page)
        _warn_of_several(value, page)
        _refuse_templates(value, page)
        try:
            path = parse_path(key.text)
        except PathError:
            continue  # block_problems has said so
        if wrong := _wrong_here(path, entry.key.text, page, has_item=has_item):
            report_field(wrong, key.span, page)
        elif path.root == ITEM or path.root in page.lookups:
            _refuse_change(value, page)
    if page.findings.errors == before:
        _warn_of_capitals(conditions, page)
    return page.findings.errors == before


def _line_meant(node: Node) -> str:
    """What is written elsewhere as ``deal.amount >= 5``, as a line of conditions."""
    found = _COMPARISON.fullmatch(node.text) if isinstance(node, Scalar) else None
    operator = FOREIGN.get(found[2]) if found else None
    if found is None or operator is None:
        return "write a line for each field, such as deal.stage: closedwon"
    value = shortened(found[3])
    return f"write {found[1]}: " + (value if operator == "equals" else f"{{{operator}: {value}}}")


def _wrong_here(path: Path, where: str, page: Page, *, has_item: bool) -> FieldProblem | None:
    early = where in {"if", "require"}
    if path.root == ITEM and early:
        help = f"{where} is judged before the list of for_each is split; name the field in full"
        if where == "require":
            help += ', or use "only_if" in the step'
        return FieldProblem("F03", f'"item" is not there in {where}', help=help)
    if where == "if" and path.root in page.later:
        help = 'use "require": its conditions are judged after the look-ups'
        return FieldProblem("F03", f'"{path.root}" is not looked up yet in if', help=help)
    return page.wrong_field(path, has_item=has_item)


def _refuse_change(comparisons: Node, page: Page) -> None:
    for entry in comparisons.entries if isinstance(comparisons, Block) else ():
        if entry.key.text in _OF_CHANGE:
            message = f'"{entry.key.text}" can only be asked of a field of the event'
            page.findings.error(entry.key.span, "C06", message)


def check_filled_text(entry: Entry | None, page: Page, *, has_item: bool) -> str:
    """A text that differs from event to event, as it has a `${ ... }`; complains otherwise."""
    if entry is None or isinstance(entry.value, Broken):
        return ""
    if not isinstance(entry.value, Scalar) or isinstance(entry.value.value, (bool, int, float)):
        help = _FOR_EXAMPLE
        if isinstance(entry.value, Listing):
            help = 'write them in one text, such as "${ contact.email } ${ deal.id }"'
        wrong_kind(entry, "text with a ${ ... } in it", page.findings, help)
        return ""
    written = text(entry, page.findings)
    if written is None:
        return ""
    works = check_templates(entry.value, page, has_item=has_item)
    if works and not parse_value(written).paths:
        message = f'"{entry.key.text}" must hold a ${{ ... }}, found {describe(entry.value)}'
        help = f"write ${{ {written} }}" if _is_path(written) else _FOR_EXAMPLE
        page.findings.error(entry.value.span, "S03", message, help=help)
    return written


def _is_path(written: str) -> bool:
    try:
        return parse_path(written).root in {*FIELDS, ITEM}
    except PathError:
        return False


def check_templates(node: Node, page: Page, *, has_item: bool) -> bool:
    """Complains of every template below the node that cannot work; tells whether all can."""
    before = page.findings.errors
    for scalar in walk(node):
        if isinstance(scalar, Scalar) and isinstance(scalar.value, str):
            template = check_text(scalar, page)
            if template is not None:
                _check_fields(scalar, template, page, has_item=has_item)
                _check_tables(scalar, template, page)
    return page.findings.errors == before and not is_broken(node)


def check_text(scalar: Scalar, page: Page) -> Template | None:
    """The template of a text; complains where it is none."""
    try:
        template = parse_value(scalar.text)
    except TemplateError as error:
        span = place_in(page.lines, scalar, error.offset, error.length)
        help = _cut_by_comment(scalar, page) or error.help
        page.findings.error(span, error.code, error.message, help=help)
        return None
    many = sum(not isinstance(part, str) for part in template.parts)
    if many > _MOST_REFERENCES:
        message = f"one text takes at most {_MOST_REFERENCES} ${{ ... }}, this one has {many:,}"
        page.findings.error(scalar.span, "T01", message)
        return None
    return template


def _cut_by_comment(scalar: Scalar, page: Page) -> str | None:
    """An unquoted " #" begins a comment, so the end of the template is not part of the value."""
    if scalar.style or "}" in scalar.text.rpartition("${")[2]:
        return None
    rest = page.lines[scalar.span.end_line - 1][scalar.span.end_column - 1 :]
    if rest.lstrip().startswith("#"):
        return 'the " #" begins a comment; put the whole value in single quotes'
    return None


def report_field(wrong: FieldProblem, span: Span, page: Page) -> None:
    """Adds what is wrong with a field's name."""
    label = did_you_mean(wrong.suggestion)
    # what a sender gives is known from its documentation, which its events may be ahead of
    say = page.findings.warning if wrong.code.startswith("W") else page.findings.error
    say(span, wrong.code, wrong.message, label=label, help=wrong.help)


def _report(problem: ConditionProblem, conditions: Block, page: Page) -> None:
    span, node = find(conditions, problem.where)
    if problem.code == "C05":
        name = str(plain(node))
        if name in page.missing:
            return
        page.missing.add(name)
    if problem.on == "value" and node.span.column != node.span.end_column:
        span = node.span
    label = did_you_mean(problem.suggestion)
    help = problem.help
    if help is None and problem.code == "C05" and page.tables:
        help = f"tables: {', '.join(sorted(page.tables))}"
    if problem.code.startswith("W"):
        page.findings.warning(span, problem.code, problem.message, label=label, help=help)
    else:
        page.findings.error(span, problem.code, problem.message, label=label, help=help)


def _refuse_templates(value: Node, page: Page) -> None:
    for scalar in walk(value):
        if isinstance(scalar, Scalar) and _TEMPLATE.search(scalar.text):
            message = "${ ... } is not filled in in conditions; they compare with a fixed value"
            help = "write the value out, or let two rules or steps differ in their conditions"
            page.findings.error(scalar.span, "C02", message, help=help)


def _warn_of_capitals(conditions: Block, page: Page) -> None:
    for scalar in walk(conditions):
        if isinstance(scalar, Scalar) and not scalar.style and scalar.text in _CAPITALS:
            message = f'this holds where the field is the text "{scalar.text}"'
            help = f"write {scalar.text.lower()} for yes or no; put it in quotes if it is meant"
            page.findings.warning(scalar.span, "W07", message, help=help)


def _warn_of_sign(value: Node, page: Page) -> None:
    found = _SIGN.match(value.text) if isinstance(value, Scalar) else None
    if isinstance(value, Scalar) and not value.style and value.text.endswith((",", ";")):
        message = f'the "{value.text[-1]}" at the end belongs to the text that is compared with'
        without = f"write {shortened(value.text[:-1])}, or put it in quotes if it is meant"
        page.findings.warning(value.span, "W07", message, help=without)
    if found:
        operator = FOREIGN.get(found[0])
        message = f'this holds where the field is the text "{shortened(found.string)}"'
        help = f"to compare, write {{{operator}: ...}}" if operator else None
        page.findings.warning(value.span, "W07", message, help=help)


def _warn_of_several(value: Node, page: Page) -> None:
    if isinstance(value, Scalar) and not value.style and _SEVERAL.fullmatch(value.text):
        message = f'this holds where the field is the text "{shortened(value.text)}"'
        words = shortened(", ".join(_BETWEEN.split(value.text)))
        help = f"write [{words}]; put it in quotes if it is meant"
        page.findings.warning(value.span, "W07", message, help=help)


def _fields(conditions: Block) -> Iterator[tuple[Scalar, Node]]:
    """The fields of the event with what is said of them; below any_item stand an item's fields."""
    for entry in conditions.entries:
        if entry.key.text.lower() in FOREIGN_GROUPS:
            continue
        if entry.key.text not in GROUPS:
            yield entry.key, entry.value
            continue
        inner = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        for item in inner:
            if isinstance(item, Block):
                yield from _fields(item)


def _check_fields(scalar: Scalar, template: Template, page: Page, *, has_item: bool) -> None:
    read = template.paths
    for found in _OPENING.finditer(scalar.text):
        if found[1]:
            continue
        try:
            path, end = scan_path(scalar.text, found.end())
        except PathError:
            continue  # the template parser has said so
        wrong = page.wrong_field(path, has_item=has_item) if path in read else None
        if wrong:
            span = place_in(page.lines, scalar, found.end(), end - found.end())
            report_field(wrong, span, page)


def _check_tables(scalar: Scalar, template: Template, page: Page) -> None:
    if not page.knows_tables:
        return
    for name in sorted(template.tables - page.tables.keys() - page.missing):
        page.missing.add(name)
        found = next((at for at in _LOOKUP.finditer(scalar.text) if at[1] == name), None)
        offset, length = (found.start(1), len(name)) if found else (0, len(scalar.text))
        known = ", ".join(sorted(page.tables))
        page.findings.error(
            place_in(page.lines, scalar, offset, length),
            "R03",
            f'there is no table "{name}" in this file',
            label=did_you_mean(nearest(name, page.tables)),
            help=f"tables: {known}" if known else 'add it under "tables:" at the top of the file',
        )
