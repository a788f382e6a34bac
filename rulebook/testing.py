"""Runs the inline tests of rules: no clock, no network, nothing but the rule and its event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rulebook.actions import ACTIONS
from rulebook.examples import Call, Example, Outcome
from rulebook.filters import RenderError
from rulebook.reading import RuleFile
from rulebook.rule import Rule, Verdict
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
        _run(rule, example, rule_file.path)
        for rule in rule_file.rules
        for example in rule_file.examples.get(rule.id, ())
    )


def _run(rule: Rule, example: Example, path: str) -> TestResult:
    message = _disagreement(rule, example)
    passed = message is None
    return TestResult(rule.id, example.name, passed, message or "", path, example.line)


def _disagreement(rule: Rule, example: Example) -> str | None:
    """What is not as the test says; None where everything is."""
    expected = example.expected
    verdict = _verdict(rule, example)
    if expected.outcome is Outcome.NO_MATCH:
        return f"expected no match, but {_matched(rule, example)}" if verdict.matched else None
    if not verdict.matched:
        wanted = "an error" if expected.outcome is Outcome.ERROR else _list(expected.calls)
        return f"expected {wanted}, but the rule does not match: {verdict.reason}"
    try:
        calls = _calls(rule, example)
    except RenderError as error:
        if expected.outcome is not Outcome.ERROR:
            return f"expected {_list(expected.calls)}, but it fails: {error.message}"
        if expected.error.casefold() in error.message.casefold():
            return None
        return f"expected an error with {shown(expected.error)}, but it is: {error.message}"
    if expected.outcome is Outcome.ERROR:
        return f"expected an error with {shown(expected.error)}, but got {_list(calls)}"
    return _difference(expected.calls, calls)


def _verdict(rule: Rule, example: Example) -> Verdict:
    about = example.event.get("event")
    facts = about if isinstance(about, Mapping) else {}
    source, kind = facts.get("source"), facts.get("type")
    if not any((when.source, when.event) == (source, kind) for when in rule.when):
        reason = f"no: it is not about {shown(kind)} of source {shown(source)}"
        return Verdict(rule.id, rule.hash, False, reason, rule.dry_run)
    return rule.match(example.event, example.now)


def _matched(rule: Rule, example: Example) -> str:
    try:
        return f"the rule matches and does {_list(_calls(rule, example))}"
    except RenderError as error:
        return f"the rule matches and fails: {error.message}"


def _calls(rule: Rule, example: Example) -> tuple[Call, ...]:
    return tuple(
        Call(step.action, rule.render(number, example.event, item.value))
        for item in rule.items(example.event)
        for number, step in enumerate(rule.steps)
    )


def _difference(expected: tuple[Call, ...], got: tuple[Call, ...]) -> str | None:
    if len(expected) != len(got):
        return f"expected {_list(expected)}, but got {_list(got)}"
    for number, (wanted, call) in enumerate(zip(expected, got, strict=True), 1):
        if wanted.action != call.action:
            return f"action {number}: expected {wanted.action}, but got {_written(call)}"
        differing = _differing(wanted.parameters, call)
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


def _same(wanted: Mapping[str, object], got: Mapping[str, object], name: str) -> bool:
    return name in wanted and name in got and wanted[name] == got[name]


def _value(values: Mapping[str, object], name: str) -> str:
    return shown(values[name]) if name in values else "nothing"


def _list(calls: tuple[Call, ...]) -> str:
    return ", then ".join(_written(call) for call in calls) or "no action"


def _written(call: Call) -> str:
    values = ", ".join(f"{name}: {shown(value)}" for name, value in call.parameters.items())
    return f"{call.action} {{{values}}}"
