"""Mistakes of layout and spelling that YAML would make something else of, each with its cure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rulebook.nodes import Span, shortened

# Signs that look like a space or like nothing: editors and chat programs paste them.
ODD_SPACE = "\u00a0\u1680\u180e\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff"
# Quotes that word processors and chat programs make of straight ones.
CURLY = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"
QUOTE_IT = "put the text in quotes"

_GLUED_KEY = re.compile(r"(\s*(?:- +)*)([A-Za-z_][\w.-]*):(?=[^\s/:])")
# Dashes and dots that stand for the items of a list elsewhere.
_BULLET = re.compile("\\s*([\u2010-\u2015\u2022\u00b7\u2212])\\s")
_COMPARED = re.compile(r">(=?) *(\d[\d.]*)\s*(?:#.*)?$")
_KEY_COLUMN = re.compile(r"\s*(?:- +)*")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a text from being read."""

    span: Span
    code: str
    message: str
    help: str | None = None


def glued_key(line: str, number: int) -> Fault | None:
    """A `key:value` without a space, at the beginning of the line."""
    found = _GLUED_KEY.match(line)
    if not found:
        return None
    lead = "- " if "-" in found[1] else ""
    rest = shortened(line[found.end() :])
    return Fault(
        Span.of(number, found.end()),
        "Y04",
        'a space is missing after ":"',
        f'write "{lead}{found[2]}: {rest}"',
    )


def odd_space(span: Span, sign: str) -> Fault:
    """A sign that only looks like a space."""
    return Fault(
        span,
        "Y03",
        f"this looks like a space but is another character (U+{ord(sign):04X})",
        "delete it and type a normal space; it usually comes from copying out of a web page",
    )


def curly_quotes(text: str, span: Span) -> Fault | None:
    """Quotes as word processors print them, which YAML takes for letters."""
    if not (len(text) > 1 and text[0] in CURLY and text[-1] in CURLY):
        return None
    return Fault(
        span,
        "Y26",
        f"{text[0]} and {text[-1]} are no quotes here, they would be part of the text",
        f'write "{shortened(text[1:-1])}"',
    )


def _other_bullet(lines: Sequence[str], number: int) -> Fault | None:
    for above in range(number, max(0, number - 2), -1):
        found = _BULLET.match(lines[above - 1])
        if found:
            message = f'a list item begins with "- ", not with "{found[1]}"'
            return Fault(Span.of(above, found.start(1) + 1), "Y24", message, 'write "- " there')
    return None


def misaligned(lines: Sequence[str], number: int) -> Fault:
    """A line that begins in a column where nothing else begins."""
    bullet = _other_bullet(lines, number)
    if bullet:
        return bullet
    column = _first_column(lines[number - 1])
    word = re.match(r"[\w.-]*", lines[number - 1][column - 1 :])
    return Fault(
        Span.of(number, column, max(1, len(word[0])) if word else 1),
        "Y08",
        "this line does not line up with the lines above it",
        _where_to_begin(lines, number, column),
    )


def starts_with(sign: str, span: Span, line: str) -> Fault:
    """A text that begins with a sign which YAML keeps for itself."""
    rest = shortened(line[span.column - 1 :]).replace('"', "'")
    compared = _COMPARED.match(rest)
    help = f'{QUOTE_IT}: "{rest}"'
    if compared:
        word = "at_least" if compared[1] else "more_than"
        help = f"to compare, write {{{word}: {compared[2]}}}"
    return Fault(span, "Y06", f"text cannot begin with {sign} here", help)


def second_document(span: Span) -> Fault:
    """A second YAML document in the same file."""
    return Fault(
        span,
        "Y11",
        "a second document begins here; a rule file is one document",
        'delete the line "---" or "...", or make it a file of its own',
    )


def mustache(span: Span) -> Fault:
    """`{{ ... }}` where `${ ... }` is meant."""
    return Fault(
        span,
        "Y12",
        '"{{ ... }}" is not the template form here',
        "write ${ ... } instead, for example: email: ${ contact.email }",
    )


def folded_item(lines: Sequence[str], span: Span) -> Fault | None:
    """A list item that YAML would quietly take for more of the text above it."""
    for _, number in pairwise(range(span.line, span.end_line + 1)):
        if re.match(r"\s*- ", lines[number - 1]):
            return misaligned(lines, number)
    return None


def _where_to_begin(lines: Sequence[str], number: int, column: int) -> str | None:
    open_columns: dict[int, int] = {}
    for above in range(number - 1, 0, -1):
        text = lines[above - 1]
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        for begin in (len(_key_indent(text)) + 1, _indent(text) + 1):
            if text[begin - 1 :].strip() and begin < min(open_columns, default=begin + 1):
                open_columns[begin] = above
    near = sorted(open_columns, key=lambda begin: (abs(begin - column), begin))[:2]
    places = [
        f'column {begin} (like "{_word_at(lines[open_columns[begin] - 1], begin)}" in line '
        f"{open_columns[begin]})"
        for begin in near
    ]
    return f"begin it in {' or '.join(places)}" if places else None


def _word_at(line: str, column: int) -> str:
    return shortened(line[column - 1 :].split()[0], 20)


def _first_column(line: str) -> int:
    return _indent(line) + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _key_indent(line: str) -> str:
    found = _KEY_COLUMN.match(line)
    return found[0] if found else ""
