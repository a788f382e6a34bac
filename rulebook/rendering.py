"""From the templates of a rule to the list of its items and the parameters of its actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rulebook.actions import ACTIONS, Action
from rulebook.filters import RenderError, Tables
from rulebook.parameters import OPENABLE, Kind, Parameter, ParameterError
from rulebook.paths import MAX_ITEMS, MISSING, Scope
from rulebook.steps import Step
from rulebook.templates import Template, Tree, parse_tree, parse_value
from rulebook.values import found, is_there


@dataclass(frozen=True, slots=True)
class Items:
    """The `for_each` of a rule: which list, and how long it may be."""

    template: Template
    written: str
    most: int

    @classmethod
    def of(cls, for_each: Mapping[str, Any]) -> Items:
        """The list of a canonical body."""
        return cls(parse_value(for_each["items"]), for_each["items"], for_each["max"])

    def of_scope(self, scope: Scope, tables: Tables) -> list[object]:
        """The entries; raises RenderError where there is no list, or too long a one."""
        # templates cut longer lists, and what they leave out would never be done
        there = max((path.count(scope) for path in self.template.paths), default=0)
        if there > MAX_ITEMS:
            raise self._too_long(f"{there:,}")
        try:
            items = self.template.render(scope, tables)
        except RenderError as error:
            raise RenderError(f"for_each: {error.message}") from error
        if not isinstance(items, list):
            raise RenderError(f"for_each: {self.written} must be a list, but found {found(items)}")
        if len(items) > self.most:
            raise self._too_long(f"{len(items):,}")
        if len(items) == MAX_ITEMS > there:
            raise self._too_long(f"{MAX_ITEMS:,} or more")
        return items

    def _too_long(self, many: str) -> RenderError:
        return RenderError(f"for_each: {self.written} has {many} items; at most {self.most:,}")


@dataclass(frozen=True, slots=True)
class Slot:
    """One parameter of one step. A block of attributes is filled attribute by attribute."""

    parameter: Parameter
    written: object
    parts: Mapping[str, Tree]

    def fill(self, scope: Scope, tables: Tables) -> object:
        """The converted value, or MISSING for an optional one; raises RenderError."""
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


def slots(step: Step) -> Iterator[Slot]:
    """The parameters that a step is given, in the order of its action."""
    for parameter in ACTIONS[step.action].given(step.with_):
        written = step.with_[parameter.name]
        if parameter.kind is Kind.ATTRIBUTES and isinstance(written, dict):
            parts = {name: parse_tree(value) for name, value in written.items()}
            # what stands in the rule itself was open when its file was checked
            parameter = replace(parameter, opened=OPENABLE.intersection(written))
        else:
            parts = {"": parse_tree(written)}
        yield Slot(parameter, written, parts)


def fill_slots(
    action: Action, given: tuple[Slot, ...], scope: Scope, tables: Tables
) -> dict[str, object]:
    """The parameters of an action, with defaults; raises RenderError."""
    filled = {slot.parameter.name: slot.fill(scope, tables) for slot in given}
    values = {name: value for name, value in filled.items() if value is not MISSING}
    if action.any_of and not any(name in values for name in action.any_of):
        raise RenderError(f"one of {' and '.join(action.any_of)} is needed, and both are empty")
    for parameter in action.parameters:
        if parameter.default is not None:
            values.setdefault(parameter.name, parameter.default)
    return values
