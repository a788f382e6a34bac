"""Two sets of rules side by side: what differs key by key, and what each does for events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rulebook.book import Book
from rulebook.paths import Scope
from rulebook.planning import NOT_DONE, Known, Planned, needs, plan
from rulebook.rule import Rule
from rulebook.written import length, written

# keys of a body that hold seconds
_SECONDS: Final = frozenset({"first_wait", "max_wait", "give_up_after", "delay", "within", "per"})
NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key of a rule, such as `retry.attempts`, and its values as a rule file writes them."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that is not the same: added where `before` is None, removed where `after` is."""

    before: Rule | None
    after: Rule | None
    keys: tuple[KeyChange, ...] = ()

    @property
    def id(self) -> str:
        rule = self.after or self.before
        return rule.id if rule else ""


@dataclass(frozen=True, slots=True)
class Act:
    """One action as it would be called; `error` says why it cannot be filled in."""

    action: str
    parameters: Mapping[str, object]
    error: str = ""

    @property
    def words(self) -> str:
        """In short: `enrol a@x.example in 101`."""
        if self.error:
            fails = "" if self.error.startswith(NOT_DONE) else " fails"
            return f"{self.action}{fails}: {self.error}"
        given = self.parameters
        who = given.get("use", given.get("email", given.get("user_id")))
        course = f" in {written(given['course_id'])}" if "course_id" in given else ""
        return f"{self.action} {written(who)}{course}" if who is not None else self.action


@dataclass(frozen=True, slots=True)
class Sample:
    """An event to hold rules against: its name, its normal form, and when it was received."""

    name: str
    form: Scope
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """An event for which a rule does something else; None where it does not match."""

    event: Sample
    rule: str
    before: tuple[Act, ...] | None
    after: tuple[Act, ...] | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What differs for the events; `gained` and `lost` are acts in words, for any event."""

    events: int
    differences: tuple[Difference, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    def matched_now(self) -> tuple[Difference, ...]:
        """Those that did not match before."""
        return tuple(one for one in self.differences if one.before is None)

    def matched_no_longer(self) -> tuple[Difference, ...]:
        """Those that matched before."""
        return tuple(one for one in self.differences if one.after is None)

    def other_acts(self) -> tuple[Difference, ...]:
        """Those that match before and after, with other actions or parameters."""
        return tuple(one for one in self.differences if one.before and one.after is not None)


def compare_rules(before: Iterable[Rule], after: Iterable[Rule]) -> tuple[RuleChange, ...]:
    """Every rule that was added, removed or changed, by its id; names and notes do not count."""
    old, new = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    changes = []
    for rule_id in sorted(old.keys() | new.keys()):
        was, is_ = old.get(rule_id), new.get(rule_id)
        keys = _keys_changed(was, is_) if was and is_ else ()
        if not (was and is_) or keys:
            changes.append(RuleChange(was, is_, keys))
    return tuple(changes)


def acts_of(rule: Rule, event: Scope, now: datetime) -> tuple[Act, ...]:
    """What a rule that matches the event would call, all items together; look-ups are not done.

    What hangs on a look-up as a whole (`require`, `for_each`) is one act with that error.
    """
    missing = frozenset(call.name for call in rule.lookups)
    unknown = needs(rule.requirement.fields, missing) if rule.requirement else ""
    if unknown:
        return (Act("require", {}, unknown),)
    planned = plan(rule, Known(event, now, {}))
    if planned.fault:
        return (Act("for_each", {}, planned.fault.removeprefix("for_each: ")),)
    return tuple(act for one in planned.items for act in _of_item(one))


def _of_item(planned: Planned) -> tuple[Act, ...]:
    if planned.left_out:
        return ()
    if planned.error:
        return (Act("once_per", {}, planned.error.removeprefix("once_per: ")),)
    return tuple(
        Act(step.action, step.parameters or {}, step.unknown or step.error)
        for step in planned.steps
        if step.wanted
    )


def replay(before: Book, after: Book, events: Iterable[Sample]) -> Replayed:
    """The events through both books: nothing is called."""
    differences: list[Difference] = []
    was_done: dict[str, None] = {}
    is_done: dict[str, None] = {}
    count = 0
    for event in events:
        count += 1
        old, new = _acts(before, event), _acts(after, event)
        was_done.update(_done(before, old))
        is_done.update(_done(after, new))
        differences += [
            Difference(event, rule, old.get(rule), new.get(rule))
            for rule in dict.fromkeys((*old, *new))
            if old.get(rule) != new.get(rule)
        ]
    gained = tuple(words for words in is_done if words not in was_done)
    lost = tuple(words for words in was_done if words not in is_done)
    return Replayed(count, tuple(differences), gained, lost)


def parameters_changed(one: Difference) -> tuple[KeyChange, ...]:
    """Which parameters differ, where the same actions are called; else the actions as a whole."""
    before, after = one.before or (), one.after or ()
    if [act.action for act in before] != [act.action for act in after]:
        return (KeyChange("then", _in_words(before), _in_words(after)),)
    found = []
    for was, is_ in zip(before, after, strict=True):
        if was.error or is_.error:
            found.append(KeyChange(was.action, was.words, is_.words))
            continue
        names = dict.fromkeys((*was.parameters, *is_.parameters))
        found += list(_changes(was.parameters, is_.parameters, names))
    return tuple(change for change in found if change.before != change.after)


def _in_words(acts: Sequence[Act]) -> str:
    return ", then ".join(act.words for act in acts) or NOTHING


def _acts(book: Book, event: Sample) -> dict[str, tuple[Act, ...]]:
    verdicts = book.judge(event.form, event.received_at)
    return {
        said.rule_id: acts_of(book.rule(said.rule_id), event.form, event.received_at)
        for said in verdicts
        if said.matched
    }


def _done(book: Book, acts: Mapping[str, tuple[Act, ...]]) -> Iterator[tuple[str, None]]:
    """What is really called: not by a dry run, and not where a value is missing."""
    for rule_id, each in acts.items():
        if not book.rule(rule_id).dry_run:
            yield from ((act.words, None) for act in each if not act.error)


def _keys_changed(before: Rule, after: Rule) -> tuple[KeyChange, ...]:
    was, is_ = _flat_rule(before), _flat_rule(after)
    return tuple(_changes(was, is_, dict.fromkeys((*was, *is_))))


def _changes(
    before: Mapping[str, object], after: Mapping[str, object], names: Iterable[str]
) -> Iterator[KeyChange]:
    for name in names:
        if name not in before or name not in after or before[name] != after[name]:
            yield KeyChange(name, _value(before, name), _value(after, name))


def _value(values: Mapping[str, object], name: str) -> str:
    if name not in values:
        return NOTHING
    value = values[name]
    if name.rpartition(".")[2] in _SECONDS and isinstance(value, int | float):
        return length(value)
    return written(value)


def _flat_rule(rule: Rule) -> dict[str, object]:
    body = {key: value for key, value in rule.body["rule"].items() if key != "id"}
    flat = dict(_flat("", body))
    if rule.matching != "all":
        flat["matching"] = rule.matching
    return {**flat, **dict(_flat("tables", rule.body["tables"]))}


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for number, inner in enumerate(value):
            yield from _flat(f"{prefix}[{number}]", inner)
    elif not (isinstance(value, dict) and prefix == "tables"):
        yield prefix, value
