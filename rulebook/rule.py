"""One rule, compiled from its canonical body: judged, split into items, rendered into actions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from rulebook.actions import ACTIONS
from rulebook.active import Active
from rulebook.conditions import Condition, compile_block
from rulebook.filters import RenderError, Tables
from rulebook.keys import RULE, STEP
from rulebook.once import OnceKey, OncePer
from rulebook.paths import Scope
from rulebook.quick_checks import Check, all_of
from rulebook.rendering import Items, Slot, fill_slots, slots
from rulebook.rollout import Rollout
from rulebook.steps import NORMAL, Limit, LookupCall, RetryPolicy, Step
from rulebook.templates import parse_tree

# Raised when the meaning of bodies changes; old bodies must be run as long as any is referenced.
ENGINE: Final = 1
# A file whose rules all speak, and one in which the first that matches takes the event.
ALL: Final = "all"
FIRST: Final = "first"
# The account of a rule whose file names none.
DEFAULT_ACCOUNT: Final = "default"

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class When:
    """A source and the type of its events."""

    source: str
    event: str


@dataclass(frozen=True, slots=True)
class Item:
    """What one run is about: an entry of the `for_each` list, or nothing (key "")."""

    key: str
    value: object


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule said of an event, with the reason in plain words.

    The reason begins with "yes: ", "no: " or "skipped: "; `skipped` is a no that has nothing to do
    with what the event holds.
    """

    rule_id: str
    rule_hash: str
    matched: bool
    reason: str
    dry_run: bool
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class _Compiled:
    """What a body becomes so that it can be run quickly."""

    active: Active | None
    condition: Condition | None
    rollout: Rollout | None
    require: Condition | None
    items: Items | None
    once: OnceKey | None
    only_if: tuple[Condition | None, ...]
    slots: tuple[tuple[Slot, ...], ...]
    tables: Tables


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be judged and rendered; `hash` is the sha256 of `body`, in hex.

    `matching`, `owner` and `tags` are those of its file or its own; like its name they are no part
    of the body.
    """

    id: str
    name: str
    file: str
    line: int
    enabled: bool
    dry_run: bool
    when: tuple[When, ...]
    retry: RetryPolicy | None
    steps: tuple[Step, ...]
    lookups: tuple[LookupCall, ...]
    limit: Limit | None
    priority: str
    hash: str
    body: Body = field(repr=False)
    matching: str
    owner: str | None
    tags: tuple[str, ...]
    _compiled: _Compiled = field(repr=False)

    @property
    def account(self) -> str:
        """The Coursebox account that its actions are carried out in."""
        return str(self.body["rule"].get("account", DEFAULT_ACCOUNT))

    @classmethod
    def from_body(
        cls,
        body: Body,
        *,
        name: str = "",
        file: str = "",
        line: int = 0,
        matching: str = ALL,
        owner: str | None = None,
        tags: Sequence[str] = (),
    ) -> Rule:
        """The rule that this canonical body describes; it never looks at files.

        Raises ValueError for a body of an engine, or with a key or a time zone, that is not known
        here: what a newer Usher has written must not be misread.
        """
        if body.get("engine") != ENGINE:
            raise ValueError(f"this rule was made for engine {body.get('engine')}, not {ENGINE}")
        if unknown := unknown_in(body):
            raise ValueError(f"this rule uses {unknown}, which this Usher does not know")
        rule = body["rule"]
        return cls(
            id=rule["id"],
            name=name or rule["id"],
            file=file,
            line=line,
            enabled=rule.get("enabled", True),
            dry_run=rule.get("dry_run", False),
            when=tuple(When(pair["source"], pair["event"]) for pair in rule["when"]),
            retry=RetryPolicy.of(rule),
            steps=tuple(map(Step.of, rule["then"])),
            lookups=LookupCall.all_of(rule),
            limit=Limit(**rule["limit"]) if "limit" in rule else None,
            priority=rule.get("priority", NORMAL),
            hash=hash_of(body),
            body=body,
            matching=matching,
            owner=owner,
            tags=tuple(tags),
            _compiled=_compile(rule, body["tables"]),
        )

    @property
    def condition(self) -> Condition | None:
        """The conditions under `if`, which can explain themselves."""
        return self._compiled.condition

    @property
    def requirement(self) -> Condition | None:
        """The conditions under `require`."""
        return self._compiled.require

    def step_condition(self, step: int) -> Condition | None:
        """The conditions under `only_if` of a step, counted from 0."""
        return self._compiled.only_if[step]

    @property
    def short_hash(self) -> str:
        """The hash as people see it."""
        return self.hash[:12]

    def judge(self, event: Scope, now: datetime) -> Verdict:
        """Whether the rule wants this event, of a source and type it is about, and why.

        `now` is when the event was received.
        """
        if not self.enabled:
            return self.no("switched off (enabled: false)")
        return self.match(event, now)

    def match(self, event: Scope, now: datetime) -> Verdict:
        """As `judge`, for a rule that is switched off as well."""
        compiled = self._compiled
        if compiled.active is not None and not compiled.active.holds(now):
            return self._skip(f"outside the active period ({compiled.active.words})")
        if compiled.condition is not None and not compiled.condition.holds(event, now):
            return self.no(compiled.condition.first_no(event, now))
        left_out = compiled.rollout.why_not(event, compiled.tables) if compiled.rollout else ""
        if left_out:
            return self._skip(left_out)
        return self._yes("the rule has no conditions", compiled.condition)

    def quick_test(self) -> Check:
        """A function that says what `judge` says of a rule that is not switched off, wordlessly."""
        compiled, tables = self._compiled, self._compiled.tables
        tests: list[Check] = []
        if compiled.active is not None:
            tests.append(compiled.active.test)
        if compiled.condition is not None:
            tests.append(compiled.condition.holds)
        rollout = compiled.rollout
        if rollout is not None:
            tests.append(lambda event, now: not rollout.why_not(event, tables))
        return all_of(tests)

    def required(self, scope: Scope, now: datetime) -> Verdict:
        """Whether `require` holds; the scope has the event's roots and the look-ups' results."""
        return self._hold(self._compiled.require, "nothing is required", scope, now)

    def only_if(self, step: int, scope: Scope, now: datetime) -> Verdict:
        """Whether a step (counted from 0) is to be done.

        The scope has the event's roots, the item, and the results of the rule's look-ups and of
        the step's own.
        """
        condition = self._compiled.only_if[step]
        return self._hold(condition, "the step has no conditions", scope, now)

    def lookup_params(self, call: LookupCall, scope: Scope) -> dict[str, object]:
        """What a look-up is asked with; the scope also has the results of those before it.

        Raises RenderError.
        """
        try:
            return {
                name: parse_tree(value).render(scope, self._compiled.tables)
                for name, value in call.with_.items()
            }
        except RenderError as error:
            raise RenderError(f'look-up "{call.name}": {error.message}') from error

    def items(self, scope: Scope) -> tuple[Item, ...]:
        """One item a run: the entries of the `for_each` list, or a single empty one.

        Raises RenderError where there is no list, or one longer than the rule allows.
        """
        if self._compiled.items is None:
            return (Item("", None),)
        values = self._compiled.items.of_scope(scope, self._compiled.tables)
        return tuple(Item(str(number), value) for number, value in enumerate(values, 1))

    def once_key(self, scope: Scope, item: object = None) -> OncePer | None:
        """The key under which this rule runs once; None where it has no `once_per`.

        Raises RenderError.
        """
        once = self._compiled.once
        if once is None:
            return None
        return once.fill({**scope, "item": item}, self._compiled.tables)

    def render(self, step: int, scope: Scope, item: object = None) -> dict[str, object]:
        """The parameters of a step (counted from 0), converted to what its action takes.

        Optional parameters that come out empty are left out, defaults are filled in. Raises
        RenderError, which a retry cannot help.
        """
        action, compiled = ACTIONS[self.steps[step].action], self._compiled
        try:
            roots = {**scope, "item": item}
            return fill_slots(action, compiled.slots[step], roots, compiled.tables)
        except RenderError as error:
            raise RenderError(f'step "{self.steps[step].id}": {error.message}') from error

    def no(self, reason: str) -> Verdict:
        """A no of this rule, for this reason."""
        return Verdict(self.id, self.hash, False, f"no: {reason}", self.dry_run)

    def _hold(
        self, condition: Condition | None, nothing: str, scope: Scope, now: datetime
    ) -> Verdict:
        if condition is None or condition.holds(scope, now):
            return self._yes(nothing, condition)
        return self.no(condition.first_no(scope, now))

    def _yes(self, nothing: str, condition: Condition | None) -> Verdict:
        reason = nothing if condition is None else "all conditions hold"
        return Verdict(self.id, self.hash, True, f"yes: {reason}", self.dry_run)

    def _skip(self, reason: str) -> Verdict:
        return Verdict(self.id, self.hash, False, f"skipped: {reason}", self.dry_run, skipped=True)


def unknown_in(body: Body) -> str:
    """What of a body this code has no meaning for; "" where it knows all."""
    if body.get("engine") != ENGINE:
        return f"engine {body.get('engine')}"
    rule = body["rule"]
    keys = [key for key in body if key not in ("engine", "rule", "tables")]
    keys += [key for key in rule if key not in RULE.names]
    keys += [key for step in rule["then"] for key in step if key not in STEP.names]
    return " and ".join(f'"{key}"' for key in dict.fromkeys(keys))


def hash_of(body: Body) -> str:
    """The version of a rule: the sha256 of its body, whatever the order of the keys."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _compile(rule: Mapping[str, Any], tables: Tables) -> _Compiled:
    def condition(holder: Mapping[str, Any], key: str) -> Condition | None:
        return compile_block(holder[key], tables) if key in holder else None

    return _Compiled(
        active=Active.of(rule["active"]) if "active" in rule else None,
        condition=condition(rule, "if"),
        rollout=Rollout.of(rule["id"], rule["rollout"]) if "rollout" in rule else None,
        require=condition(rule, "require"),
        items=Items.of(rule["for_each"]) if "for_each" in rule else None,
        once=OnceKey.of(rule["once_per"]) if "once_per" in rule else None,
        only_if=tuple(condition(step, "only_if") for step in rule["then"]),
        slots=tuple(tuple(slots(Step.of(step))) for step in rule["then"]),
        tables=tables,
    )
