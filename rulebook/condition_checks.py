"""What is wrong with a condition block before it is used, and at which key or value."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from rulebook.literals import LITERAL_CHECKS, LiteralProblem
from rulebook.operators import FOREIGN, IGNORE_CASE, OPERATORS
from rulebook.paths import Path, PathError, parse_path
from rulebook.spelling import nearest
from rulebook.values import found

GROUPS: Final = ("any", "all", "none")
# What the groups are called elsewhere.
FOREIGN_GROUPS: Final = MappingProxyType(
    {
        **dict.fromkeys(("or", "any_of", "anyof", "or_else", "$or"), "any"),
        **dict.fromkeys(("and", "all_of", "allof", "$and"), "all"),
        **dict.fromkeys(("not", "none_of", "not_any", "nor", "$not", "$nor"), "none"),
    }
)
# The comparisons that take a block of conditions for the items of a list.
ON_ITEMS: Final = frozenset({"any_item", "all_items"})

Where = tuple[str | int, ...]

_ABSENT: Final = frozenset(
    {
        *("absent", "is_absent", "not_present", "is_not_present", "missing", "is_missing"),
        *("empty", "is_empty", "blank", "is_blank", "null", "is_null", "not_exists"),
    }
)
_OF_CHANGE: Final = frozenset({"becomes", "changed"})
# An item may well have a field "count" or "before"; nobody calls one by the other names.
_NO_FIELDS: Final = OPERATORS.keys() - {
    *("contains", "like", "before", "after", "between", "becomes", "changed", "count"),
}
_KEY_WITH_SIGN = re.compile(r"(\S+)\s+(\S+)")


@dataclass(frozen=True, slots=True)
class ConditionProblem:
    """What is wrong with a block: ``where`` leads to the key or value at fault.

    Codes: C01 unknown comparison, C02 what a comparison is given, C03 shape of the block, C04 name
    of the field, C05 table, C06 a comparison that cannot stand here; W03 and W07 are warnings.
    """

    where: Where
    on: Literal["key", "value"]
    code: str
    message: str
    help: str | None = None
    suggestion: str | None = None


def block_problems(block: object, tables: Collection[str] | None = None) -> list[ConditionProblem]:
    """Everything wrong with a block as YAML gave it; table names are checked where given."""
    return list(_Checker(tables).block(block, ()))


@dataclass(frozen=True, slots=True)
class _Checker:
    tables: Collection[str] | None
    in_items: bool = False

    def block(self, block: object, where: Where) -> Iterator[ConditionProblem]:
        if not isinstance(block, dict):
            help = None
            if isinstance(block, list):
                help = 'write "any:" or "all:" above the list'
            message = f"conditions must be a block of key: value lines, found {found(block)}"
            yield ConditionProblem(where, "value", "C03", message, help)
            return
        if not block:
            yield ConditionProblem(where, "value", "C03", "there is no condition in this block")
        for key, value in block.items():
            if key in GROUPS:
                yield from self.group(key, value, (*where, key))
            elif meant := FOREIGN_GROUPS.get(key.lower()):
                message = f'"{key}" is not a word for a group of conditions'
                yield ConditionProblem((*where, key), "key", "C01", message, None, meant)
            else:
                yield from self.line(key, value, (*where, key))

    def group(self, word: str, entries: object, where: Where) -> Iterator[ConditionProblem]:
        if not isinstance(entries, list) or not entries:
            message = f'"{word}" must be a list of condition blocks, found {_or_empty(entries)}'
            help = f'put "- " before each block under {word}:'
            yield ConditionProblem(where, "value", "C03", message, help)
            return
        for i, entry in enumerate(entries):
            yield from self.block(entry, (*where, i))

    def line(self, key: str, value: object, where: Where) -> Iterator[ConditionProblem]:
        try:
            path = parse_path(key)
        except PathError as error:
            message = f'"{key}" is not the name of a field: {error.message}'
            help = _help_for_key(key) or error.help
            yield ConditionProblem(where, "key", "C04", message, help)
            return
        if isinstance(value, dict):
            yield from self.comparisons(path, value, where)
            return
        if self.in_items and key in _NO_FIELDS:
            message = f'"{key}" is read as a field of the item here'
            help = f"to compare the item itself, write item: {{{key}: ...}}"
            yield ConditionProblem(where, "key", "W07", message, help)
        name = "one_of" if isinstance(value, list) else "equals"
        problem = LITERAL_CHECKS[OPERATORS[name].literal](name, value)
        if problem is not None:
            yield _on_literal(path.text, problem, where)

    def comparisons(
        self, path: Path, block: dict[str, object], where: Where
    ) -> Iterator[ConditionProblem]:
        if not block.keys() - {IGNORE_CASE}:
            message = f"there is no comparison for {path.text}"
            if block:
                message = f'"{IGNORE_CASE}" needs a comparison beside it'
            yield ConditionProblem(
                where, "value", "C03", message, "for example {equals: won, ignore_case: true}"
            )
        for name, literal in block.items():
            yield from self.comparison(path, name, literal, (*where, name))

    def comparison(
        self, path: Path, name: str, literal: object, where: Where
    ) -> Iterator[ConditionProblem]:
        if name == IGNORE_CASE:
            if not isinstance(literal, bool):
                message = f'"{name}" must be true or false, found {found(literal)}'
                yield ConditionProblem(where, "value", "C02", message)
            return
        operator = OPERATORS.get(name)
        if operator is None:
            yield _unknown(path, name, where)
            return
        problem = LITERAL_CHECKS[operator.literal](name, literal)
        if problem is not None:
            yield _on_literal(name, problem, where)
        elif name in _OF_CHANGE and self.in_items:
            message = f'"{name}" cannot be asked of the items of a list'
            yield ConditionProblem(where, "key", "C06", message)
        elif name in ON_ITEMS:
            yield from _Checker(self.tables, in_items=True).block(literal, where)
        else:
            yield from self.beyond_kind(path, name, literal, where)

    def beyond_kind(
        self, path: Path, name: str, literal: object, where: Where
    ) -> Iterator[ConditionProblem]:
        if name == "in_table" and self.tables is not None and literal not in self.tables:
            message = f'there is no table "{literal}"'
            near = nearest(str(literal), self.tables)
            yield ConditionProblem(where, "value", "C05", message, suggestion=near)
        if name == "ends_with" and _is_email(path) and "@" not in str(literal):
            message = f'"{literal}" without "@" also fits look-alikes such as "evil{literal}"'
            help = f'write "@{str(literal).removeprefix(".")}"'
            yield ConditionProblem(where, "value", "W03", message, help)


def _or_empty(entries: object) -> str:
    return "an empty list" if entries == [] else found(entries)


def _on_literal(subject: str, problem: LiteralProblem, where: Where) -> ConditionProblem:
    return ConditionProblem(where, "value", "C02", f'"{subject}" {problem.message}', problem.help)


def _unknown(path: Path, name: str, where: Where) -> ConditionProblem:
    meant = name.strip().lower().replace(" ", "_").replace("-", "_")
    near = FOREIGN.get(meant)
    near = near or FOREIGN.get(name) or nearest(name, [*OPERATORS, IGNORE_CASE])
    help = None
    if meant in _ABSENT:
        near, help = None, "for a field that is missing or empty, write {is_present: false}"
    elif near is None:
        help = f'for a field inside it write "{path.text}.{name}:" as one key'
    message = f'unknown comparison "{name}" for {path.text}'
    return ConditionProblem(where, "key", "C01", message, help, near)


def _help_for_key(key: str) -> str | None:
    """``deal.amount >=: 5`` is how it is written elsewhere."""
    parts = _KEY_WITH_SIGN.fullmatch(key)
    if parts is None:
        return None
    ours = FOREIGN.get(parts[2].lower(), parts[2])
    return f"write {parts[1]}: {{{ours}: ...}}" if ours in OPERATORS else None


def _is_email(path: Path) -> bool:
    return "mail" in (path.names[-1].lower().replace("-", ""))
