"""From an event to its runs: every rule of its source and type speaks, and what it said is kept."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from rulebook import Book, Rule, Verdict
from rulebook.steps import NORMAL
from senders.memory import (
    Record,
    change_text,
    compare,
    memory_text,
    read_change,
    read_memory,
    record_of,
    remember,
    with_change,
)
from senders.normal import Facts, normalise
from senders.presets import PRESETS
from workers.creating import run_to_prepare, runs_of
from workers.store import Claim, Event, MemoryMoved, NewRun, Recall, SaidOf, Store

Presets = Callable[[str], str]

# How often an event is judged while others change what is known of its record.
TRIES: Final = 5


def normal_form(event: Event, preset: str) -> dict[str, Any]:
    """The event under the names that rules use, with what it was found to change."""
    said = _as_said(event, preset)
    return with_change(said, read_change(event.before)) if event.before else said


def _as_said(event: Event, preset: str) -> dict[str, Any]:
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


class RecordBusy(Exception):
    """Too many events of one record at one time: this one is looked at again in a moment."""

    def __str__(self) -> str:
        return "several events of the same record are being looked at"


def remembers(preset: str) -> bool:
    """Whether Usher has to find out itself what events of this preset changed."""
    row = PRESETS.get(preset)
    return row is not None and row.remembers


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Turns claimed events into runs. `book` gives the rules that are live at this moment."""

    store: Store
    book: Callable[[], Book]
    preset: Presets
    remembers: Callable[[str], bool] = remembers

    def dispatch(self, claim: Claim, event: Event) -> tuple[Claim | None, tuple[str, ...]]:
        """Stores all verdicts and creates one run per match or item, in one step.

        Gives the claim of a single run, and the ids to ring for. Raises NoRules and RecordBusy.
        """
        book = self.book()
        if len(book) == 0:
            raise NoRules
        preset = self.preset(event.source)
        said = _as_said(event, preset)
        record = record_of(said) if self.remembers(preset) else None
        if record is None:
            return self._judge(book, claim, event, said, None)
        for _ in range(TRIES):
            recall = self._recall(event, preset, said, record)
            normal = with_change(said, read_change(recall.before))
            with suppress(MemoryMoved):
                return self._judge(book, claim, event, normal, recall)
        raise RecordBusy

    def _recall(self, event: Event, preset: str, said: dict[str, Any], record: Record) -> Recall:
        """What is known of the record, and what the event changes in it."""
        # with the preset: the same number at another CRM under the same name is another record
        name = f"{event.source}:{preset}:{record.kind}:{record.id}"
        found = self.store.memory(name)
        before = read_memory(found)
        change = compare(before, said, record, event.order)
        kept = remember(before, said, record, event.order, event.id)
        return Recall(name, found, memory_text(kept), change_text(change))

    def _judge(
        self, book: Book, claim: Claim, event: Event, normal: dict[str, Any], recall: Recall | None
    ) -> tuple[Claim | None, tuple[str, ...]]:
        at = event.received_at
        verdicts = [_required(book, v, normal, at) for v in book.judge(normal, at)]
        said = [SaidOf(v.rule_id, v.matched, v.reason) for v in verdicts]
        rules = {v.rule_id: book.rule(v.rule_id) for v in verdicts if v.matched}
        runs = [
            replace(run, rules_version=book.version, commit=book.commit)
            for v in verdicts
            if v.matched
            for run in _runs_of(rules[v.rule_id], v, normal)
        ]
        bodies = {rule.hash: rule.body for rule in rules.values()}
        in_turn = any(rule.priority != NORMAL for rule in book)
        return self.store.dispatch(
            claim, said or [_nobody(event)], runs, bodies, recall, in_turn=in_turn
        )


def _nobody(event: Event) -> SaidOf:
    return SaidOf("", False, f"no rule speaks of {event.source} {event.type}")


def _required(book: Book, verdict: Verdict, normal: dict[str, Any], at: datetime) -> Verdict:
    """What a rule says that requires something and has to look nothing up for it."""
    rule = book.rule(verdict.rule_id)
    if not verdict.matched or rule.lookups or rule.requirement is None:
        return verdict
    required = rule.required(normal, at)
    if required.matched:
        return verdict
    return rule.no(f"require: {required.reason.removeprefix('no: ')}")


def _runs_of(rule: Rule, verdict: Verdict, normal: dict[str, Any]) -> list[NewRun]:
    if rule.lookups:
        return [run_to_prepare(rule, dry_run=verdict.dry_run)]
    return runs_of(rule, normal, dry_run=verdict.dry_run)
