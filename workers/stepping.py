"""One step of a run: waited for, judged, filled in, acted on and recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from coursebox.actions import PERFORM, course_of, subject
from coursebox.desk import Desk, Done
from coursebox.directory import Directory
from coursebox.errors import CourseboxError
from coursebox.exchange import Exchange
from rulebook import RenderError
from workers.creating import length
from workers.looking import Looking, OnHold, failure_of
from workers.lookups import LookUpFailed
from workers.retry import COURSEBOX, Failure, Verdict
from workers.settling import SKIPPED, Settler
from workers.store import Applied, Move, Store
from workers.work import Given, Journal, Work

# A delay that is shorter, in seconds, is told with its seconds.
_SHORT: Final = 3600
# The note of a step that says which replay it has been tried in.
REPLAY: Final = "replay"

OpenDesk = Callable[[Journal, Callable[[], None], Callable[[Exchange], None], bool], Desk]


@dataclass(frozen=True, slots=True)
class Stepper:
    """Carries steps out. `open_desk` gives what an action needs to speak to Coursebox."""

    store: Store
    directory: Directory
    open_desk: OpenDesk
    looking: Looking
    settler: Settler

    def wait(self, work: Work, number: int) -> bool:
        """Whether the run has to wait for this step; it is put aside then, and uses up no try."""
        delay = work.rule.steps[number].delay
        if not delay or work.begun(number) or work.run.dry_run:
            return False
        before = work.steps[number - 1].ended_at if number else None
        at = (before or work.run.created_at.timestamp()) + delay
        left = at - datetime.now(UTC).timestamp()
        if left <= 0:
            return False
        when = datetime.fromtimestamp(at, UTC)
        clock = "%Y-%m-%d %H:%M:%S" if delay < _SHORT else "%Y-%m-%d %H:%M"
        step = work.steps[number].id
        why = f'waits until {when:{clock}} UTC for step "{step}" (delay {length(delay)})'
        self.settler.keep(work, Move.WAITING, reason=why, delay=left)
        return True

    def step(self, work: Work, number: int) -> bool:
        """Tries a step; whether the run may go on with the next. Raises ClaimLost."""
        started = datetime.now(UTC)
        try:
            skip = self._fill_in(work, number)
        except OnHold as hold:
            self.settler.held(work, hold.destination, hold.reason)
            return False
        except (RenderError, LookUpFailed) as error:
            return self.settler.step(work, number, started, Given(failure=failure_of(error)))
        if skip:
            return self.settler.step(work, number, started, Given(SKIPPED, skip))
        given = self._act(work, number)
        return given is not None and self.settler.step(work, number, started, given)

    def _fill_in(self, work: Work, number: int) -> str:
        """Fills the parameters in; why the step is not to be done, "" where it is.

        A step that was begun is finished as it was begun: what it has brought about itself must
        not be what it is judged by.
        """
        step, known = work.rule.steps[number], work.steps[number].params
        if work.begun(number) and known is not None:
            return ""
        if step.lookups:
            self._not_on_hold(work)
        scope = self.looking.for_step(work, step.lookups)
        verdict = work.rule.only_if(number, scope, datetime.now(UTC))
        if not verdict.matched:
            return f"only_if: {verdict.reason.removeprefix('no: ')}"
        # what a person has corrected for a replay counts, and what was asked long ago does not
        if known is None or (step.lookups and not work.run.replays):
            params = work.rule.render(number, scope, work.run.item)
            work.steps = work.with_step(number, params=params)
        return ""

    def _not_on_hold(self, work: Work) -> None:
        """What cannot be acted on is not looked up again and again, either."""
        held = self.store.holds().get(COURSEBOX)
        if held and not work.run.dry_run:
            raise OnHold(COURSEBOX, held["reason"])

    def _act(self, work: Work, number: int) -> Given | None:
        """What came of it; None where the run has to wait for others first."""
        action, params = work.steps[number].action, work.steps[number].params or {}
        if work.run.dry_run:
            return Given(f"would_{action}", "dry run: nothing was sent")
        if not self._free_to_act(work, number, self._learner(action, params)):
            return None
        if self._superseded(self._effect(work, action, params)):
            return Given("superseded", "a later event for this learner and course came first")
        return self._try(work, number, params)

    def _learner(self, action: str, params: Mapping[str, Any]) -> str:
        """Who it is about: the e-mail address, also where the rule names only an id we know."""
        email, user_id = subject(action, params)
        if email or not user_id:
            return email or ""
        return self.directory.email(user_id) or f"id:{user_id}"

    def _effect(self, work: Work, action: str, params: Mapping[str, Any]) -> Applied | None:
        """What is remembered of the step once it is done; None where no course is touched."""
        learner, course = self._learner(action, params), course_of(action, params)
        return Applied(learner, course, work.event.order) if learner and course else None

    def _free_to_act(self, work: Work, number: int, learner: str) -> bool:
        held = self.store.holds().get(COURSEBOX)
        if held:
            # the time on hold is no time of failing
            work.steps = work.with_step(number, failing_since=None)
            self.settler.held(work, COURSEBOX, held["reason"])
            return False
        if not learner:
            return True
        if not self.store.take_learner(work.lease.claim, learner, work.event.order[0]):
            return False
        work.lease.learner = learner
        return True

    def _superseded(self, effect: Applied | None) -> bool:
        if effect is None:
            return False
        last = self.store.last_applied(effect.learner, effect.course)
        return last is not None and last > effect.order

    def _try(self, work: Work, number: int, params: Mapping[str, Any]) -> Given:
        journal = Journal(self.store, work.lease, number, work.notes)
        again = self._asked_again(work, journal)
        desk = self.open_desk(journal, work.lease.guard, work.exchanges.append, again)
        action = work.steps[number].action
        try:
            done: Done = PERFORM[action](desk, params)
        except CourseboxError as error:
            verdict = Verdict(error.decision)
            return Given(failure=Failure(error.message, verdict, error.retry_after))
        # asked again: the step may have taught the directory who the learner is
        return Given(done.outcome, done.detail, applied=self._effect(work, action, params))

    @staticmethod
    def _asked_again(work: Work, journal: Journal) -> bool:
        """Whether this is the first try since a person replayed the run. They want what may have
        gone out sent again: once, whatever becomes of this worker."""
        replay = str(work.run.replays)
        if not work.run.replays or journal.recall(REPLAY) == replay:
            return False
        journal.remember(REPLAY, replay)
        return True
