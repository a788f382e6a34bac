"""Why a rule does, or does not do, something for an event: each key in the order they act in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rulebook.active import Active, told_in
from rulebook.book import Book
from rulebook.filters import RenderError, Tables
from rulebook.paths import Scope
from rulebook.planning import NOT_DONE, Known, Planned, needs, plan
from rulebook.rule import Rule
from rulebook.templates import parse_tree
from rulebook.told import Against, Told
from rulebook.values import shown
from rulebook.written import length, written


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule says of an event. `reason` begins with "yes: ", "no: " or "skipped: ".

    told: every condition. planned: what the rule does for each item, or would do if it matched;
    fault: why there is no plan.
    """

    rule: Rule
    matched: bool
    reason: str
    told: tuple[Told, ...]
    planned: tuple[Planned, ...]
    fault: str = ""


def explain(
    rule: Rule,
    event: Scope,
    now: datetime,
    *,
    lookups: Mapping[str, object] | None = None,
    beside: Iterable[Rule] = (),
) -> Explanation:
    """Everything that decides whether the rule acts on the event, and what it then does.

    now: when the event was received. lookups: canned answers by the name of the look-up in the
    rule. beside: all rules of the rule's file, in their order, where one may come first.
    """
    known = Known(event, now, lookups or {})
    names = tuple(call.name for call in rule.lookups)
    missing = known.missing(names)
    seen = Against(known.scope(names), now, rule.body["tables"], missing)
    planned = plan(rule, known)
    reason = _reason(rule, event, now, tuple(beside) or (rule,))
    if reason.startswith("yes: "):
        reason = _required(rule, seen, missing) or reason
    return Explanation(
        rule=rule,
        matched=reason.startswith("yes: "),
        reason=reason,
        told=(*_before_lookups(rule, event, now), *_after_lookups(rule, seen, missing)),
        planned=planned.items,
        fault=planned.fault,
    )


def _before_lookups(rule: Rule, event: Scope, now: datetime) -> Iterator[Told]:
    body, tables = rule.body["rule"], rule.body["tables"]
    wrong = _wrong_when(rule, event)
    if wrong:
        yield Told(False, f"when {wrong}")
    if not rule.enabled:
        yield Told(False, "enabled   (the rule says: enabled: false)")
    if "active" in body:
        ok = _alone(rule, "active", event, now)
        received = told_in(Active.of(body["active"]).zone, now).isoformat(timespec="seconds")
        yield Told(ok, f"active {written(body['active'])}   (received: {received})")
    yield from Against(event, now, tables).told(body.get("if", {}))
    if "rollout" in body:
        ok = _alone(rule, "rollout", event, now)
        percent, by = body["rollout"]["percent"], body["rollout"]["by"]
        value = _filled(by, event, tables)
        yield Told(ok, f"rollout to {written(percent)} % by {by}   (event has: {value})")


def _after_lookups(rule: Rule, seen: Against, missing: frozenset[str]) -> Iterator[Told]:
    body = rule.body["rule"]
    for call in rule.lookups:
        unknown = f"{NOT_DONE}needs lookup {call.name}"
        given = unknown if call.name in missing else f"given: {shown(seen.scope[call.name])}"
        with_ = _filled(dict(call.with_), seen.scope, seen.tables)
        yield Told(None, f"lookup {call.name}: {call.use} {with_}   ({given})")
    if rule.requirement is not None:
        yield Told(None, "require:", needs(rule.requirement.fields, missing))
        yield from seen.told(body["require"], 1)
    if "once_per" in body:
        within = body["once_per"].get("within")
        once = f"once within {length(within)}" if within else "once"
        yield Told(None, f"{once} per {body['once_per']['key']}")
    if "limit" in body:
        limit = body["limit"]
        yield Told(None, f"limit: {limit['runs']} runs per {length(limit['per'])}")


def _wrong_when(rule: Rule, event: Scope) -> str:
    """What the rule is about where the event is something else; empty where it fits."""
    about = event.get("event")
    facts = about if isinstance(about, Mapping) else {}
    source, kind = facts.get("source"), facts.get("type")
    if any((when.source, when.event) == (source, kind) for when in rule.when):
        return ""
    wanted = " or ".join(f"{when.event} of {when.source}" for when in rule.when)
    return f"{wanted}   (this event is: {_word(kind)} of {_word(source)})"


def _word(value: object) -> str:
    return value if isinstance(value, str) else shown(value)


def _alone(rule: Rule, key: str, event: Scope, now: datetime) -> bool:
    """Whether the rule would take the event if it had this key and no other condition."""
    body = rule.body["rule"]
    kept = {name: body[name] for name in ("id", "when", "then", key)}
    return Rule.from_body({**rule.body, "rule": kept}).judge(event, now).matched


def _reason(rule: Rule, event: Scope, now: datetime, beside: Sequence[Rule]) -> str:
    said = {verdict.rule_id: verdict.reason for verdict in Book(beside).judge(event, now)}
    if rule.id in said:
        return said[rule.id]
    return f"no: the rule is about {_wrong_when(rule, event)}".replace("   (", " (")


def _required(rule: Rule, seen: Against, missing: frozenset[str]) -> str:
    """Why the rule stops at `require`, or why that is not known; empty where it goes on."""
    if rule.requirement is None:
        return ""
    unknown = needs(rule.requirement.fields, missing)
    if unknown:
        return f"yes: as far as is known; require is {unknown}"
    if rule.requirement.holds(seen.scope, seen.now):
        return ""
    return f"skipped: require is not met: {rule.requirement.first_no(seen.scope, seen.now)}"


def _filled(value: object, scope: Scope, tables: Tables) -> str:
    try:
        return shown(parse_tree(value).render(scope, tables))
    except RenderError as error:
        return error.message
