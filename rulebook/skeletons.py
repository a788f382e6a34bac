"""A rule file made from one event: a start that can be read, checked and tested as it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from rulebook.actions import ACTIONS
from rulebook.fields import FIELDS
from rulebook.filters import RenderError
from rulebook.parameters import Parameter, ParameterError
from rulebook.paths import Path, Scope
from rulebook.rule import ENGINE, Rule
from rulebook.values import is_there
from rulebook.written import block_lines
from rulebook.yaml_reader import MAX_DEPTH

COURSE: Final = 101
OWNER: Final = "ops@company.example"
LEARNER: Final = "learner@company.example"
OTHER: Final = "something else"
LONGEST_ID: Final = 64
LONGEST_TEXT: Final = 2_000
LONGEST_KEY: Final = 300
MOST_ITEMS: Final = 20
# how deep the event of a test already stands in a file
_DEPTH: Final = 6
# parameters of a step stand there; below are those of the tests
_DEEPEST_COMMENT: Final = 10
# a condition is read by people
_LONGEST_CONDITION: Final = 60

# What is asked of an event first, by the fields it has.
_ASKED: Final = (
    *("deal.status", "deal.stage", "change.field", "order.status", "form.id", "form.title"),
    *("submission.status", "refund.full", "contact.tags"),
)
# In a body of a sender's own, the names that mostly tell what happened.
_TELLING: Final = ("type", "event", "event_type", "status", "kind", "action", "course", "product")
_NAMES: Final = ("first_name", "last_name")
_BODIES: Final = ("body", "raw")
_EMAIL_HOMES: Final = ("contact", "answers", "order", "deal", "hidden", *_BODIES)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The text of a rule file with one rule, and what whoever uses it has to know."""

    text: str
    rule_id: str
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Cuts:
    """What could not be written down as it came."""

    notes: dict[str, None] = field(default_factory=dict)


def skeleton(
    event: Scope,
    received_at: datetime,
    *,
    name: str,
    owner: str = OWNER,
    taken: Collection[str] = (),
) -> Skeleton:
    """A rule about events like this one, switched to dry_run, with the event as its first test.

    event: in its normal form. name: what the event is called, for the first line. taken: the ids
    of other rules.
    """
    about: Any = event["event"]
    cuts = _Cuts()
    shown = _test_event(event, cuts)
    condition = _condition(shown)
    with_ = _with(shown, cuts)
    rule_id = _free(f"{about['source']}-{about['type']}", taken)
    when = {"source": about["source"], "event": about["type"]}
    expected = _rendered(rule_id, when, with_, shown)
    rule: dict[str, Any] = {"id": rule_id, "when": when}
    if condition:
        rule["if"] = condition
    rule["dry_run"] = True
    rule["then"] = [{"action": "enrol", "with": with_}]
    rule["tests"] = list(_tests(shown, received_at, condition, expected))
    lines = block_lines({"version": 1, "owner": owner, "rules": [rule]})
    text = "\n".join([*_head(name), *map(_commented, lines), ""])
    return Skeleton(text, rule_id, tuple(cuts.notes))


def _head(name: str) -> Iterator[str]:
    yield f"# Made from {' '.join(name.split())}. What has to be yours is marked with <-."
    yield "# The first test holds the event as it came, with what it says of people: put invented"
    yield "# names and addresses in their place before you share this file."


_COMMENTS: Final = {
    f"owner: {OWNER}": "who is told when a rule of this file fails",
    "dry_run: true": "nothing is called: take this line out when the rule does what you mean",
    f"course_id: {COURSE}": "the course",
    f"email: {LEARNER}": "the field that has the learner's address",
}


def _commented(line: str) -> str:
    """The line with a word about it, where it has to be changed; not within the tests."""
    comment = _COMMENTS.get(line.strip())
    depth = len(line) - len(line.lstrip())
    return f"{line}  # <- {comment}" if comment and depth <= _DEEPEST_COMMENT else line


def _test_event(event: Scope, cuts: _Cuts) -> dict[str, Any]:
    """The event as a test holds it: what stands there twice only once, and nothing too deep."""
    known = {root: value for root, value in event.items() if root in FIELDS}
    if known.keys() - {"event", "raw"}:
        known.pop("raw", None)
    return {root: _fitting(value, _DEPTH + 1, cuts) for root, value in known.items()}


def _fitting(value: object, depth: int, cuts: _Cuts) -> object:
    """The value without what a rule file cannot hold; what was left out is noted."""
    if isinstance(value, dict | list) and depth > MAX_DEPTH and value:
        cuts.notes["What is nested too deeply for a rule file is left out of the test."] = None
        return None
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if len(str(k)) <= LONGEST_KEY}
        return {str(key): _fitting(inner, depth + 1, cuts) for key, inner in kept.items()}
    if isinstance(value, list):
        if len(value) > MOST_ITEMS:
            cuts.notes[f"Of long lists, the test has the first {MOST_ITEMS} items."] = None
        return [_fitting(inner, depth + 1, cuts) for inner in value[:MOST_ITEMS]]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        cuts.notes[f"Of long texts, the test has the first {LONGEST_TEXT:,} characters."] = None
        return value[:LONGEST_TEXT]
    return value


def _condition(event: Mapping[str, Any]) -> dict[str, Any]:
    """What tells such an event from others of its type; empty where nothing does."""
    changed = event.get("changed")
    for written in _ASKED:
        root, name = written.split(".")
        block = event.get(root)
        block = block if isinstance(block, dict) else {}
        value = block.get(name)
        if not _can_be_asked(value):
            continue
        if written == "change.field":
            return _of_change(block)
        if isinstance(changed, list) and written in changed and "previous" in event:
            return {written: {"becomes": value}}
        return {written: value}
    for root in _BODIES:
        found = event.get(root)
        body = found if isinstance(found, dict) else {}
        for name in (*_TELLING, *body):
            if _can_be_asked(body.get(name)) and not _is_email(body[name]):
                return {Path((root, name)).text: body[name]}
    return {}


def _of_change(change: Mapping[str, Any]) -> dict[str, Any]:
    found = {"change.field": change["field"]}
    return (
        {**found, "change.value": change["value"]} if _can_be_asked(change.get("value")) else found
    )


def _can_be_asked(value: object) -> bool:
    if isinstance(value, str):
        return is_there(value) and len(value) <= _LONGEST_CONDITION and value.isprintable()
    return isinstance(value, bool | int)


def _with(event: Mapping[str, Any], cuts: _Cuts) -> dict[str, Any]:
    path = next(iter(_emails(event)), None)
    if path is None:
        cuts.notes["The event has no e-mail address: say where the learner's is."] = None
    given: dict[str, Any] = {"email": f"${{ {path.text} }}" if path else LEARNER}
    given["course_id"] = COURSE
    contact = event.get("contact")
    if isinstance(contact, dict):
        for name in _NAMES:
            if isinstance(contact.get(name), str) and is_there(contact[name]):
                given[name] = f"${{ contact.{name} }}"
    return given


def _emails(event: Mapping[str, Any]) -> list[Path]:
    """Where an e-mail address stands, the likeliest to be the learner's first."""
    found = [
        path
        for root in _EMAIL_HOMES
        for path in _texts(event.get(root), Path((root,)))
        if "owner_email" not in path.names
    ]
    return sorted(found, key=lambda path: (_EMAIL_HOMES.index(path.root), '"' in path.text))


def _texts(value: object, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, Path((*path.steps, str(key))))
    elif _is_email(value):
        yield path


def _is_email(value: object) -> bool:
    email = ACTIONS["enrol"].parameter("email")
    if not isinstance(value, str) or not isinstance(email, Parameter):
        return False
    try:
        email.convert(value)
    except ParameterError:
        return False
    return True


def _free(wanted: str, taken: Collection[str]) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[: LONGEST_ID - 4].strip("-")
    slug = slug if len(slug) >= 3 else f"rule-{slug}".strip("-")
    others = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (slug, *others) if each not in taken)


def _rendered(
    rule_id: str, when: Mapping[str, str], with_: dict[str, Any], event: Mapping[str, Any]
) -> dict[str, Any]:
    """What the step comes to for the event; names that do not fit are taken out of it."""
    for left_out in ((), _NAMES):
        for name in left_out:
            with_.pop(name, None)
        then = [{"id": "enrol", "action": "enrol", "with": with_}]
        body = {"id": rule_id, "when": [dict(when)], "then": then}
        rule = Rule.from_body({"engine": ENGINE, "rule": body, "tables": {}})
        try:
            found = rule.render(0, event)
        except RenderError:
            continue
        return {name: found[name] for name in with_ if name in found}
    return {"email": with_["email"], "course_id": COURSE}


def _tests(
    event: Mapping[str, Any],
    received_at: datetime,
    condition: Mapping[str, Any],
    expected: Mapping[str, Any],
) -> Iterable[dict[str, Any]]:
    now = received_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    yield {
        "name": "the event it was made from",
        "event": dict(event),
        "now": now,
        "expect": [{"enrol": dict(expected)}],
    }
    if condition:
        path, value = next(iter(condition.items()))
        asked = value["becomes"] if isinstance(value, dict) else value
        yield {
            "name": f"another {path}",
            "change": {path: _other(asked)},
            "expect": "no match",
        }


def _other(value: object) -> object:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else OTHER
