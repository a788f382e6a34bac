"""Plays an inline test: what the rule would do with its event, with canned answers to look-ups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rulebook.examples import Call, Example, Outcome
from rulebook.filters import RenderError
from rulebook.rule import FIRST, Item, Rule, Verdict
from rulebook.steps import LookupCall
from rulebook.values import shown

Scope = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it; `said` is the reason, or the message of the error.

    `left_out` says that a reason is that of a run which is skipped, and not of no run at all.
    """

    outcome: Outcome
    said: str = ""
    calls: tuple[Call, ...] = ()
    left_out: bool = False


class NoAnswer(Exception):
    """The test does not say what a look-up answers; the argument is the look-up's name."""


def play(rule: Rule, example: Example, others: Sequence[Rule] = ()) -> Played:
    """What the rule does; `others` are all the rules of its file, in their order.

    Raises NoAnswer.
    """
    verdict = _verdict(rule, example, others)
    if verdict.skipped:
        return Played(Outcome.SKIPPED, verdict.reason)
    if not verdict.matched:
        return Played(Outcome.NO_MATCH, verdict.reason)
    try:
        return _run(rule, example)
    except RenderError as error:
        return Played(Outcome.ERROR, error.message)


def _verdict(rule: Rule, example: Example, others: Sequence[Rule]) -> Verdict:
    if not _is_about(rule, example.event):
        about = _about(example.event)
        return rule.no(
            f"it is not about {shown(about.get('type'))} of source {shown(about.get('source'))}"
        )
    winner = _winner_before(rule, example, others)
    if winner is not None:
        return rule.no(f"rule {winner.id} wins before this one, as the file says matching: first")
    return rule.match(example.event, example.now)


def _winner_before(rule: Rule, example: Example, others: Sequence[Rule]) -> Rule | None:
    """The rule above this one that takes the event in a file where the first one does."""
    if rule.matching != FIRST:
        return None
    for other in others:
        if other.id == rule.id:
            return None
        if _is_about(other, example.event) and other.judge(example.event, example.now).matched:
            return other
    return None


def _is_about(rule: Rule, event: Scope) -> bool:
    about = _about(event)
    return any(
        (when.source, when.event) == (about.get("source"), about.get("type")) for when in rule.when
    )


def _about(event: Scope) -> Scope:
    about = event.get("event")
    return about if isinstance(about, dict) else {}


def _run(rule: Rule, example: Example) -> Played:
    scope = _looked_up(rule, rule.lookups, example.event, example)
    required = rule.required(scope, example.now)
    if not required.matched:
        return Played(Outcome.NO_MATCH, required.reason, left_out=True)
    calls: list[Call] = []
    reasons: list[str] = []
    for item in rule.items(scope):
        rule.once_key(scope, item.value)
        for done in _steps(rule, item, scope, example):
            if isinstance(done, Call):
                calls.append(done)
            else:
                reasons.append(done)
    if reasons and not calls:
        return Played(Outcome.SKIPPED, reasons[0], left_out=True)
    return Played(Outcome.ACTIONS, calls=tuple(calls))


def _steps(rule: Rule, item: Item, scope: Scope, example: Example) -> Iterator[Call | str]:
    """The call of each step, or why it is left out."""
    for number, step in enumerate(rule.steps):
        known = _looked_up(rule, step.lookups, {**scope, "item": item.value}, example)
        verdict = rule.only_if(number, known, example.now)
        if verdict.matched:
            parameters = rule.render(number, known, item.value)
            yield Call(step.action, parameters, step.delay)
        else:
            yield f'step "{step.id}" is left out, {verdict.reason}'


def _looked_up(
    rule: Rule, calls: Sequence[LookupCall], scope: Scope, example: Example
) -> dict[str, Any]:
    """The scope with canned answers; each look-up is asked with what is known by then."""
    known = dict(scope)
    for call in calls:
        rule.lookup_params(call, known)
        if call.name not in example.lookups:
            raise NoAnswer(call.name)
        known[call.name] = example.lookups[call.name]
    return known
