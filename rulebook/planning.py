"""What a rule would do for an event: its items, and its steps with their parameters filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rulebook.filters import RenderError
from rulebook.paths import Scope
from rulebook.rule import Item, Rule
from rulebook.templates import parse_tree
from rulebook.told import Told

# how an error begins that says nothing of the rule: what it needs was not looked up
NOT_DONE: Final = "not done: "


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step: its parameters, or the error that filling them in gives.

    after: seconds of its `delay`. only_if: the lines of that condition, where it has one; wanted:
    whether they hold.
    """

    id: str
    action: str
    parameters: Mapping[str, object] | None
    error: str = ""
    after: float = 0
    only_if: tuple[Told, ...] = ()
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """What one run does: of an item of `for_each`, or of the event (key "").

    once: the key under which it runs once, or why there is none; "" without `once_per`.
    """

    key: str
    item: object
    steps: tuple[PlannedStep, ...]
    once: str = ""


def plan(
    rule: Rule, scope: Scope, missing: frozenset[str], canned: Mapping[str, object]
) -> tuple[tuple[Planned, ...], str]:
    """What the rule does, a plan an item, and why there is none where it cannot be split.

    scope: the roots of the event and the look-ups that were done. missing: the others by name.
    """
    of_list = rule.body["rule"].get("for_each", {}).get("items", "")
    unknown = _needs(of_list, missing)
    if unknown:
        return (), f"for_each: {unknown}"
    try:
        items = rule.items(scope)
    except RenderError as error:
        return (), error.message
    return tuple(_of_item(rule, item, scope, missing, canned) for item in items), ""


def _of_item(
    rule: Rule, item: Item, scope: Scope, missing: frozenset[str], canned: Mapping[str, object]
) -> Planned:
    steps = tuple(
        _step(rule, number, item, scope, missing, canned) for number in range(len(rule.steps))
    )
    return Planned(item.key, item.value, steps, _once(rule, item, scope, missing))


def _once(rule: Rule, item: Item, scope: Scope, missing: frozenset[str]) -> str:
    unknown = _needs(rule.body["rule"].get("once_per", {}), missing)
    if unknown:
        return unknown
    try:
        once = rule.once_key(scope, item.value)
    except RenderError as error:
        return f"fails, {error.message}"
    return once.key if once else ""


def _step(
    rule: Rule,
    number: int,
    item: Item,
    scope: Scope,
    missing: frozenset[str],
    canned: Mapping[str, object],
) -> PlannedStep:
    step, written = rule.steps[number], rule.body["rule"]["then"][number]
    own = written.get("lookup", {})
    seen = {**scope, **{name: canned[name] for name in own if name in canned}}
    unknown = _needs(written["with"], missing | {name for name in own if name not in canned})
    after = written.get("delay", 0)
    if unknown:
        return PlannedStep(step.id, step.action, None, unknown, after)
    try:
        return PlannedStep(step.id, step.action, rule.render(number, seen, item.value), after=after)
    except RenderError as error:
        return PlannedStep(
            step.id, step.action, None, error.message.removeprefix(f'step "{step.id}": '), after
        )


def _needs(value: object, missing: frozenset[str]) -> str:
    """Which look-ups that were not done a value of the rule speaks of, in words."""
    names = sorted({path.root for path in parse_tree(value).paths} & missing)
    return f"{NOT_DONE}needs lookup {', '.join(names)}" if names else ""
