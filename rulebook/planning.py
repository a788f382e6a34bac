"""What a rule would do for an event: its items, and its steps with their parameters filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from rulebook.conditions import ITEM
from rulebook.filters import RenderError
from rulebook.paths import Path, Scope
from rulebook.rule import Item, Rule
from rulebook.templates import parse_tree
from rulebook.told import Against, Told

# how an error begins that says nothing of the rule: what it needs was not looked up
NOT_DONE: Final = "not done: "


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step: its parameters, or the error that filling them in gives.

    after: seconds of its `delay`. only_if: the lines of that condition, where it has one; wanted:
    whether they hold, as far as is known; unknown: which look-up would tell.
    """

    id: str
    action: str
    parameters: Mapping[str, object] | None
    error: str = ""
    after: float = 0
    only_if: tuple[Told, ...] = ()
    wanted: bool = True
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What one run does: of an item of `for_each`, or of the event (key "").

    once: the key under which it runs once; "" without `once_per`. left_out: why the run does
    nothing, such as another item with the same key. error: why it fails before its first step.
    """

    key: str
    item: object
    steps: tuple[PlannedStep, ...]
    once: str = ""
    left_out: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule does, for each of its items; `fault` is why it cannot be split into them."""

    items: tuple[Planned, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule can go by: an event received at some time, and answers of look-ups by name."""

    event: Scope
    now: datetime
    answers: Mapping[str, object]

    def scope(self, names: Iterable[str]) -> dict[str, object]:
        """The roots of the event with those of the look-ups that were answered."""
        answered = {name: self.answers[name] for name in names if name in self.answers}
        return {**self.event, **answered}

    def missing(self, names: Iterable[str]) -> frozenset[str]:
        """Those of the look-ups that were not."""
        return frozenset(name for name in names if name not in self.answers)


def plan(rule: Rule, known: Known) -> Plan:
    """What the rule does; that it matches is not asked."""
    names = tuple(call.name for call in rule.lookups)
    scope, missing = known.scope(names), known.missing(names)
    body = rule.body["rule"]
    unknown = needs(parse_tree(body.get("for_each", {}).get("items", "")).paths, missing)
    if unknown:
        return Plan((), f"for_each: {unknown}")
    try:
        items = rule.items(scope)
    except RenderError as error:
        return Plan((), error.message)
    seen: dict[str, str] = {}
    return Plan(tuple(_of_item(rule, item, known, names, seen) for item in items))


def needs(paths: Iterable[Path], missing: frozenset[str]) -> str:
    """Which look-ups that were not done these fields are of, in words; empty for none."""
    names = sorted({path.root for path in paths} & missing)
    return f"{NOT_DONE}needs lookup {', '.join(names)}" if names else ""


def _of_item(
    rule: Rule, item: Item, known: Known, names: tuple[str, ...], seen: dict[str, str]
) -> Planned:
    """`seen` holds the keys of `once_per` of earlier items, and is added to."""
    steps = tuple(_step(rule, number, item, known, names) for number in range(len(rule.steps)))
    written = rule.body["rule"].get("once_per", {})
    error = needs(parse_tree(written).paths, known.missing(names))
    once = None
    if not error:
        try:
            once = rule.once_key(known.scope(names), item.value)
        except RenderError as failed:
            error = failed.message
    key = once.key if once else ""
    first = seen.setdefault(key, item.key) if key else item.key
    left_out = f"item {first} has the same" if first != item.key else ""
    return Planned(item.key, item.value, steps, key, left_out, error)


def _step(rule: Rule, number: int, item: Item, known: Known, names: tuple[str, ...]) -> PlannedStep:
    step = rule.steps[number]
    names = (*names, *(call.name for call in step.lookups))
    scope, missing = known.scope(names), known.missing(names)
    body = rule.body["rule"]["then"][number]
    planned = PlannedStep(step.id, step.action, None, after=body.get("delay", 0))
    condition = rule.step_condition(number)
    if condition is not None:
        unknown = needs(condition.fields, missing)
        against = Against({**scope, ITEM: item.value}, known.now, rule.body["tables"])
        lines = tuple(against.told(body["only_if"]))
        wanted = bool(unknown) or against.holds(body["only_if"])
        planned = replace(planned, only_if=lines, wanted=wanted, unknown=unknown)
    unknown = needs(parse_tree(step.with_).paths, missing)
    if unknown:
        return replace(planned, error=unknown)
    try:
        return replace(planned, parameters=rule.render(number, scope, item.value))
    except RenderError as error:
        return replace(planned, error=error.message.removeprefix(f'step "{step.id}": '))
