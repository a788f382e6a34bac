"""One rule, compiled from its canonical body: judged, split into items, rendered into actions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rulebook.actions import ACTIONS, Action
from rulebook.conditions import Condition, compile_block
from rulebook.filters import RenderError, Tables
from rulebook.parameters import Kind, Parameter, ParameterError
from rulebook.paths import MISSING, Scope
from rulebook.templates import Template, Tree, parse_tree, parse_value
from rulebook.values import found, is_there

# Raised when the meaning of bodies changes; old bodies must be run as long as any is referenced.
ENGINE: Final = 1

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class When:
    """A source and the type of its events."""

    source: str
    event: str


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What a rule says about retries; waits in seconds, None where it leaves it to the settings."""

    attempts: int | None = None
    first_wait: float | None = None
    max_wait: float | None = None
    give_up_after: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a rule; `with_` holds its parameters as they are written."""

    id: str
    action: str
    with_: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Item:
    """What one run is about: an entry of the `for_each` list, or nothing (key "")."""

    key: str
    value: object


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule said of an event, with the reason in plain words."""

    rule_id: str
    rule_hash: str
    matched: bool
    reason: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be judged and rendered; `hash` is the sha256 of `body`, in hex."""

    id: str
    name: str
    file: str
    line: int
    enabled: bool
    dry_run: bool
    when: tuple[When, ...]
    retry: RetryPolicy | None
    steps: tuple[Step, ...]
    hash: str
    body: Body
    _condition: Condition | None
    _items: _Items | None
    _slots: tuple[tuple[_Slot, ...], ...]
    _tables: Tables

    @classmethod
    def from_body(cls, body: Body, *, name: str = "", file: str = "", line: int = 0) -> Rule:
        """The rule that this canonical body describes; it never looks at files.

        Raises ValueError for a body of an engine that this code does not know.
        """
        if body.get("engine") != ENGINE:
            raise ValueError(f"this rule was made for engine {body.get('engine')}, not {ENGINE}")
        rule, tables = body["rule"], body["tables"]
        steps = tuple(Step(step["id"], step["action"], step["with"]) for step in rule["then"])
        return cls(
            id=rule["id"],
            name=name or rule["id"],
            file=file,
            line=line,
            enabled=rule.get("enabled", True),
            dry_run=rule.get("dry_run", False),
            when=tuple(When(pair["source"], pair["event"]) for pair in rule["when"]),
            retry=RetryPolicy(**rule["retry"]) if "retry" in rule else None,
            steps=steps,
            hash=hash_of(body),
            body=body,
            _condition=compile_block(rule["if"], tables) if "if" in rule else None,
            _items=_Items.of(rule["for_each"]) if "for_each" in rule else None,
            _slots=tuple(tuple(_slots(step)) for step in steps),
            _tables=tables,
        )

    @property
    def short_hash(self) -> str:
        """The hash as people see it."""
        return self.hash[:12]

    def judge(self, event: Scope, now: datetime) -> Verdict:
        """Whether the rule wants this event, of a source and type it is about, and why."""
        if not self.enabled:
            return self._say(False, "switched off (enabled: false)")
        return self.match(event, now)

    def match(self, event: Scope, now: datetime) -> Verdict:
        """As `judge`, for a rule that is switched off as well."""
        if self._condition is None:
            return self._say(True, "the rule has no conditions")
        if self._condition.holds(event, now):
            return self._say(True, "all conditions hold")
        return self._say(False, self._condition.first_no(event, now))

    def items(self, event: Scope) -> tuple[Item, ...]:
        """One item a run: the entries of the `for_each` list, or a single empty one.

        Raises RenderError where there is no list, or one longer than the rule allows.
        """
        if self._items is None:
            return (Item("", None),)
        return tuple(
            Item(str(number), value)
            for number, value in enumerate(self._items.of_event(event, self._tables), 1)
        )

    def render(self, step: int, event: Scope, item: object = None) -> dict[str, object]:
        """The parameters of a step (counted from 0), converted to what its action takes.

        Optional parameters that come out empty are left out, defaults are filled in. Raises
        RenderError, which a retry cannot help.
        """
        scope = {**event, "item": item}
        action = ACTIONS[self.steps[step].action]
        try:
            return _complete(action, self._filled(step, scope))
        except RenderError as error:
            raise RenderError(f'step "{self.steps[step].id}": {error.message}') from error

    def _filled(self, step: int, scope: Scope) -> dict[str, object]:
        values = {slot.parameter.name: slot.fill(scope, self._tables) for slot in self._slots[step]}
        return {name: value for name, value in values.items() if value is not MISSING}

    def _say(self, matched: bool, reason: str) -> Verdict:
        yes_or_no = "yes" if matched else "no"
        return Verdict(self.id, self.hash, matched, f"{yes_or_no}: {reason}", self.dry_run)


def hash_of(body: Body) -> str:
    """The version of a rule: the sha256 of its body, whatever the order of the keys."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Items:
    template: Template
    written: str
    most: int

    @classmethod
    def of(cls, for_each: Mapping[str, Any]) -> _Items:
        return cls(parse_value(for_each["items"]), for_each["items"], for_each["max"])

    def of_event(self, event: Scope, tables: Tables) -> list[object]:
        try:
            items = self.template.render(event, tables)
        except RenderError as error:
            raise RenderError(f"for_each: {error.message}") from error
        if not isinstance(items, list):
            raise RenderError(f"for_each: {self.written} must be a list, but found {found(items)}")
        if len(items) > self.most:
            message = f"for_each: {self.written} has {len(items):,} items; at most {self.most:,}"
            raise RenderError(message)
        return items


@dataclass(frozen=True, slots=True)
class _Slot:
    """One parameter of one step. A block of attributes is filled attribute by attribute."""

    parameter: Parameter
    written: object
    parts: Mapping[str, Tree]

    def fill(self, scope: Scope, tables: Tables) -> object:
        values = {name: self._part(tree, scope, tables) for name, tree in self.parts.items()}
        if self.parameter.kind is Kind.ATTRIBUTES:
            value: object = {key: part for key, part in values.items() if part is not MISSING}
        else:
            value = values[""]
        if not is_there(value):
            return self._nothing()
        try:
            value = self.parameter.convert(value)
        except ParameterError as error:
            raise RenderError(f"{error.message}{self._origin()}") from error
        return value if is_there(value) else self._nothing()

    def _part(self, tree: Tree, scope: Scope, tables: Tables) -> object:
        try:
            value = tree.render(scope, tables)
        except RenderError as error:
            gap = not all(is_there(path.getter()(scope)) for path in tree.paths)
            if gap and (not self.parameter.required or self.parameter.kind is Kind.ATTRIBUTES):
                return MISSING
            raise RenderError(f"{self.parameter.name}: {error.message}") from error
        return value if is_there(value) else MISSING

    def _nothing(self) -> object:
        if self.parameter.required:
            raise RenderError(f"{self.parameter.name} must not be empty{self._origin()}")
        return MISSING

    def _origin(self) -> str:
        return f" (from {self.written})" if "${" in str(self.written) else ""


def _slots(step: Step) -> Iterator[_Slot]:
    action = ACTIONS[step.action]
    for parameter in action.parameters:
        if parameter.name not in step.with_:
            continue
        written = step.with_[parameter.name]
        if parameter.kind is Kind.ATTRIBUTES and isinstance(written, dict):
            parts = {name: parse_tree(value) for name, value in written.items()}
        else:
            parts = {"": parse_tree(written)}
        yield _Slot(parameter, written, parts)


def _complete(action: Action, values: dict[str, object]) -> dict[str, object]:
    if action.any_of and not any(name in values for name in action.any_of):
        raise RenderError(f"one of {' and '.join(action.any_of)} is needed, and both are empty")
    for parameter in action.parameters:
        if parameter.default is not None:
            values.setdefault(parameter.name, parameter.default)
    return values
