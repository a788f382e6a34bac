"""What a comparison may be given in a rule, in plain words, and what is wrong when it is not."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rulebook import patterns
from rulebook.durations import parse_duration, parse_moment
from rulebook.values import found, is_single, is_there, number_of, shown

_NUMBER_WITHIN: Final = re.compile(
    r"\s*[^\w\s-]?\s*([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+\.[0-9]+)"
    r"\s*(?:%|[^\W\d]{1,4}|[^\w\s,.])?\s*"
)
MAX_LISTED: Final = 1_000


class LiteralKind(StrEnum):
    """The kinds of value a rule can give a comparison, in the words of messages."""

    SINGLE = "text, a number, true or false"
    PART = "text or a number"
    TEXT = "text"
    LIST = "a list of texts, numbers, true or false"
    PARTS = "a list of texts or numbers"
    TABLE = "the name of a table"
    LIKE = "text with * and ?"
    REGEX = "a pattern (RE2)"
    NUMBER = "a number"
    RANGE = "a list of two numbers, the smaller one first"
    MOMENT = "a date or a date with time"
    DURATION = "a length of time"
    YES_NO = "true or false"
    COUNT = "a number or a block of number comparisons"
    BLOCK = "a block of conditions"


@dataclass(frozen=True, slots=True)
class LiteralProblem:
    """Why a comparison cannot take what the rule gives it."""

    message: str
    help: str | None = None


Check = Callable[[str, object], LiteralProblem | None]

# The comparisons that a count can be held against.
COUNTED: Final = frozenset({
    "equals", "not_equals", "one_of", "not_one_of",
    "more_than", "at_least", "less_than", "at_most", "between",
})  # fmt: skip


def _must_be(kind: LiteralKind, literal: object, help: str | None = None) -> LiteralProblem:
    return LiteralProblem(f"must be {kind}, found {found(literal)}", help)


def _single(name: str, literal: object) -> LiteralProblem | None:
    if is_single(literal):
        return None
    if literal is None:
        return _must_be(LiteralKind.SINGLE, literal, "for an empty field write is_present: false")
    several = {"equals": "one_of", "not_equals": "not_one_of"}.get(name)
    help = f"for several values use {several}" if several and isinstance(literal, list) else None
    return _must_be(LiteralKind.SINGLE, literal, help)


def _text(name: str, literal: object) -> LiteralProblem | None:
    if isinstance(literal, str):
        return None if literal else LiteralProblem("must not be empty", _EMPTY_HELP)
    help = f'put it in quotes: "{shown(literal)}"' if is_single(literal) else None
    return _must_be(LiteralKind.TEXT, literal, help)


_EMPTY_HELP: Final = "every text would fit; to ask for any text at all write is_present: true"


def _part(name: str, literal: object) -> LiteralProblem | None:
    if literal == "":
        return LiteralProblem("must not be empty", _EMPTY_HELP)
    if is_single(literal) and not isinstance(literal, bool):
        return None
    help = f"for several values use {name}_any" if isinstance(literal, list) else None
    return _must_be(LiteralKind.PART, literal, help)


def _list_of(kind: LiteralKind, fits: Callable[[object], bool]) -> Check:
    def check(name: str, literal: object) -> LiteralProblem | None:
        if not isinstance(literal, list):
            return _must_be(kind, literal, f"write [{shown(literal)}]" if fits(literal) else None)
        if not literal:
            return LiteralProblem("must not be an empty list")
        if len(literal) > MAX_LISTED:
            return LiteralProblem(f"must not list more than {MAX_LISTED}", "use in_table instead")
        wrong = next((item for item in literal if not fits(item)), None)
        if wrong is not None or None in literal:
            return LiteralProblem(f"must be {kind}, but one item is {found(wrong)}")
        return None

    return check


def _table(name: str, literal: object) -> LiteralProblem | None:
    if isinstance(literal, str) and literal:
        return None
    return _must_be(LiteralKind.TABLE, literal)


def _like(name: str, literal: object) -> LiteralProblem | None:
    problem = _text(name, literal)
    if problem is None and len(str(literal)) > patterns.MAX_LIKE_PATTERN:
        return LiteralProblem(f"is longer than {patterns.MAX_LIKE_PATTERN} characters")
    return problem


def _regex(name: str, literal: object) -> LiteralProblem | None:
    problem = _text(name, literal)
    if problem is not None or not isinstance(literal, str):
        return problem
    if len(literal) > patterns.MAX_REGEX_PATTERN:
        return LiteralProblem(f"is longer than {patterns.MAX_REGEX_PATTERN} characters")
    try:
        patterns.regex(literal)
    except ValueError as error:
        return LiteralProblem(f"cannot be used: {error}", "the syntax is that of RE2")
    return None


def _is_number(literal: object) -> bool:
    return isinstance(literal, (int, float)) and not isinstance(literal, bool)


def _number(name: str, literal: object) -> LiteralProblem | None:
    if _is_number(literal):
        return None
    if isinstance(literal, str) and number_of(literal) is not None:
        return _must_be(LiteralKind.NUMBER, literal, f"write {literal} without quotes")
    if parse_moment(literal) is not None:
        return _must_be(LiteralKind.NUMBER, literal, "for dates use before and after")
    return _must_be(LiteralKind.NUMBER, literal, _number_meant(literal))


def _number_meant(literal: object) -> str | None:
    """The number in a text such as ``1,000 EUR``."""
    found = _NUMBER_WITHIN.fullmatch(literal) if isinstance(literal, str) else None
    return f"write {found[1].replace(',', '')}" if found else None


def _range(name: str, literal: object) -> LiteralProblem | None:
    example = "for example [10, 20]; both ends count"
    if not isinstance(literal, list) or len(literal) != 2 or not all(map(_is_number, literal)):
        return _must_be(LiteralKind.RANGE, literal, example)
    if literal[0] > literal[1]:
        return LiteralProblem(
            "must have the smaller number first",
            f"write [{shown(literal[1])}, {shown(literal[0])}]",
        )
    return None


def _moment(name: str, literal: object) -> LiteralProblem | None:
    if isinstance(literal, str) and parse_moment(literal) is not None and not literal.isdigit():
        return None
    help = "write 2026-04-15 or 2026-04-15T10:00:00Z"
    try:
        parse_duration(literal)
    except ValueError:
        return _must_be(LiteralKind.MOMENT, literal, help)
    return _must_be(LiteralKind.MOMENT, literal, "for a length of time use older_than, within_last")


def _duration(name: str, literal: object) -> LiteralProblem | None:
    try:
        parse_duration(literal)
    except ValueError as error:
        return _must_be(LiteralKind.DURATION, literal, str(error).rpartition("; ")[2])
    return None


def _yes_no(name: str, literal: object) -> LiteralProblem | None:
    if isinstance(literal, bool):
        return None
    word = str(literal).lower()
    meant = "true" if word in {"yes", "true", "on", "1"} else None
    meant = "false" if word in {"no", "false", "off", "0"} else meant
    return _must_be(LiteralKind.YES_NO, literal, f"write {meant}" if meant else None)


def _count(name: str, literal: object) -> LiteralProblem | None:
    if isinstance(literal, dict) and literal:
        unknown = next((key for key in literal if key not in COUNTED), None)
        if unknown is None:
            return next(filter(None, map(_counted, literal.items())), None)
        return LiteralProblem(
            f'cannot be held against "{unknown}"', f"use one of: {', '.join(sorted(COUNTED))}"
        )
    if isinstance(literal, int) and not isinstance(literal, bool):
        return None
    return _must_be(LiteralKind.COUNT, literal, "for example 2, or {at_least: 2}")


def _counted(comparison: tuple[str, object]) -> LiteralProblem | None:
    name, literal = comparison
    if name == "between":
        problem = _range(name, literal)
    elif name in {"one_of", "not_one_of"}:
        problem = _list_of(LiteralKind.LIST, _is_number)(name, literal)
    else:
        problem = _number(name, literal)
    return problem and LiteralProblem(f'has "{name}", which {problem.message}', problem.help)


def _block(name: str, literal: object) -> LiteralProblem | None:
    if isinstance(literal, dict) and literal:
        return None
    return _must_be(LiteralKind.BLOCK, literal, "for example {sku: SAFETY-1}")


def _is_part(literal: object) -> bool:
    return is_there(literal) and is_single(literal) and not isinstance(literal, bool)


LITERAL_CHECKS: Mapping[LiteralKind, Check] = MappingProxyType(
    {
        LiteralKind.SINGLE: _single,
        LiteralKind.PART: _part,
        LiteralKind.TEXT: _text,
        LiteralKind.LIST: _list_of(LiteralKind.LIST, is_single),
        LiteralKind.PARTS: _list_of(LiteralKind.PARTS, _is_part),
        LiteralKind.TABLE: _table,
        LiteralKind.LIKE: _like,
        LiteralKind.REGEX: _regex,
        LiteralKind.NUMBER: _number,
        LiteralKind.RANGE: _range,
        LiteralKind.MOMENT: _moment,
        LiteralKind.DURATION: _duration,
        LiteralKind.YES_NO: _yes_no,
        LiteralKind.COUNT: _count,
        LiteralKind.BLOCK: _block,
    }
)


def literal_problem(kind: LiteralKind, name: str, literal: object) -> LiteralProblem | None:
    """Why the comparison of this name cannot take the literal, as a whole sentence."""
    problem = LITERAL_CHECKS[kind](name, literal)
    return problem and LiteralProblem(f'"{name}" {problem.message}', problem.help)
