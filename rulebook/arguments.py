"""What a filter may be given between its brackets."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rulebook.durations import DATE_CODES
from rulebook.values import found, is_single

MAX_LENGTH: Final = 10_000


class ArgumentKind(StrEnum):
    """The kinds of argument, in the words of messages."""

    TEXT = 'text in quotes, such as "-"'
    ANY_TEXT = 'text in quotes, which may be empty: ""'
    COUNT = f"a whole number from 1 to {MAX_LENGTH}"
    ANY = "text in quotes, a number, true or false"
    TABLE = "the name of a table, without quotes"
    DATE_FORMAT = 'a date format in quotes, such as "%d.%m.%Y"'


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a filter, by its place."""

    name: str
    kind: ArgumentKind
    required: bool = True


@dataclass(frozen=True, slots=True)
class TableName:
    """A name without quotes between a filter's brackets."""

    name: str


def arguments_problem(arguments: Sequence[Argument], given: Sequence[object]) -> str | None:
    """What is wrong with what a filter is given, as the end of a sentence; None if nothing."""
    required = sum(argument.required for argument in arguments)
    if len(given) < required:
        return f"needs {_in_words(arguments[: max(required, 1)])}"
    if len(given) > len(arguments):
        return f"takes only {_in_words(arguments)}" if arguments else "takes nothing in brackets"
    for argument, value in zip(arguments, given, strict=False):
        if not _FITS[argument.kind](value):
            return f"needs {argument.kind}, found {_found(value)}"
    return None


def signature(name: str, arguments: Sequence[Argument]) -> str:
    """How a filter is written: ``lookup(table, fallback)``, with what may be left out in []."""
    if not arguments:
        return name
    words = (one.name if one.required else f"[{one.name}]" for one in arguments)
    return f"{name}({', '.join(words)})"


def _in_words(arguments: Sequence[Argument]) -> str:
    return " and ".join(str(argument.kind) for argument in arguments)


def _found(value: object) -> str:
    return f"the name {value.name}" if isinstance(value, TableName) else found(value)


def _is_date_format(value: object) -> bool:
    """Whether it holds at least one known code, and no unknown one."""
    if not isinstance(value, str):
        return False
    codes = re.findall("%.?", value)
    return bool(codes) and all(code in DATE_CODES for code in codes)


_FITS: Mapping[ArgumentKind, Callable[[object], bool]] = MappingProxyType(
    {
        ArgumentKind.TEXT: lambda value: isinstance(value, str) and value != "",
        ArgumentKind.ANY_TEXT: lambda value: isinstance(value, str),
        ArgumentKind.COUNT: lambda value: type(value) is int and 1 <= value <= MAX_LENGTH,
        ArgumentKind.ANY: is_single,
        ArgumentKind.TABLE: lambda value: isinstance(value, TableName),
        ArgumentKind.DATE_FORMAT: _is_date_format,
    }
)
