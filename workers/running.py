"""Carrying out a run: it is prepared where its rule looks things up, then done step by step."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from rulebook import Rule
from workers.acting import Actors
from workers.dispatching import Presets, normal_form
from workers.looking import Looking, LookUps
from workers.preparing import Preparer
from workers.pulse import Lease
from workers.settling import Settler
from workers.stepping import Stepper
from workers.store import Move, Run, Store
from workers.work import Work

# Work whose worker died this often in a row is not tried on another worker again.
DEADLY: Final = 5
SWITCHED_OFF: Final = "cancelled: rule switched off"


class Runner:
    """Carries runs out. `actors` gives who carries out an action; `stopping` says that this worker
    shall end; `jitter` gives a number from 0 to 1."""

    def __init__(
        self,
        store: Store,
        actors: Actors,
        preset: Presets,
        schedule: tuple[float, ...],
        stopping: Callable[[], bool],
        jitter: Callable[[], float],
        *,
        look_ups: LookUps,
    ) -> None:
        self._store = store
        self._preset = preset
        self._stopping = stopping
        self._looking = Looking(store, look_ups)
        self._settler = Settler(store, schedule, jitter)
        self._preparer = Preparer(store, self._looking, self._settler)
        self._stepper = Stepper(store, actors, self._looking, self._settler)
        self._rule = lru_cache(maxsize=512)(self._load_rule)

    def carry_out(self, lease: Lease, run: Run) -> tuple[str, ...]:
        """Does what is left of a run, or as much as can be done now; gives the ids to ring for.

        Raises ClaimLost.
        """
        fault = run.fault or deadly(run.takeovers)
        if fault:
            self._store.record(lease.claim, run.steps, Move.DEAD, reason=fault)
            return ()
        work = self._in_hand(lease, run)
        if run.prepare:
            if self._cancelled(work, 0):
                return ()
            goes_on, ids = self._preparer.prepare(work)
            if not goes_on:
                return ids
        self._go_through(work)
        return ()

    def _go_through(self, work: Work) -> None:
        for number in range(len(work.steps)):
            if work.steps[number].done:
                continue
            if self._stopping():
                self._settler.keep(work, Move.BACK, reason="the worker stopped")
                return
            if self._cancelled(work, number) or self._stepper.wait(work, number):
                return
            if not self._stepper.step(work, number):
                return
        self._settler.end(work)

    def _cancelled(self, work: Work, number: int) -> bool:
        """Whether the rule was switched off or removed before the run, or the step it has waited
        for, was begun; it ends then, though the rule may be on again. What is begun, or replayed by
        a person, is finished."""
        waited = work.rule.steps[number].delay > 0
        if work.run.replays or work.begun(number) or not (number == 0 or waited):
            return False
        if not self._store.switched_off(work.run):
            return False
        self._settler.keep(work, Move.CANCELLED, reason=SWITCHED_OFF)
        return True

    def _in_hand(self, lease: Lease, run: Run) -> Work:
        event = self._store.event(run.event)
        if event is None:
            raise LookupError(f"the event {run.event} of this run is no longer stored")
        rule = self._rule(run.rule_hash)
        scope: dict[str, Any] = normal_form(event, self._preset(event.source)) | {"item": run.item}
        if rule.lookups:
            scope |= self._looking.remembered(run.parent or run.id)
        return Work(lease, run, event, rule, scope, run.steps, dict(run.notes))

    def _load_rule(self, rule_hash: str) -> Rule:
        body = self._store.rule_body(rule_hash)
        if body is None:
            raise LookupError(f"the body of rule version {rule_hash[:12]} is no longer stored")
        return Rule.from_body(body)


def deadly(takeovers: int) -> str:
    """Why work on which that many workers died is not tried again; empty while it may be."""
    if takeovers < DEADLY:
        return ""
    return (
        f"the worker that carried it out died {takeovers} times in a row; "
        "replay it when the cause is found"
    )
