"""The comparisons of conditions, as a table: what each takes and when it holds.

No comparison ever raises, whatever JSON value it meets. On a missing value or a null every one is
false, also the negative ones; only ``is_present: false`` is true (and ``changed: true`` for a
field that was emptied).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, cast

from rulebook import patterns
from rulebook.changes import EventTest, becomes, changed
from rulebook.durations import is_date_only, parse_duration, parse_moment
from rulebook.equality import ValueTest, equals, equals_any
from rulebook.filters import Tables
from rulebook.literals import LiteralKind, LiteralProblem, literal_problem
from rulebook.paths import MAX_ITEMS, Path, Scope
from rulebook.values import fold, is_single, is_there, number_of, text_of

BlockTest = Callable[[Scope, datetime], bool]


@dataclass(frozen=True, slots=True)
class Env:
    """What a comparison is compiled for: the field it stands at, and its surroundings."""

    path: Path
    ignore_case: bool = False
    tables: Tables = field(default_factory=dict)
    compile_items: Callable[[Any], BlockTest] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison: either of the value alone, or of the value and the event it stands in."""

    name: str
    literal: LiteralKind
    of_value: Callable[[Any, Env], ValueTest] | None = None
    of_event: Callable[[Any, Env], EventTest] | None = None
    # whether ignore_case compares without capitals and outer spaces
    folds: bool = False

    @property
    def wants(self) -> str:
        """What it takes, in plain words: "a number"."""
        return str(self.literal)

    def problem(self, literal: object) -> LiteralProblem | None:
        """Why it cannot take this, or None."""
        return literal_problem(self.literal, self.name, literal)

    def test_of_value(self, literal: object, env: Env) -> ValueTest | None:
        """The test, where the value alone decides; None where the event is needed too."""
        if self.of_value is None:
            return None
        if not (env.ignore_case and self.folds):
            return self.of_value(literal, env)
        test = self.of_value(fold(literal), env)
        return lambda value: test(fold(value))

    def compile(self, literal: object, env: Env) -> EventTest:
        """The test of a value in its event; takes a literal without problem, never raises."""
        test = self.test_of_value(literal, env)
        if test is not None:
            return lambda value, event, now: test(value)
        return cast(Callable[[Any, Env], EventTest], self.of_event)(literal, env)


def _equals(literal: object, env: Env) -> ValueTest:
    return equals(literal)


def _not_equals(literal: object, env: Env) -> ValueTest:
    same = equals(literal)
    return lambda value: is_single(value) and not same(value)


def _one_of(literals: list[object], env: Env) -> ValueTest:
    return equals_any(literals)


def _not_one_of(literals: list[object], env: Env) -> ValueTest:
    one = equals_any(literals)
    return lambda value: is_single(value) and not one(value)


def _in_table(name: str, env: Env) -> ValueTest:
    keys = frozenset(map(fold, env.tables[name]))

    def test(value: object) -> bool:
        text = text_of(value)
        return text is not None and fold(text) in keys

    return test


def _has(literal: object) -> ValueTest:
    same, part = equals(literal), str(text_of(literal))

    def test(value: object) -> bool:
        if isinstance(value, list):
            return any(map(same, value[:MAX_ITEMS]))
        text = text_of(value)
        return text is not None and part in text

    return test


def _contains(literal: object, env: Env) -> ValueTest:
    return _has(literal)


def _not_contains(literal: object, env: Env) -> ValueTest:
    has = _has(literal)
    return lambda value: (is_single(value) or isinstance(value, list)) and not has(value)


def _contains_any(literals: list[object], env: Env) -> ValueTest:
    tests = [_has(literal) for literal in literals]
    return lambda value: any(has(value) for has in tests)


def _contains_all(literals: list[object], env: Env) -> ValueTest:
    tests = [_has(literal) for literal in literals]
    return lambda value: all(has(value) for has in tests)


def _of_text(test: Callable[[str], bool]) -> ValueTest:
    def on_value(value: object) -> bool:
        text = text_of(value)
        return text is not None and test(text)

    return on_value


def _starts_with(start: str, env: Env) -> ValueTest:
    return _of_text(lambda text: text.startswith(start))


def _ends_with(end: str, env: Env) -> ValueTest:
    return _of_text(lambda text: text.endswith(end))


def _like(pattern: str, env: Env) -> ValueTest:
    return _of_text(patterns.like(pattern))


def _matches_regex(pattern: str, env: Env) -> ValueTest:
    """A pattern is never folded as the other texts are: ``\\S`` is not ``\\s``."""
    test = patterns.regex(pattern, ignore_case=env.ignore_case)
    return _of_text((lambda text: test(text.strip())) if env.ignore_case else test)


def _of_number(test: Callable[[float], bool]) -> ValueTest:
    def on_value(value: object) -> bool:
        number = number_of(value)
        return number is not None and test(number)

    return on_value


def _more_than(limit: float, env: Env) -> ValueTest:
    return _of_number(lambda number: number > limit)


def _at_least(limit: float, env: Env) -> ValueTest:
    return _of_number(lambda number: number >= limit)


def _less_than(limit: float, env: Env) -> ValueTest:
    return _of_number(lambda number: number < limit)


def _at_most(limit: float, env: Env) -> ValueTest:
    return _of_number(lambda number: number <= limit)


def _between(limits: list[float], env: Env) -> ValueTest:
    low, high = limits
    return _of_number(lambda number: low <= number <= high)


def _before(literal: object, env: Env) -> ValueTest:
    start = _moment(literal)

    def test(value: object) -> bool:
        moment = parse_moment(value)
        return moment is not None and moment < start

    return test


def _after(literal: object, env: Env) -> ValueTest:
    """A day that is named whole is over when the next one begins."""
    start = _moment(literal)
    whole_day = isinstance(literal, str) and is_date_only(literal)
    if whole_day:
        start += timedelta(days=1)

    def test(value: object) -> bool:
        moment = parse_moment(value)
        return moment is not None and (moment >= start if whole_day else moment > start)

    return test


def _moment(literal: object) -> datetime:
    return cast(datetime, parse_moment(literal))


def _within_last(words: str, env: Env) -> EventTest:
    length = timedelta(seconds=parse_duration(words))

    def test(value: object, event: Scope, now: datetime) -> bool:
        moment = parse_moment(value)
        return moment is not None and now - length <= moment <= now

    return test


def _older_than(words: str, env: Env) -> EventTest:
    length = timedelta(seconds=parse_duration(words))

    def test(value: object, event: Scope, now: datetime) -> bool:
        moment = parse_moment(value)
        return moment is not None and moment < now - length

    return test


def _is_present(wanted: bool, env: Env) -> ValueTest:
    return lambda value: is_there(value) is wanted


def _becomes(literal: object, env: Env) -> EventTest:
    return becomes(env.path, cast(ValueTest, OPERATORS["equals"].test_of_value(literal, env)))


def _changed(wanted: bool, env: Env) -> EventTest:
    return changed(env.path, wanted)


def _count(literal: object, env: Env) -> ValueTest:
    wanted = literal if isinstance(literal, dict) else {"equals": literal}
    tests = [
        cast(ValueTest, OPERATORS[name].test_of_value(inner, env)) for name, inner in wanted.items()
    ]
    return lambda value: isinstance(value, list) and all(test(len(value)) for test in tests)


def _any_item(block: object, env: Env) -> EventTest:
    holds = cast(Callable[[Any], BlockTest], env.compile_items)(block)

    def test(value: object, event: Scope, now: datetime) -> bool:
        items = value[:MAX_ITEMS] if isinstance(value, list) else ()
        return any(holds({"item": item}, now) for item in items)

    return test


def _all_items(block: object, env: Env) -> EventTest:
    holds = cast(Callable[[Any], BlockTest], env.compile_items)(block)

    def test(value: object, event: Scope, now: datetime) -> bool:
        items = value[:MAX_ITEMS] if isinstance(value, list) else ()
        return bool(items) and all(holds({"item": item}, now) for item in items)

    return test


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        operator.name: operator
        for operator in (
            Operator("equals", LiteralKind.SINGLE, _equals, folds=True),
            Operator("not_equals", LiteralKind.SINGLE, _not_equals, folds=True),
            Operator("one_of", LiteralKind.LIST, _one_of, folds=True),
            Operator("not_one_of", LiteralKind.LIST, _not_one_of, folds=True),
            Operator("in_table", LiteralKind.TABLE, _in_table),
            Operator("contains", LiteralKind.PART, _contains, folds=True),
            Operator("not_contains", LiteralKind.PART, _not_contains, folds=True),
            Operator("contains_any", LiteralKind.PARTS, _contains_any, folds=True),
            Operator("contains_all", LiteralKind.PARTS, _contains_all, folds=True),
            Operator("starts_with", LiteralKind.TEXT, _starts_with, folds=True),
            Operator("ends_with", LiteralKind.TEXT, _ends_with, folds=True),
            Operator("like", LiteralKind.LIKE, _like, folds=True),
            Operator("matches_regex", LiteralKind.REGEX, _matches_regex),
            Operator("more_than", LiteralKind.NUMBER, _more_than),
            Operator("at_least", LiteralKind.NUMBER, _at_least),
            Operator("less_than", LiteralKind.NUMBER, _less_than),
            Operator("at_most", LiteralKind.NUMBER, _at_most),
            Operator("between", LiteralKind.RANGE, _between),
            Operator("before", LiteralKind.MOMENT, _before),
            Operator("after", LiteralKind.MOMENT, _after),
            Operator("within_last", LiteralKind.DURATION, of_event=_within_last),
            Operator("older_than", LiteralKind.DURATION, of_event=_older_than),
            Operator("is_present", LiteralKind.YES_NO, _is_present),
            Operator("becomes", LiteralKind.SINGLE, of_event=_becomes, folds=True),
            Operator("changed", LiteralKind.YES_NO, of_event=_changed),
            Operator("count", LiteralKind.COUNT, _count),
            Operator("any_item", LiteralKind.BLOCK, of_event=_any_item),
            Operator("all_items", LiteralKind.BLOCK, of_event=_all_items),
        )
    }
)

# Stands among the comparisons of a field, and holds for all of them.
IGNORE_CASE = "ignore_case"

_FOREIGN_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "equals": "eq == = is equal equal_to equals_to same_as $eq",
        "not_equals": "ne neq != <> is_not not not_equal not_equal_to $ne doesnt_equal",
        "one_of": "in $in is_in in_list any_of is_one_of is_any_of",
        "not_one_of": "nin $nin not_in is_not_in none_of is_none_of not_any_of",
        "in_table": "table is_in_table",
        "contains": "includes has include contain $contains ~",
        "not_contains": "excludes not_includes does_not_contain doesnt_contain !~",
        "contains_any": "has_any includes_any contains_one_of",
        "contains_all": "has_all includes_all $all",
        "starts_with": "startswith start_with begins_with prefix",
        "ends_with": "endswith end_with suffix",
        "like": "glob wildcard ilike matches",
        "matches_regex": "regex regexp $regex match re pattern =~",
        "more_than": "gt > $gt greater_than greater above over",
        "at_least": "gte ge >= $gte => greater_or_equal greater_than_or_equal min minimum",
        "less_than": "lt < $lt lower_than below under",
        "at_most": "lte le <= $lte =< less_or_equal less_than_or_equal max maximum",
        "between": "range in_range",
        "before": "earlier_than",
        "after": "later_than since",
        "within_last": "within in_last newer_than younger_than last",
        "older_than": "not_within older",
        "is_present": "exists $exists present is_set defined not_null is_not_empty",
        "becomes": "changed_to changes_to became turns_into",
        "changed": "has_changed is_changed changes modified",
        "count": "length size len $size number_of",
        "any_item": "any some $elemMatch elem_match",
        "all_items": "all every",
        IGNORE_CASE: "case_insensitive ignorecase nocase case_sensitive",
    }
)

FOREIGN: Mapping[str, str] = MappingProxyType(
    {word: ours for ours, words in _FOREIGN_SPELLINGS.items() for word in words.split()}
)
