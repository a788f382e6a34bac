"""What a run does before its first step, where its rule looks things up: look, judge, split."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rulebook import RenderError
from workers.creating import admission_of, runs_of
from workers.looking import Looking, OnHold, failure_of
from workers.lookups import LookUpFailed
from workers.settling import Settler
from workers.store import Move, NewRun, Run, Store
from workers.work import Work


@dataclass(frozen=True, slots=True)
class Preparer:
    """Prepares runs: after it a run goes on in place, is split, or is nothing to be done."""

    store: Store
    looking: Looking
    settler: Settler

    def prepare(self, work: Work) -> tuple[bool, tuple[str, ...]]:
        """Whether the run goes on with this worker, and the ids to ring for. Raises ClaimLost."""
        started = datetime.now(UTC)
        known = len(work.scope)
        try:
            self.looking.for_rule(work)
        except OnHold as hold:
            self.settler.held(work, hold.destination, hold.reason)
            return False, ()
        except (RenderError, LookUpFailed) as error:
            self.settler.preparation(work, started, failure_of(error))
            return False, ()
        if len(work.scope) > known:
            self.settler.preparation(work, started, None)
        required = work.rule.required(work.scope, datetime.now(UTC))
        if not required.matched:
            why = required.reason.removeprefix("no: ")
            self.settler.keep(work, Move.SKIPPED, reason=f"require: {why}")
            return False, ()
        try:
            return self._split(work) if _has_list(work) else (self._begin(work), ())
        except RenderError as error:
            self.settler.preparation(work, started, failure_of(error))
            return False, ()

    def _begin(self, work: Work) -> bool:
        asked = admission_of(work.rule, work.scope, None, dry_run=work.run.dry_run)
        return self.store.begin(work.lease.claim, work.steps, work.rule.id, asked)

    def _split(self, work: Work) -> tuple[bool, tuple[str, ...]]:
        work.rule.items(work.scope)  # what cannot be split is this run's own failure
        runs = [
            _as_it_came(run, work.run)
            for run in runs_of(work.rule, work.scope, dry_run=work.run.dry_run, parent=work.run.id)
        ]
        if not runs:
            self.settler.keep(work, Move.SKIPPED, reason="for_each: the list is empty")
            return False, ()
        count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
        return False, self.store.unfold(work.lease.claim, runs, f"split into {count}")


def _as_it_came(run: NewRun, parent: Run) -> NewRun:
    """With the rule as it was called, and with what was live, when the event came."""
    return replace(
        run,
        rule_name=parent.rule_name,
        file=parent.file,
        line=parent.line,
        rules_version=parent.rules_version,
        commit=parent.commit,
    )


def _has_list(work: Work) -> bool:
    return "for_each" in work.rule.body["rule"]
