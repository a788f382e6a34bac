"""The edits that take a problem away: only such as cannot mean anything else.

What is to be written comes from the problem's own words, so that help and cure are never at odds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from rulebook.choices import is_meant
from rulebook.fields import FIELDS
from rulebook.nodes import Span
from rulebook.problems import Problem
from rulebook.references import TemplateError
from rulebook.templates import parse_value
from rulebook.values import number_of


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """`text` in place of a stretch of a file; "\\n" in it ends a line as the file does."""

    span: Span
    text: str


# All of them together make one cure.
Edits: TypeAlias = tuple[Edit, ...]
Cure: TypeAlias = Callable[[Problem, Sequence[str]], tuple[Edits, ...]]

_RENAMED: Final = frozenset(
    {*("S01", "S03", "S04", "C01", "C05", "A01", "A05", "R03", "R10", "T01", "F01", "F02")}
)
# What they mean elsewhere is the opposite of the word they lead to, or only nearly the same.
_NOT_THE_SAME: Final = frozenset(
    {
        *("disabled", "case_sensitive", "ilike", "matches", "unless", "ignore_errors"),
        *("fraction", "rate", "weight", "share"),
    }
)
_WIDTHS: Final = (2, 4, 8)
_QUOTES: Final = ('"', "'")
_TEMPLATE: Final = re.compile(r"\$\{.*?\}")
_MUSTACHE: Final = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_BLOCK_TEXT: Final = re.compile(r"[^#]*[:-] *[|>][-+0-9]*\s*(?:#.*)?")
_SUGGESTED: Final = re.compile(r'did you mean "([^"]+)"\?')
_FIELD: Final = re.compile(r'unknown field "([^"]+)"')
_LENGTH: Final = re.compile(r'\bwrite "(\d+ [a-z]+)"$')
_BARE: Final = re.compile(
    r"write (true|false|no match|\d\d:\d\d-\d\d:\d\d|-?\d+(?:\.\d+)?)(?: without quotes)?"
)
# Nobody knows how many days they were meant to have.
_UNEVEN: Final = re.compile("month|year", re.IGNORECASE)
_QUOTED: Final = re.compile(r'(?:write|put) it in quotes: ("[^"\\]*")')


def cures(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    """The ways to take a problem away; several only where the file itself must tell which."""
    return next(filter(None, (cure(problem, lines) for cure in _CURES)), ())


def _written(span: Span, lines: Sequence[str]) -> str:
    """What stands there, if it is one line."""
    if span.line != span.end_line or not 1 <= span.line <= len(lines):
        return ""
    return lines[span.line - 1][span.column - 1 : span.end_column - 1]


def _one(span: Span, text: str) -> tuple[Edits, ...]:
    return ((Edit(span, text),),)


def _in_its_quotes(written: str, text: str) -> str:
    quote = written[:1] if written[:1] in _QUOTES else ""
    return f"{quote}{text}{quote}"


def _rename(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    found = _SUGGESTED.match(problem.label or problem.help or "")
    written = _written(problem.span, lines)
    bare = written.strip("\"'")
    if not found or problem.code not in _RENAMED or not bare or bare.lower() in _NOT_THE_SAME:
        return ()
    name = _field(problem, bare, found[1]) if problem.code in {"F01", "F02"} else found[1]
    if not name or not is_meant(problem, bare, name):
        return ()
    return _one(problem.span, _in_its_quotes(written, name))


def _field(problem: Problem, written: str, meant: str) -> str | None:
    """What to write for a field; None where the suggestion is only one of several."""
    found = _FIELD.search(problem.message)
    wrong = found[1] if found else ""
    steps, better = wrong.split("."), meant.split(".")
    if len(steps) < len(better):
        homes = [root for root, names in FIELDS.items() if wrong in names]
        return meant if len(homes) == 1 else None
    if len(steps) > len(better) and not wrong.startswith(f"{meant}."):
        return None
    if written == wrong:
        return meant
    # in the event of a test the block above has the first part of the name
    inside = len(steps) == len(better) and written == steps[-1] and steps[:-1] == better[:-1]
    return better[-1] if inside else None


def _as_told(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    help, written = problem.help or "", _written(problem.span, lines)
    if problem.code not in {"S03", "S04", "C02", "A03"} or written[:1] in {"", "[", "{"}:
        return ()
    length = _LENGTH.search(help) or _LENGTH.search(problem.message)
    if length and not _UNEVEN.search(written):
        return _one(problem.span, _in_its_quotes(written, length[1]))
    told = _BARE.fullmatch(help) or _QUOTED.fullmatch(help)
    if told and _is_same(written, told[1]):
        return _one(problem.span, told[1])
    is_version = help.startswith("write version: ") and written.strip("\"'v") in {"1", "1.0"}
    return _one(problem.span, "1") if is_version else ()


def _is_same(written: str, told: str) -> bool:
    """Whether what is to be written is no other number, such as a rounded one."""
    ours, theirs = (number_of(text.strip("\"'% ")) for text in (written, told))
    return ours is None or theirs is None or ours == theirs


def _version(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    if (problem.code, problem.message) != ("S02", '"version" is missing in this file'):
        return ()
    start = Span(problem.line, problem.column, problem.line, problem.column)
    return _one(start, f"version: 1\n{' ' * (problem.column - 1)}")


def _tabs(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    """As many spaces as the file can be read with: nobody else knows how wide a tab was meant."""
    if problem.code != "Y02":
        return ()
    indents = [(number, _indent(lines[number - 1])) for number in _tabbed(lines)]
    return tuple(
        tuple(
            Edit(Span.of(number, 1, len(indent)), indent.expandtabs(width))
            for number, indent in indents
        )
        for width in _WIDTHS
    )


def _tabbed(lines: Sequence[str]) -> list[int]:
    """The lines indented with tabs; inside a text over several lines a tab is part of the text."""
    found: list[int] = []
    inside: int | None = None
    for number, line in enumerate(lines, 1):
        spaces = len(line) - len(line.lstrip(" "))
        if inside is not None and line.strip() and spaces <= inside:
            inside = None
        if inside is None and "\t" in _indent(line):
            found.append(number)
        if inside is None and _BLOCK_TEXT.fullmatch(line):
            inside = spaces
    return found


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _odd_space(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    if problem.code != "Y03":
        return ()
    has_width = _written(problem.span, lines).isspace()
    return _one(problem.span, " " if has_width else "")


def _space_after(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    if problem.code != "Y04":
        return ()
    after = problem.column + 1
    return _one(Span(problem.line, after, problem.line, after), " ")


def _mustache(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    line = lines[problem.line - 1]
    found = _MUSTACHE.match(line, problem.column - 1) if problem.code == "Y12" else None
    if found is None:
        return ()
    text = f"${{ {found[1]} }}"
    try:
        parse_value(text)
    except TemplateError as error:
        if not error.message.startswith("unknown filter"):
            return ()  # an expression of another product
    return _one(Span.of(problem.line, problem.column, len(found[0])), text)


def _template_in_brackets(problem: Problem, lines: Sequence[str]) -> tuple[Edits, ...]:
    line = lines[problem.line - 1]
    found = _TEMPLATE.match(line, problem.column - 1) if problem.code == "Y20" else None
    if found is None:
        return ()
    before, after = line[: found.start()].rstrip()[-1:], line[found.end() :].lstrip()[:1]
    if before not in {":", ",", "[", "{"} or after not in {",", "]", "}", ""}:
        return ()  # the text goes on round the template
    quote = "'" if '"' in found[0] else '"'
    if quote in found[0]:
        return ()
    return _one(Span.of(problem.line, problem.column, len(found[0])), f"{quote}{found[0]}{quote}")


_CURES: Final[tuple[Cure, ...]] = (
    _tabs,
    _odd_space,
    _space_after,
    _mustache,
    _template_in_brackets,
    _rename,
    _as_told,
    _version,
)
