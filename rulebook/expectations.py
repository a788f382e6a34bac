"""What an inline test expects: actions, no match, a run that is skipped, or an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rulebook import keys
from rulebook.actions import ACTIONS, Action
from rulebook.keys import Keys
from rulebook.nodes import (
    Block,
    Entry,
    Listing,
    Node,
    Scalar,
    describe,
    is_broken,
    plain,
    shortened,
)
from rulebook.page import Page
from rulebook.shapes import block, duration, item_block, known_keys, text
from rulebook.spelling import did_you_mean, nearest
from rulebook.step_checks import check_literal

NO_MATCH: Final = "no match"
AFTER: Final = "after"


class Outcome(StrEnum):
    """What a test expects."""

    ACTIONS = "actions"
    NO_MATCH = "no match"
    SKIPPED = "skipped"
    ERROR = "error"


# expectations that are written as one key with a part of what is said
_SAID: Final = (Outcome.SKIPPED, Outcome.ERROR)


@dataclass(frozen=True, slots=True)
class Call:
    """One expected action with its parameters, converted as the action would.

    `after` is the delay of its step in seconds.
    """

    action: str
    parameters: Mapping[str, object]
    after: float = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """What a test expects: actions in their order, no match, or a reason that holds a text."""

    outcome: Outcome
    calls: tuple[Call, ...] = ()
    said: str = ""


def read_expected(entry: Entry | None, page: Page) -> Expected:
    """What stands under `expect`; complains where it is nothing that can be expected."""
    nothing = Expected(Outcome.NO_MATCH)
    if entry is None or is_broken(entry.value):
        return nothing
    value = entry.value
    if isinstance(value, Listing):
        return Expected(Outcome.ACTIONS, _calls(value, page))
    if isinstance(value, Scalar) and value.text == NO_MATCH:
        return nothing
    said = _said(value, page) if isinstance(value, Block) else None
    if said is not None:
        return said
    _report_expect(value, page)
    return nothing


def _said(value: Block, page: Page) -> Expected | None:
    for outcome in _SAID:
        entry = value.entry(outcome)
        if entry is not None:
            known_keys(value, Keys('"expect"', (outcome,)), page.findings)
            return Expected(outcome, said=text(entry, page.findings) or "")
    return None


def _report_expect(value: Node, page: Page) -> None:
    help = "write a list of actions, no match, {skipped: part of the reason} or {error: ...}"
    if isinstance(value, Block) and value.entries and value.entries[0].key.text in ACTIONS:
        help = f'begin each action with "- ": - {value.entries[0].key.text}: ...'
    if isinstance(value, Scalar) and value.text in {"skipped", "skip"}:
        help = "write {skipped: part of the reason}, such as {skipped: outside the active period}"
    elif isinstance(value, Scalar) and value.value is not None:
        near = nearest(value.text, [NO_MATCH])
        help = f"write {NO_MATCH}" if near or value.text in {"none", "nothing"} else help
    message = f'"expect" must be a list of actions, "no match" or an error, found {describe(value)}'
    page.findings.error(value.span, "S03", message, help=help)


def _calls(expected: Listing, page: Page) -> tuple[Call, ...]:
    calls = (_call(item, page) for item in expected.items)
    return tuple(call for call in calls if call is not None)


def _call(item: Node, page: Page) -> Call | None:
    call = item_block(item, "an expected action", page.findings)
    if call is None:
        return None
    lines = [entry for entry in call.entries if entry.key.text != AFTER]
    if len(lines) != 1:
        message = "an expected action is one line, the action with its parameters"
        help = "for example: - enrol: {email: sam@learner.example, course_id: 101}"
        if any(entry.key.text in {"delay", "wait", "in"} for entry in lines):
            help = f"the delay of its step stands in a second line, such as {AFTER}: 3 days"
        page.findings.error(call.span, "S03", message, help=help)
        return None
    action = _action(lines[0], page)
    after = duration(call.entry(AFTER), page.findings) or 0
    if action is None:
        return None
    given = _parameters(action, block(lines[0], page.findings), page)
    return Call(action.name, given, after)


def _action(entry: Entry, page: Page) -> Action | None:
    action = ACTIONS.get(entry.key.text)
    if action is None:
        name = shortened(entry.key.text)
        near = keys.ACTIONS.get(name.lower()) or nearest(name, ACTIONS)
        page.findings.error(
            entry.key.span, "A01", f'unknown action "{name}"', label=did_you_mean(near)
        )
    return action


def _parameters(action: Action, given: Block | None, page: Page) -> dict[str, object]:
    if given is None:
        return {}
    if action.free is None:
        known = Keys(f'action "{action.name}"', action.names, keys.PARAMETERS)
        known_keys(given, known, page.findings)
    values = {}
    for entry in given.entries:
        parameter = action.parameter(entry.key.text)
        if parameter is not None:
            values[parameter.name] = check_literal(parameter, entry, plain(entry.value), page)
    return values
