"""One step of a run: waited for, judged, filled in, acted on and recorded."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rulebook import RenderError
from workers.acting import Actors, Held
from workers.creating import length
from workers.looking import Looking, OnHold, failure_of
from workers.lookups import LookUpFailed
from workers.settling import SKIPPED, Settler
from workers.store import Applied, Move, Store
from workers.work import Given, Work

# A delay that is shorter, in seconds, is told with its seconds.
_SHORT: Final = 3600


@dataclass(frozen=True, slots=True)
class Stepper:
    """Carries steps out, each by the actor of its action."""

    store: Store
    actors: Actors
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
            self._not_on_hold(work, number)
        scope = self.looking.for_step(work, step.lookups)
        verdict = work.rule.only_if(number, scope, datetime.now(UTC))
        if not verdict.matched:
            return f"only_if: {verdict.reason.removeprefix('no: ')}"
        # what a person has corrected for a replay counts, and what was asked long ago does not
        if known is None or (step.lookups and not work.run.replays):
            params = work.rule.render(number, scope, work.run.item)
            work.steps = work.with_step(number, params=params)
        return ""

    def _not_on_hold(self, work: Work, number: int) -> None:
        """What cannot be acted on is not looked up again and again, either."""
        held = None if work.run.dry_run else self._held(work, number)
        if held:
            raise OnHold(held.destination, held.reason)

    def _held(self, work: Work, number: int) -> Held | None:
        step = work.steps[number]
        return self.actors(step.action).held(work, step.action, step.params or {})

    def _act(self, work: Work, number: int) -> Given | None:
        """What came of it; None where the run has to wait for others first."""
        action, params = work.steps[number].action, work.steps[number].params or {}
        if work.run.dry_run:
            return Given(f"would_{action}", "dry run: nothing was sent")
        actor = self.actors(action)
        if not self._free_to_act(work, number, actor.learner(work, action, params)):
            return None
        if self._superseded(actor.effect(work, action, params)):
            return Given("superseded", "a later event for this learner and course came first")
        return actor.perform(work, number, params)

    def _free_to_act(self, work: Work, number: int, learner: str) -> bool:
        held = self._held(work, number)
        if held:
            # the time on hold is no time of failing
            work.steps = work.with_step(number, failing_since=None)
            self.settler.held(work, held.destination, held.reason)
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
