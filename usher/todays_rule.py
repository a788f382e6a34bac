"""A dead run that goes on with today's rule: what fits together, and what would be done otherwise.

What is done stays done. Steps are the same where their ids are; a done step must be one of today's
rule, with the same action, or nobody could say what is left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rulebook import Book, Rule
from rulebook.planning import Known, Planned, PlannedStep, plan
from usher import words
from usher.dead_letters import DeadLetter
from usher.opening import Usher
from usher.shapes import SHOWN_OF_HASH
from workers.dispatching import normal_form
from workers.store import Event, Run, Step
from workers.store.replays import Successor

_HINT: Final = "It can be replayed as it was: leave --with-todays-rule out."


class NoSuccessor(Exception):
    """The run cannot go on with today's rule; says why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}. {_HINT}")


@dataclass(frozen=True, slots=True)
class Change:
    """A dead run, what it would go on with, and the difference in lines."""

    letter: DeadLetter
    run: Run
    to: Successor
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What both rules see: the event's roots with the item, and what was looked up so far."""

    run: Run
    event: Event
    form: Mapping[str, Any]
    looked_up: Mapping[str, Any]


def change_of(usher: Usher, letter: DeadLetter, book: Book, preset: Callable[[str], str]) -> Change:
    """How that letter would go on. Raises NoSuccessor."""
    run, event = letter.run, letter.event
    if run is None or event is None:
        raise NoSuccessor("its event is not kept any more")
    told = usher.store.looked_up(run.parent or run.id)
    looked_up = {name: json.loads(text) for name, text in told.items()}
    seen = _Seen(run, event, normal_form(event, preset(event.source)), looked_up)
    old, new = _old_rule(usher, run), _wanting(book, seen)
    to = _successor(seen, old, new, book)
    return Change(letter, run, to, _lines(seen, old, new, to))


def _old_rule(usher: Usher, run: Run) -> Rule:
    body = usher.store.rule_body(run.rule_hash)
    if body is None:
        raise NoSuccessor("the rule as it was is not kept any more, so nothing can be compared")
    return Rule.from_body(body)


def _wanting(book: Book, seen: _Seen) -> Rule:
    """Today's rule, which has to want the event as well."""
    rule_id = seen.run.rule
    verdicts = book.judge(seen.form, seen.event.received_at)
    said = next((verdict for verdict in verdicts if verdict.rule_id == rule_id), None)
    if rule_id not in {rule.id for rule in book}:
        raise NoSuccessor(f"no rule {rule_id} is live today")
    if said is None:
        about = f"{seen.event.source} {seen.event.type}"
        raise NoSuccessor(f"today's rule {rule_id} is not about {about}")
    if not said.matched:
        raise NoSuccessor(f"today's rule {rule_id} does not want this event: {said.reason}")
    return book.rule(rule_id)


def _successor(seen: _Seen, old: Rule, new: Rule, book: Book) -> Successor:
    run = seen.run
    if old.account != new.account and any(step.done for step in run.steps):
        raise NoSuccessor(
            f"a part is done in the account {old.account}, and today's rule acts in {new.account}"
        )
    forget = _asked_otherwise(old, new, seen.looked_up)
    split = "for_each" in new.body["rule"]
    of_item = bool(run.item_key or run.parent)
    if of_item and not split:
        raise NoSuccessor("this run is about one item of a list, and today's rule has no for_each")
    if of_item and (forget or any(call.name not in seen.looked_up for call in new.lookups)):
        raise NoSuccessor("today's rule looks other things up, before it makes a run of each item")
    if split and not of_item and any(step.done for step in run.steps):
        raise NoSuccessor("today's rule makes a run of each item of a list, and a part is done")
    return Successor(
        rule_hash=new.hash,
        body=new.body,
        name=new.name,
        file=new.file,
        line=new.line,
        dry_run=new.dry_run,
        priority=new.priority,
        rules_version=book.version,
        commit=book.commit,
        steps=_steps(run, new),
        places=_places(run, new),
        forget=() if of_item else forget,
        prepare=not of_item and bool(new.lookups or split or new.requirement),
    )


def _asked_otherwise(old: Rule, new: Rule, looked_up: Mapping[str, Any]) -> tuple[str, ...]:
    """What was looked up for the old rule and means something else in the new one."""
    was, is_ = old.body["rule"].get("lookup", {}), new.body["rule"].get("lookup", {})
    elsewhere = old.account != new.account
    names = [name for name in looked_up if elsewhere or was.get(name) != is_.get(name)]
    # what is asked with the answer of another is asked again, too
    return tuple(looked_up) if names else ()


def _steps(run: Run, new: Rule) -> tuple[Step, ...]:
    known = {step.id: step for step in run.steps}
    todays = {step.id: step.action for step in new.steps}
    for step in run.steps:
        if not step.done:
            continue
        if step.id not in todays:
            done = f'step "{step.id}" ({step.action})'
            raise NoSuccessor(f"{done} is done, and today's rule has none of that id")
        if step.action != todays[step.id]:
            raise NoSuccessor(
                f'step "{step.id}" is done as {step.action}, and in today\'s rule it is '
                f"{todays[step.id]}: steps that keep an id of their own (id:) can be told apart"
            )
    return tuple(_step(known.get(id_), id_, action) for id_, action in todays.items())


def _step(known: Step | None, id_: str, action: str) -> Step:
    if known is None or known.action != action:
        return Step(id_, action)
    return known if known.done else Step(id_, action, tries=known.tries)


def _places(run: Run, new: Rule) -> dict[int, int]:
    todays = {(step.id, step.action): number for number, step in enumerate(new.steps)}
    return {
        number: todays[step.id, step.action]
        for number, step in enumerate(run.steps)
        if (step.id, step.action) in todays
    }


# -- the difference in words --------------------------------------------------------------------


def _lines(seen: _Seen, old: Rule, new: Rule, to: Successor) -> tuple[str, ...]:
    run = seen.run
    version = "the same version" if old.hash == new.hash else f"-> {new.hash[:SHOWN_OF_HASH]}"
    head = f"{run.id}  {run.rule}  {old.hash[:SHOWN_OF_HASH]} {version}"
    was = {
        step.id: words.does(step) if step.params is not None else None
        for step in run.steps
        if not step.done
    }
    planned = _plans(seen, old, seen.looked_up)
    before = {id_: told or planned.get(id_, "") for id_, told in was.items()}
    kept = {name: v for name, v in seen.looked_up.items() if name not in to.forget}
    after = _plans(seen, new, kept)
    done = [f"  = {words.does(step)}: {words.came_to(step)}" for step in to.steps if step.done]
    left = [step.id for step in to.steps if not step.done]
    lines = [line for id_ in left for line in _of_step(before.get(id_), after.get(id_, after[""]))]
    lines += [f"  - {told}" for id_, told in before.items() if id_ not in left]
    moved = [] if old.account == new.account else [f"  account {old.account} -> {new.account}"]
    return (head, *moved, *done, *lines)


def _of_step(before: str | None, after: str) -> list[str]:
    if before == after:
        return [f"    {after}"]
    return [f"  - {before}"] * (before is not None) + [f"  + {after}"]


def _plans(seen: _Seen, rule: Rule, looked_up: Mapping[str, Any]) -> dict[str, str]:
    """What the steps of a rule would do, by their ids; under "" what can be said of none alone."""
    planned = plan(rule, Known(seen.form, seen.event.received_at, looked_up))
    mine = [one for one in planned.items if one.key == seen.run.item_key]
    if len(mine) == 1:
        return {"": "", **{step.id: _told(step) for step in mine[0].steps}}
    return {"": planned.fault or _each(planned.items)}


def _each(plans: tuple[Planned, ...]) -> str:
    return f"{words.number(len(plans), 'run')}, one for each item of the list"


def _told(step: PlannedStep) -> str:
    if step.parameters is None:
        return f"{words.plain(step.action)}: {step.error}"
    return words.does(Step(step.id, step.action, step.parameters))
