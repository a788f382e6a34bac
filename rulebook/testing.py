"""Runs the inline tests of rules: no clock, no network, nothing but the rule and its event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rulebook.actions import ACTIONS
from rulebook.durations import length_in_words
from rulebook.examples import Call, Example, Expected, Outcome
from rulebook.playing import NoAnswer, Played, play
from rulebook.reading import RuleFile
from rulebook.rule import Rule
from rulebook.values import shown


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one inline test went; `message` says what was expected and what came instead."""

    __test__: ClassVar[bool] = False

    rule_id: str
    name: str
    passed: bool
    message: str
    file: str
    line: int


def run_tests(rule_file: RuleFile) -> tuple[TestResult, ...]:
    """The result of every inline test of the file, also of rules that are switched off."""
    return tuple(
        _run(rule, example, rule_file)
        for rule in rule_file.rules
        for example in rule_file.examples.get(rule.id, ())
    )


def _run(rule: Rule, example: Example, rule_file: RuleFile) -> TestResult:
    try:
        message = _disagreement(example.expected, play(rule, example, rule_file.rules))
    except NoAnswer as name:
        message = (
            f'the test does not say what the look-up "{name}" answers; '
            f"add a line such as lookups: {{{name}: ...}}"
        )
    passed = message is None
    return TestResult(rule.id, example.name, passed, message or "", rule_file.path, example.line)


def _disagreement(expected: Expected, played: Played) -> str | None:
    """What is not as the test says; None where everything is."""
    if expected.outcome is Outcome.SKIPPED and played.left_out:
        return _unsaid(expected, played)
    if expected.outcome is not played.outcome:
        nothing = expected.outcome is Outcome.ACTIONS and not expected.calls
        if nothing and played.left_out and played.outcome is Outcome.SKIPPED:
            return None
        return f"expected {_wanted(expected)}, but {_came(expected, played)}"
    if expected.outcome is Outcome.ACTIONS:
        return _difference(expected.calls, played.calls)
    return _unsaid(expected, played)


def _unsaid(expected: Expected, played: Played) -> str | None:
    """Whether what was said lacks the text that a test expects."""
    if expected.said.casefold() in played.said.casefold():
        return None
    return f"expected {_wanted(expected)}, but it is: {played.said}"


def _wanted(expected: Expected) -> str:
    match expected.outcome:
        case Outcome.ACTIONS:
            return _list(expected.calls)
        case Outcome.NO_MATCH:
            return "no match"
        case Outcome.SKIPPED:
            return f"to be skipped with {shown(expected.said)}"
    return f"an error with {shown(expected.said)}"


def _came(expected: Expected, played: Played) -> str:
    matched = "the rule matches and " if expected.outcome is Outcome.NO_MATCH else ""
    match played.outcome:
        case Outcome.NO_MATCH:
            return f"the rule does not match: {played.said}"
        case Outcome.SKIPPED:
            cure = "; write expect: {skipped: ...}" if expected.outcome is Outcome.NO_MATCH else ""
            return f"it is skipped: {played.said.removeprefix('skipped: ')}{cure}"
        case Outcome.ERROR:
            return f"{matched or 'it '}fails: {played.said}"
    return f"{matched + 'does' if matched else 'got'} {_list(played.calls)}"


def _difference(expected: tuple[Call, ...], got: tuple[Call, ...]) -> str | None:
    if len(expected) != len(got):
        return f"expected {_list(expected)}, but got {_list(got)}"
    for number, (wanted, call) in enumerate(zip(expected, got, strict=True), 1):
        if wanted.action != call.action:
            return f"action {number}: expected {wanted.action}, but got {_written(call)}"
        differing = [*_differing(wanted.parameters, call), *_later(wanted, call)]
        if differing:
            return f"action {number}, {call.action}: {'; '.join(differing)}"
    return None


def _differing(wanted: Mapping[str, object], call: Call) -> list[str]:
    """What differs; defaults that the test does not mention do not count."""
    got = dict(call.parameters)
    for parameter in ACTIONS[call.action].parameters:
        unsaid = parameter.name not in wanted
        if (
            unsaid
            and parameter.default is not None
            and got.get(parameter.name) == parameter.default
        ):
            del got[parameter.name]
    names = [name for name in {**wanted, **got} if not _same(wanted, got, name)]
    return [
        f"{name} expected {_value(wanted, name)}, but got {_value(got, name)}" for name in names
    ]


def _later(wanted: Call, call: Call) -> list[str]:
    """What differs in when it is done."""
    if wanted.after == call.after:
        return []
    cure = f"write after: {length_in_words(call.after)}" if call.after else "take away its after"
    return [f"expected {_when(wanted)}, but got {_when(call)} ({cure})"]


def _when(call: Call) -> str:
    return f"after {length_in_words(call.after)}" if call.after else "at once"


def _same(wanted: Mapping[str, object], got: Mapping[str, object], name: str) -> bool:
    return name in wanted and name in got and wanted[name] == got[name]


def _value(values: Mapping[str, object], name: str) -> str:
    return shown(values[name]) if name in values else "nothing"


def _list(calls: tuple[Call, ...]) -> str:
    return ", then ".join(_written(call) for call in calls) or "no action"


def _written(call: Call) -> str:
    values = ", ".join(f"{name}: {shown(value)}" for name, value in call.parameters.items())
    later = f" {_when(call)}" if call.after else ""
    return f"{call.action} {{{values}}}{later}"
