"""Conditions taken apart: each comparison with its place, and which of them cannot go together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, cast

from rulebook.equality import equals
from rulebook.nodes import Block, Entry, Listing, Span, plain
from rulebook.operators import IGNORE_CASE, OPERATORS, Env
from rulebook.paths import parse_path
from rulebook.values import number_of, shown

GROUPS: Final = ("any", "all", "none")
_SETS: Final = frozenset({"equals", "one_of", "becomes"})
_NUMBERS: Final = frozenset({"more_than", "at_least", "less_than", "at_most", "between"})
# Whether they hold is known for every way in which a sender can write a value.
_OF_ANY_FORM: Final = _NUMBERS | {"is_present", "count"}
# Nothing about them is known from the value alone.
_UNKNOWN: Final = frozenset({"in_table", "changed", "within_last", "older_than"})
_UNKNOWN_TOO: Final = _UNKNOWN | {"any_item", "all_items"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One comparison of a field; `span` is where it stands."""

    field: str
    operator: str
    literal: Any
    ignore_case: bool
    span: Span

    @property
    def said(self) -> str:
        return f"{self.operator} {shown(self.literal)}"

    @property
    def values(self) -> tuple[Any, ...] | None:
        """The only values with which it holds; None where there are others."""
        if self.operator not in _SETS or self.ignore_case or "[]" in self.field:
            return None
        return tuple(self.literal) if isinstance(self.literal, list) else (self.literal,)

    @property
    def key(self) -> tuple[str, str, str, bool]:
        """What it says, however it is written."""
        if self.operator == "one_of":
            return self.field, "one_of", str(sorted(map(_typed, self.literal))), self.ignore_case
        return self.field, self.operator, _typed(self.literal), self.ignore_case


@dataclass(frozen=True, slots=True)
class Clash:
    """Two comparisons of one field that never hold for the same value."""

    first: Claim
    second: Claim


def claims(block: Block) -> list[Claim]:
    """The comparisons of a block that must all hold, those under `all` included."""
    found: list[Claim] = []
    for entry in block.entries:
        if entry.key.text == "all":
            for inner in entries_of(entry):
                found += claims(inner)
        elif entry.key.text not in GROUPS:
            found += _of_field(entry)
    return found


def entries_of(group: Entry) -> list[Block]:
    """The blocks under `any`, `all` or `none`."""
    items = group.value.items if isinstance(group.value, Listing) else ()
    return [item for item in items if isinstance(item, Block)]


def groups(block: Block, word: str) -> Iterator[Entry]:
    """The `any` or `none` of a block, also those under its `all`."""
    for entry in block.entries:
        if entry.key.text == word:
            yield entry
        elif entry.key.text == "all":
            for inner in entries_of(entry):
                yield from groups(inner, word)


def first_clash(given: Iterable[Claim], more: Sequence[Claim]) -> Clash | None:
    """The first of `more` that cannot hold beside one of `given`, or beside one before it."""
    before = list(given)
    for claim in more:
        against = next((one for one in before if _clash(one, claim)), None)
        if against is not None:
            return Clash(against, claim)
        before.append(claim)
    return None


def implied(claim: Claim, by: Iterable[Claim]) -> bool:
    """Whether it holds wherever all of the others do."""
    return any(claim.key == one.key or _within(one, claim) for one in by)


def _of_field(entry: Entry) -> Iterator[Claim]:
    field = parse_path(entry.key.text).text
    if not isinstance(entry.value, Block):
        value = plain(entry.value)
        name = "one_of" if isinstance(value, list) else "equals"
        yield Claim(field, name, value, False, entry.key.span)
        return
    ignoring = plain(entry.value).get(IGNORE_CASE) is True  # type: ignore[attr-defined]
    for inner in entry.value.entries:
        if inner.key.text != IGNORE_CASE:
            yield Claim(field, inner.key.text, plain(inner.value), ignoring, inner.key.span)


def _typed(literal: object) -> str:
    """A text that differs for true, 1 and "1"."""
    return repr(literal)


def _within(one: Claim, claim: Claim) -> bool:
    """Whether all values of one are among those of the other."""
    ours, theirs = one.values, claim.values
    if one.field != claim.field or ours is None or theirs is None or claim.operator == "becomes":
        return False
    known = set(map(_typed, theirs))
    return all(_typed(value) in known for value in ours)


def _clash(one: Claim, other: Claim) -> bool:
    if one.field != other.field or "[]" in one.field:
        return False
    names = {one.operator, other.operator}
    if names == {"becomes", "changed"}:
        return not (one if one.operator == "changed" else other).literal
    if names <= _NUMBERS:
        return _empty_range((one, other))
    if names & _NUMBERS and "is_present" in names:
        return (one if one.operator == "is_present" else other).literal is False
    return _no_value_left(one, other) or _no_value_left(other, one)


def _no_value_left(one: Claim, other: Claim) -> bool:
    """Whether none of the values that the first allows passes the second."""
    values = one.values
    if values is None or other.ignore_case:
        return False
    allowed = other.values
    if allowed is not None:
        return not any(_may_be_same(value, also) for value in values for also in allowed)
    return not any(_may_pass(value, other) for value in values)


def _may_be_same(value: object, other: object) -> bool:
    return equals(value)(other) or equals(other)(value)


def _may_pass(value: object, claim: Claim) -> bool:
    """Whether a value that equals this one can pass; senders write a number in several forms."""
    if claim.operator in _UNKNOWN_TOO:
        return True
    if claim.operator not in _OF_ANY_FORM and not _has_one_form(value):
        return True
    env = Env(parse_path(claim.field))
    test = OPERATORS[claim.operator].compile(claim.literal, env)
    return test(value, _NO_EVENT, _NO_TIME)


def _has_one_form(value: object) -> bool:
    return (
        isinstance(value, str)
        and number_of(value) is None
        and value.strip().lower() not in {"true", "false"}
    )


def _empty_range(both: Sequence[Claim]) -> bool:
    low, low_open = max((_low(claim) for claim in both), default=(float("-inf"), False))
    high, high_closed = min((_high(claim) for claim in both), default=(float("inf"), True))
    return low > high or (low == high and (low_open or not high_closed))


def _low(claim: Claim) -> tuple[float, bool]:
    """The smallest number that passes, and whether it is itself left out."""
    match claim.operator:
        case "between":
            return cast(float, claim.literal[0]), False
        case "at_least" | "more_than":
            return cast(float, claim.literal), claim.operator == "more_than"
    return float("-inf"), False


def _high(claim: Claim) -> tuple[float, bool]:
    """The largest number that passes, and whether it passes itself."""
    match claim.operator:
        case "between":
            return cast(float, claim.literal[1]), True
        case "at_most" | "less_than":
            return cast(float, claim.literal), claim.operator == "at_most"
    return float("inf"), True


_NO_EVENT: Final[Mapping[str, Any]] = MappingProxyType({})
_NO_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
