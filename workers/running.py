"""Carrying out a run: each step that is not done yet is rendered, acted on and recorded."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import structlog

from coursebox.actions import PERFORM, course_of, subject
from coursebox.desk import Desk, Done
from coursebox.directory import Directory
from coursebox.errors import CourseboxError
from coursebox.exchange import Exchange
from rulebook import RenderError, Rule
from workers.dispatching import Presets, normal_form
from workers.pulse import Lease
from workers.retry import Failure, GiveUp, Hold, Retry, Verdict, decide, patience, times
from workers.store import (
    Applied,
    Attempt,
    Event,
    Move,
    Run,
    Step,
    Store,
    StoreUnavailable,
)

DESTINATION: Final = "coursebox"
# Work whose worker died this often in a row is not tried on another worker again.
DEADLY: Final = 5
# The note of a step that says which replay it has been tried in.
REPLAY: Final = "replay"

# A record that Redis cannot take at once is offered again this often, for this long (seconds).
OFFER_AGAIN: Final = 0.25
OFFER_FOR: Final = 20.0

log = structlog.get_logger("run")

OpenDesk = Callable[["Journal", Callable[[], None], Callable[[Exchange], None], bool], Desk]


@dataclass(frozen=True, slots=True)
class Journal:
    """The notes of one step, kept with the run: a later try goes on where this one stopped."""

    store: Store
    lease: Lease
    step: int
    notes: dict[str, str]

    def recall(self, key: str) -> str | None:
        return self.notes.get(f"{self.step}:{key}")

    def remember(self, key: str, value: str) -> None:
        _offer(lambda: self.store.note(self.lease.claim, f"{self.step}:{key}", value))
        self.notes[f"{self.step}:{key}"] = value


@dataclass(slots=True)
class Work:
    """A run in hand: what it was when claimed, and how far it has come since."""

    lease: Lease
    run: Run
    event: Event
    rule: Rule
    scope: dict[str, Any]
    steps: tuple[Step, ...]
    notes: dict[str, str]

    def with_step(self, number: int, **changes: Any) -> tuple[Step, ...]:
        changed = replace(self.steps[number], **changes)
        return (*self.steps[:number], changed, *self.steps[number + 1 :])


@dataclass(frozen=True, slots=True)
class Given:
    """What a try came to: an outcome, or a failure with its decision."""

    outcome: str = ""
    detail: str = ""
    failure: Failure | None = None


class Runner:
    """Carries runs out. `open_desk` gives what an action needs to speak to Coursebox; `stopping`
    says that this worker shall end; `jitter` gives a number from 0 to 1."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        preset: Presets,
        open_desk: OpenDesk,
        schedule: tuple[float, ...],
        stopping: Callable[[], bool],
        jitter: Callable[[], float],
    ) -> None:
        self._store = store
        self._directory = directory
        self._preset = preset
        self._open_desk = open_desk
        self._schedule = schedule
        self._stopping = stopping
        self._jitter = jitter
        self._rule = lru_cache(maxsize=512)(self._load_rule)

    def carry_out(self, lease: Lease, run: Run) -> None:
        """Does what is left of a run, or as much as can be done now. Raises ClaimLost."""
        fault = run.fault or deadly(run.takeovers)
        if fault:
            self._store.record(lease.claim, run.steps, Move.DEAD, reason=fault)
            return
        work = self._in_hand(lease, run)
        for number in range(len(work.steps)):
            if work.steps[number].done:
                continue
            if self._stopping():
                self._store.record(lease.claim, work.steps, Move.BACK, reason="the worker stopped")
                return
            if not self._step(work, number):
                return
        self._store.record(lease.claim, work.steps, Move.FINISHED)

    def _in_hand(self, lease: Lease, run: Run) -> Work:
        event = self._store.event(run.event)
        if event is None:
            raise LookupError(f"the event {run.event} of this run is no longer stored")
        scope = normal_form(event, self._preset(event.source)) | {"item": run.item}
        return Work(lease, run, event, self._rule(run.rule_hash), scope, run.steps, dict(run.notes))

    def _load_rule(self, rule_hash: str) -> Rule:
        body = self._store.rule_body(rule_hash)
        if body is None:
            raise LookupError(f"the body of rule version {rule_hash[:12]} is no longer stored")
        return Rule.from_body(body)

    def _step(self, work: Work, number: int) -> bool:
        """Whether the run may go on with its next step."""
        started = datetime.now(UTC)
        try:
            params = self._params(work, number)
        except RenderError as error:
            refused = Failure(str(error), Verdict.GIVE_UP)
            return self._settle(work, number, started, Given(failure=refused))
        work.steps = work.with_step(number, params=params)
        if work.run.dry_run:
            given = Given(f"would_{work.steps[number].action}", "dry run: nothing was sent")
            return self._settle(work, number, started, given)
        action = work.steps[number].action
        if not self._free_to_act(work, number, self._learner(action, params)):
            return False
        if self._superseded(work, self._effect(work, action, params)):
            given = Given("superseded", "a later event for this learner and course came first")
            return self._settle(work, number, started, given)
        exchanges: list[Exchange] = []
        given = self._try(work, number, params, exchanges)
        # asked again: the step may have taught the directory who the learner is
        effect = self._effect(work, action, params)
        return self._settle(work, number, started, given, exchanges, effect)

    def _params(self, work: Work, number: int) -> Mapping[str, Any]:
        kept = work.steps[number].params
        return kept if kept is not None else work.rule.render(number, work.scope, work.run.item)

    def _learner(self, action: str, params: Mapping[str, Any]) -> str:
        """Who it is about: the e-mail address, also where the rule names only an id we know."""
        email, user_id = subject(action, params)
        if email or not user_id:
            return email or ""
        return self._directory.email(user_id) or f"id:{user_id}"

    def _effect(self, work: Work, action: str, params: Mapping[str, Any]) -> Applied | None:
        """What is remembered of the step once it is done; None where no course is touched."""
        learner, course = self._learner(action, params), course_of(action, params)
        return Applied(learner, course, work.event.order) if learner and course else None

    def _free_to_act(self, work: Work, number: int, learner: str) -> bool:
        held = self._store.holds().get(DESTINATION)
        if held:
            # the time on hold is no time of failing
            work.steps = work.with_step(number, failing_since=None)
            self._keep(work, Move.HELD, reason=_on_hold(held["reason"]))
            return False
        if not learner:
            return True
        if not self._store.take_learner(work.lease.claim, learner, work.event.order[0]):
            return False
        work.lease.learner = learner
        return True

    def _superseded(self, work: Work, effect: Applied | None) -> bool:
        if effect is None:
            return False
        last = self._store.last_applied(effect.learner, effect.course)
        return last is not None and last > work.event.order

    def _try(
        self, work: Work, number: int, params: Mapping[str, Any], exchanges: list[Exchange]
    ) -> Given:
        journal = Journal(self._store, work.lease, number, work.notes)
        again = self._asked_again(work, journal)
        desk = self._open_desk(journal, work.lease.guard, exchanges.append, again)
        try:
            done: Done = PERFORM[work.steps[number].action](desk, params)
        except CourseboxError as error:
            verdict = Verdict(error.decision)
            return Given(failure=Failure(error.message, verdict, error.retry_after))
        return Given(done.outcome, done.detail)

    @staticmethod
    def _asked_again(work: Work, journal: Journal) -> bool:
        """Whether this is the first try since a person replayed the run. They want what may have
        gone out sent again: once, whatever becomes of this worker."""
        replay = str(work.run.replays)
        if not work.run.replays or journal.recall(REPLAY) == replay:
            return False
        journal.remember(REPLAY, replay)
        return True

    def _settle(
        self,
        work: Work,
        number: int,
        started: datetime,
        given: Given,
        exchanges: Sequence[Exchange] = (),
        effect: Applied | None = None,
    ) -> bool:
        """Records a try and what follows from it; whether the run may go on."""
        step = work.steps[number]
        work.steps = work.with_step(
            number, outcome=given.outcome, detail=given.detail, tries=step.tries + 1
        )
        attempt = Attempt(
            step=step.id,
            number=step.tries + 1,
            started_at=started,
            ended_at=datetime.now(UTC),
            outcome=given.outcome,
            failure=given.failure.message if given.failure else "",
            decision=given.failure.verdict if given.failure else "",
            exchanges=tuple(asdict(exchange) for exchange in exchanges),
        )
        if given.failure:
            self._after_failure(work, number, given.failure, attempt)
            return False
        last = number == len(work.steps) - 1
        self._keep(work, Move.FINISHED if last else Move.WORKING, attempt, effect)
        log.info("step done", **_told(work, attempt), outcome=attempt.outcome)
        return not last

    def _after_failure(self, work: Work, number: int, failure: Failure, attempt: Attempt) -> None:
        now = attempt.ended_at.timestamp()
        step = work.steps[number]
        # a hold is nobody's try: what waits for its release keeps all its patience
        held = failure.verdict is Verdict.HOLD
        failures = step.failures + (not held)
        since = None if held else step.failing_since or now
        work.steps = work.with_step(number, failures=failures, failing_since=since)
        age = now - (since or now)
        how = patience(self._schedule, work.rule.retry)
        decision = decide(failure, failures, how, age=age, jitter=self._jitter())
        log.warning(
            "step failed",
            **_told(work, attempt),
            decision=type(decision).__name__,
            reason=failure.message,
        )
        match decision:
            case Retry(wait):
                why = f"tried {times(failures)}: {failure.message}"
                self._keep(work, Move.WAITING, attempt, reason=why, delay=wait)
            case Hold(reason):
                self._store.hold(DESTINATION, reason, "usher")
                self._keep(work, Move.HELD, attempt, reason=_on_hold(reason))
            case GiveUp(reason):
                self._keep(work, Move.DEAD, attempt, reason=reason)

    def _keep(
        self,
        work: Work,
        move: Move,
        attempt: Attempt | None = None,
        applied: Applied | None = None,
        *,
        reason: str = "",
        delay: float = 0.0,
    ) -> None:
        _offer(
            lambda: self._store.record(
                work.lease.claim, work.steps, move, attempt=attempt, applied=applied,
                learner=work.lease.learner, reason=reason, delay=delay, destination=DESTINATION,
            )
        )  # fmt: skip
        work.lease.learner = ""


def _offer(write: Callable[[], None]) -> None:
    """Writes, and offers it again while Redis is away: an effect must not go unrecorded for a blip.

    Gives up after OFFER_FOR; the run then comes up again and finds the effect done.
    """
    until = time.monotonic() + OFFER_FOR
    while True:
        try:
            return write()
        except StoreUnavailable:
            if time.monotonic() > until:
                raise
            time.sleep(OFFER_AGAIN)


def deadly(takeovers: int) -> str:
    """Why work on which that many workers died is not tried again; empty while it may be."""
    if takeovers < DEADLY:
        return ""
    return (
        f"the worker that carried it out died {takeovers} times in a row; "
        "replay it when the cause is found"
    )


def _on_hold(reason: str) -> str:
    return f"{DESTINATION} is on hold: {reason}"


def _told(work: Work, attempt: Attempt) -> dict[str, Any]:
    run = work.run
    return {"run": run.id, "rule": run.rule, "step": attempt.step, "attempt": attempt.number}
