"""Why a comparison did not hold, where the cause is probably not the one that was meant."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from rulebook import patterns
from rulebook.changes import tells_changes
from rulebook.durations import parse_moment
from rulebook.equality import ValueTest
from rulebook.literals import LiteralKind
from rulebook.operators import OPERATORS, Env
from rulebook.paths import MISSING, Path, Scope
from rulebook.values import number_of

Note = Callable[[object, Scope], str]

CAPITALS: Final = "differs only in capital letters or spaces"
NO_FIELD: Final = "the event has no such field"
ALREADY: Final = "already had that value"
NO_CHANGES: Final = "the source gives no change information"
UNCHANGED: Final = "did not change with this event"

_NUMBERS: Final = frozenset({LiteralKind.NUMBER, LiteralKind.RANGE})
_MOMENTS: Final = frozenset({LiteralKind.MOMENT, LiteralKind.DURATION})
_LISTS: Final = frozenset({LiteralKind.COUNT, LiteralKind.BLOCK})
_SINGLES: Final = frozenset({LiteralKind.SINGLE, LiteralKind.LIST, LiteralKind.TEXT})


def near_misses(operator: str, literal: object, env: Env) -> Note:
    """What an ops person should know when this comparison did not hold: mostly nothing.

    Made once for a comparison, since every rule that does not match an event says why.
    """
    if operator == "becomes":
        of_value = _of_becomes(literal, env)
    elif operator == "changed":
        of_value = _of_changed
    else:
        of_value = _of_value(operator, literal, env)
    if literal is False:
        return lambda value, event: "" if value is MISSING else of_value(value, event)
    path = env.path
    return lambda value, event: (
        _no_field(path, event) if value is MISSING else of_value(value, event)
    )


def _no_field(path: Path, event: Scope) -> str:
    """A field spelt with other capitals is the commonest cause."""
    here: object = event
    for depth, step in enumerate(path.steps):
        if not isinstance(here, Mapping) or not isinstance(step, str):
            break
        if step in here:
            here = here[step]
            continue
        other = next((key for key in here if key.casefold() == step.casefold()), None)
        if other is None:
            break
        found = Path((*path.steps[:depth], other, *path.steps[depth + 1 :]))
        return f'{NO_FIELD}, but it has "{found.text}"'
    return NO_FIELD


def _of_becomes(literal: object, env: Env) -> Note:
    before_of = env.path.under("previous").getter()
    same, loose = _test("equals", literal, env), _ignoring_case("equals", literal, env)

    def note(value: object, event: Scope) -> str:
        if not loose(value):
            return ""
        if loose(before_of(event)):
            return ALREADY
        if not same(value):
            return CAPITALS
        return UNCHANGED if tells_changes(event) else NO_CHANGES

    return note


def _of_changed(value: object, event: Scope) -> str:
    return "" if tells_changes(event) else NO_CHANGES


def _of_value(operator: str, literal: object, env: Env) -> Note:
    kind = OPERATORS[operator].literal
    loose = None if env.ignore_case else _ignoring_case(operator, literal, env)

    def note(value: object, event: Scope) -> str:
        if loose is not None and loose(value):
            return CAPITALS
        return _wrong_kind(kind, operator, value)

    return note


def _test(operator: str, literal: object, env: Env) -> ValueTest:
    return OPERATORS[operator].test_of_value(literal, env) or (lambda value: False)


def _ignoring_case(operator: str, literal: object, env: Env) -> ValueTest:
    return _test(operator, literal, replace(env, ignore_case=True))


def _wrong_kind(wanted: LiteralKind, operator: str, value: object) -> str:
    if wanted in _NUMBERS and isinstance(value, str) and number_of(value) is None:
        return "is not written as a plain number"
    if wanted in _MOMENTS and parse_moment(value) is None:
        return "is not a date"
    if wanted in _LISTS and not isinstance(value, list):
        return "is not a list"
    if wanted in _SINGLES and isinstance(value, list):
        return "is a list; a list is compared with contains or any_item"
    limit = {
        LiteralKind.LIKE: patterns.MAX_LIKE_VALUE,
        LiteralKind.REGEX: patterns.MAX_REGEX_VALUE,
    }.get(wanted)
    if limit is not None and isinstance(value, str) and len(value) > limit:
        return f'is longer than the {limit:,} characters that "{operator}" looks at'
    return ""
