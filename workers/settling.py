"""What follows from a try: it is recorded, and the run goes on, waits, or ends."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from workers.holding import put_on_hold
from workers.retry import (
    COURSEBOX,
    SOON,
    Failure,
    GiveUp,
    Hold,
    Policy,
    Retry,
    Verdict,
    Wait,
    decide,
    patience,
    times,
)
from workers.store import Applied, Attempt, Move, Step, Store
from workers.work import Given, Work, offer

# The name under which tries to look up what the rule needs are recorded.
LOOKUP: Final = "lookup"
SKIPPED: Final = "skipped"
FAILED: Final = "failed"

log = structlog.get_logger("run")


@dataclass(frozen=True, slots=True)
class Settler:
    """Records tries. `schedule` is the settings' list of waits; `jitter` gives a number from 0 to
    1."""

    store: Store
    schedule: tuple[float, ...]
    jitter: Callable[[], float]

    def step(self, work: Work, number: int, started: datetime, given: Given) -> bool:
        """Records a try of a step; whether the run may go on with the next."""
        if given.failure and given.failure.verdict is Verdict.WAIT and not work.exchanges:
            self._put_off(work, given.failure)
            return False
        step = work.steps[number]
        attempt = _attempt(work, step.id, step.tries + 1, started, given)
        work.steps = work.with_step(
            number,
            outcome=given.outcome,
            detail=given.detail,
            tries=step.tries + 1,
            ended_at=attempt.ended_at.timestamp() if given.outcome else None,
        )
        if given.failure is None:
            log.info("step done", **_told(work, attempt), outcome=attempt.outcome)
            return self._on(work, number, attempt, given.applied)
        policy = work.rule.steps[number].retry or work.rule.retry
        decision = self._decision(work, number, given.failure, attempt, policy)
        if isinstance(decision, GiveUp) and work.rule.steps[number].on_error == "continue":
            ended = attempt.ended_at.timestamp()
            work.steps = work.with_step(
                number, outcome=FAILED, detail=decision.reason, ended_at=ended
            )
            return self._on(work, number, attempt, None)
        self._wait(work, number, given.failure, decision, attempt)
        return False

    def preparation(self, work: Work, started: datetime, failure: Failure | None) -> bool:
        """Records a try of what comes before all steps; whether the run may go on.

        Failures are counted by the first step, which begins anew once all is prepared.
        """
        if failure and failure.verdict is Verdict.WAIT and not work.exchanges:
            self._put_off(work, failure)
            return False
        tries = work.steps[0].failures + 1
        attempt = _attempt(work, LOOKUP, tries, started, Given("looked_up", failure=failure))
        if failure is None:
            work.steps = work.with_step(0, failures=0, failing_since=None)
            self.keep(work, Move.WORKING, attempt)
            return True
        decision = self._decision(work, 0, failure, attempt, work.rule.retry)
        self._wait(work, 0, failure, decision, attempt)
        return False

    def _on(self, work: Work, number: int, attempt: Attempt, applied: Applied | None) -> bool:
        failed = int(work.steps[number].outcome == FAILED)
        if number < len(work.steps) - 1:
            self.keep(work, Move.WORKING, attempt, applied, failed_steps=failed)
            return True
        self.end(work, attempt, applied, failed_steps=failed)
        return False

    def end(
        self,
        work: Work,
        attempt: Attempt | None = None,
        applied: Applied | None = None,
        *,
        failed_steps: int = 0,
    ) -> None:
        """Ends a run of which every step is done."""
        move, reason = ending(work.steps)
        self.keep(work, move, attempt, applied, reason=reason, failed_steps=failed_steps)

    def _decision(
        self, work: Work, number: int, failure: Failure, attempt: Attempt, policy: Policy | None
    ) -> Retry | Wait | Hold | GiveUp:
        now = attempt.ended_at.timestamp()
        step = work.steps[number]
        held = self._on_hold(failure)
        # a hold is nobody's try: what waits for its release keeps all its patience
        on_hold = held is not None or failure.verdict is Verdict.HOLD
        blameless = on_hold or failure.verdict is Verdict.WAIT
        failures = step.failures + (not blameless)
        since = None if on_hold else step.failing_since or (None if blameless else now)
        work.steps = work.with_step(number, failures=failures, failing_since=since)
        how = patience(self.schedule, policy)
        age = now - (since or now)
        decision = held or decide(failure, failures, how, age=age, jitter=self.jitter())
        log.warning(
            "step failed",
            **_told(work, attempt),
            decision=type(decision).__name__,
            reason=failure.message,
        )
        return decision

    def _on_hold(self, failure: Failure) -> Hold | None:
        """The hold of whom it failed at, such as one that this very failure has brought about."""
        if failure.verdict is not Verdict.RETRY:
            return None
        found = self.store.holds().get(failure.destination)
        return Hold(found["reason"]) if found else None

    def _put_off(self, work: Work, failure: Failure) -> None:
        """Nothing was sent, and there is no try to tell of."""
        wait = failure.retry_after or SOON
        self.keep(work, Move.WAITING, reason=failure.message, delay=wait)

    def _wait(
        self,
        work: Work,
        number: int,
        failure: Failure,
        decision: Retry | Wait | Hold | GiveUp,
        attempt: Attempt,
    ) -> None:
        match decision:
            case Wait(seconds, reason):
                self.keep(work, Move.WAITING, attempt, reason=reason, delay=seconds)
            case Retry(wait):
                why = f"tried {times(work.steps[number].failures)}: {failure.message}"
                self.keep(work, Move.WAITING, attempt, reason=why, delay=wait)
            case Hold(reason):
                # one that is there already stays as it is: a circuit's ends by itself
                if failure.verdict is Verdict.HOLD:
                    seen = _seen_at(work, number)
                    put_on_hold(self.store, failure.destination, f"{reason}{seen}")
                self.held(work, failure.destination, reason, attempt)
            case GiveUp(reason):
                self.keep(work, Move.DEAD, attempt, reason=reason)

    def held(
        self, work: Work, destination: str, reason: str, attempt: Attempt | None = None
    ) -> None:
        """Puts a run among those that wait for the release of a destination."""
        told = f"{destination} is on hold: {reason}"
        self.keep(work, Move.HELD, attempt, reason=told, destination=destination)

    def keep(
        self,
        work: Work,
        move: Move,
        attempt: Attempt | None = None,
        applied: Applied | None = None,
        *,
        reason: str = "",
        delay: float = 0.0,
        destination: str = COURSEBOX,
        failed_steps: int = 0,
    ) -> None:
        """Writes down how far the run has come; raises ClaimLost."""
        offer(
            lambda: self.store.record(
                work.lease.claim, work.steps, move, attempt=attempt, applied=applied,
                learner=work.lease.learner, reason=reason, delay=delay, destination=destination,
                failed_steps=failed_steps, outcome=_to_count(work, attempt),
            )
        )  # fmt: skip
        work.lease.learner = ""
        if attempt:
            work.exchanges.clear()


def _seen_at(work: Work, number: int) -> str:
    """Where more is told than a hold can hold, such as the names of all who vanished."""
    return (
        f". All that was seen: usher runs show {work.run.id}" if work.steps[number].detail else ""
    )


def _to_count(work: Work, attempt: Attempt | None) -> str:
    """What the step of this attempt came to, as it is counted; "" where it is not done."""
    tried = attempt.step if attempt else None
    step = next((each for each in work.steps if each.id == tried and each.done), None)
    return f"{work.rule.account} {step.action} {step.outcome}" if step else ""


def ending(steps: tuple[Step, ...]) -> tuple[Move, str]:
    """How a run ends whose steps are all done, and what there is to say of it."""
    if steps and all(step.outcome == SKIPPED for step in steps):
        return Move.SKIPPED, f"no step was to be done: {steps[0].detail}"
    failed = [step for step in steps if step.outcome == FAILED]
    told = "; ".join(f'step "{step.id}" failed: {step.detail}' for step in failed)
    return Move.FINISHED, told


def _attempt(work: Work, step: str, number: int, started: datetime, given: Given) -> Attempt:
    return Attempt(
        step=step,
        number=number,
        started_at=started,
        ended_at=datetime.now(UTC),
        outcome="" if given.failure else given.outcome,
        failure=given.failure.message if given.failure else "",
        decision=given.failure.verdict if given.failure else "",
        exchanges=tuple(asdict(exchange) for exchange in work.exchanges),
    )


def _told(work: Work, attempt: Attempt) -> dict[str, Any]:
    run = work.run
    return {"run": run.id, "rule": run.rule, "step": attempt.step, "attempt": attempt.number}
