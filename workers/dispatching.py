"""From an event to its runs: every rule of its source and type speaks, and what it said is kept."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rulebook import Book, RenderError, Rule, Verdict
from senders.normal import Facts, normalise
from workers.store import Claim, Event, NewRun, SaidOf, Step, Store

Presets = Callable[[str], str]


def normal_form(event: Event, preset: str) -> dict[str, Any]:
    """The event under the names that rules use."""
    facts = Facts(
        id=event.identity,
        source=event.source,
        type=event.type,
        received_at=event.received_at,
        occurred_at=event.occurred_at,
    )
    return normalise(preset, json.loads(event.body), facts)


class NoRules(Exception):
    """No rule is live at all: nobody may say of an event yet that no rule wants it."""

    def __str__(self) -> str:
        return "no rule is loaded yet; see RULES_DIR, and /readyz for files that are refused"


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Turns claimed events into runs. `book` gives the rules that are live at this moment."""

    store: Store
    book: Callable[[], Book]
    preset: Presets

    def dispatch(self, claim: Claim, event: Event) -> tuple[Claim | None, tuple[str, ...]]:
        """Stores all verdicts and creates one run per match or item, in one step.

        Gives the claim of a single run, and the ids to ring for. Raises NoRules.
        """
        book = self.book()
        if len(book) == 0:
            raise NoRules
        normal = normal_form(event, self.preset(event.source))
        verdicts = book.judge(normal, event.received_at)
        said = [SaidOf(v.rule_id, v.matched, v.reason) for v in verdicts]
        rules = {v.rule_id: book.rule(v.rule_id) for v in verdicts if v.matched}
        runs = [run for v in verdicts if v.matched for run in _runs_of(rules[v.rule_id], v, normal)]
        bodies = {rule.hash: rule.body for rule in rules.values()}
        return self.store.dispatch(claim, said or [_nobody(event)], runs, bodies)


def _nobody(event: Event) -> SaidOf:
    return SaidOf("", False, f"no rule speaks of {event.source} {event.type}")


def _runs_of(rule: Rule, verdict: Verdict, normal: dict[str, Any]) -> list[NewRun]:
    try:
        items = [(item.key, item.value) for item in rule.items(normal)]
        fault = ""
    except RenderError as error:
        # a run that cannot even be split becomes a dead letter that says why
        items, fault = [("", None)], str(error)
    steps = tuple(Step(step.id, step.action) for step in rule.steps)
    return [
        NewRun(
            rule=rule.id,
            rule_name=rule.name,
            rule_hash=rule.hash,
            file=rule.file,
            line=rule.line,
            item_key=key,
            item=value,
            steps=steps,
            fault=fault,
            dry_run=verdict.dry_run,
        )
        for key, value in items
    ]
