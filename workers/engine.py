"""The engine: answers a ring by doing what it is about, then for a while whatever else is due."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import structlog

from workers.dispatching import Dispatcher, NoRules, RecordBusy
from workers.pulse import Lease, Pulse
from workers.retry import Failure, GiveUp, Retry, Verdict, decide, patience
from workers.running import Runner, deadly
from workers.store import (
    Claim,
    ClaimLost,
    Event,
    Move,
    Run,
    Step,
    Store,
    StoreUnavailable,
)

# How long one job goes on with other due work before it gives RQ its turn again (seconds).
ROUND: Final = 5.0
# How often an event is looked at again while no rule is loaded at all (seconds).
UNTIL_RULES: Final = 10.0
# When an event is looked at again whose record is busy (seconds).
UNTIL_FREE: Final = 0.5

log = structlog.get_logger("engine")


class Engine:
    """Carries out claimed work in one worker process. Every failure ends in the store, never only
    in a log: that is what the one `except Exception` here is for."""

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        runner: Runner,
        pulse: Pulse,
        ring: Callable[[Sequence[str]], None],
        schedule: tuple[float, ...],
        jitter: Callable[[], float],
        stopping: threading.Event,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._runner = runner
        self._pulse = pulse
        self._ring = ring
        self._schedule = schedule
        self._jitter = jitter
        self.stopping = stopping

    def answer(self, work_id: str) -> None:
        """Carries out the work of that id (if it is still to be claimed), then what else is due.

        Raises StoreUnavailable when Redis goes away: what was claimed comes up again by itself.
        """
        until = time.monotonic() + ROUND
        claim = self._store.claim(work_id)
        while True:
            while claim is not None:
                claim = self._carry_out(claim)
            if self.stopping.is_set():
                return
            if time.monotonic() > until:
                self._pulse.tick()
                return
            claim = self._store.claim()
            if claim is None:
                return

    def _carry_out(self, claim: Claim) -> Claim | None:
        """Does one piece of work; the claim of a single run that came of it."""
        with self._pulse.keeping(claim) as lease:
            try:
                return self._attempt(claim, lease)
            except ClaimLost:
                log.warning("taken over by another worker", work=claim.id)
        return None

    def _attempt(self, claim: Claim, lease: Lease) -> Claim | None:
        try:
            return self._do(claim, lease)
        except (ClaimLost, StoreUnavailable):
            raise
        except Exception as error:
            log.exception("unforeseen failure", work=claim.id)
            self._unforeseen(claim, lease, error)
        return None

    def _do(self, claim: Claim, lease: Lease) -> Claim | None:
        if isinstance(claim.work, Run):
            self._ring(self._runner.carry_out(lease, claim.work))
            return None
        if deaths := deadly(claim.work.takeovers):
            self._store.postpone_event(claim, None, deaths)
            return None
        try:
            follow, ids = self._dispatcher.dispatch(claim, claim.work)
        except NoRules as error:
            self._store.postpone_event(claim, UNTIL_RULES, str(error), failed=False)
            return None
        except RecordBusy as error:
            self._store.postpone_event(claim, UNTIL_FREE, str(error), failed=False)
            return None
        self._ring(ids)
        return follow

    def _unforeseen(self, claim: Claim, lease: Lease, error: Exception) -> None:
        """Puts work that made Usher itself fail on the same schedule as any other failure."""
        failure = Failure(f"Usher itself failed: {type(error).__name__}: {error}", Verdict.RETRY)
        if isinstance(claim.work, Event):
            steps: tuple[Step, ...] = ()
            failures = claim.work.failures + 1
        else:
            steps = _one_more_failure(self._store.run(claim.id).steps)
            failures = max((step.failures for step in steps if not step.done), default=1)
        how = patience(self._schedule, None)
        decision = decide(failure, failures, how, age=0.0, jitter=self._jitter())
        wait = decision.wait if isinstance(decision, Retry) else None
        reason = decision.reason if isinstance(decision, GiveUp) else failure.message
        if isinstance(claim.work, Event):
            self._store.postpone_event(claim, wait, reason)
            return
        move = Move.DEAD if wait is None else Move.WAITING
        self._store.record(
            claim, steps, move, delay=wait or 0.0, reason=reason, learner=lease.learner
        )


def _one_more_failure(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    at = next((n for n, step in enumerate(steps) if not step.done), None)
    if at is None:
        return steps
    return (*steps[:at], replace(steps[at], failures=steps[at].failures + 1), *steps[at + 1 :])
