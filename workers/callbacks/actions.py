"""The action `callback`: what keeps it from being done, and a try of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rulebook.actions import CALLBACK
from workers.acting import Held, Params
from workers.callbacks.callbacks import Callbacks
from workers.callbacks.definition import USE
from workers.callbacks.failures import CallbackFailed
from workers.callbacks.telling import Came, Telling
from workers.store import Applied, Store
from workers.work import Given, Work

# its one outcome
TOLD: Final = "told"


@dataclass(frozen=True, slots=True)
class CallbackActions:
    """Tells other systems. It acts for no learner and has no effect in any course."""

    store: Store
    callbacks: Callbacks

    def held(self, work: Work, action: str, params: Params) -> Held | None:
        if USE not in params:
            return None  # not filled in yet; it is asked again before anything is sent
        place = self.callbacks.destination(str(params[USE]))
        hold = self.store.holds().get(place)
        return Held(place, hold["reason"]) if hold else None

    def learner(self, work: Work, action: str, params: Params) -> str:
        return ""

    def effect(self, work: Work, action: str, params: Params) -> Applied | None:
        return None

    def perform(self, work: Work, number: int, params: Params) -> Given:
        name = str(params[USE])
        given = {each: value for each, value in params.items() if each != USE}
        telling = telling_of(work, number)
        work.lease.guard()
        try:
            status = self.callbacks.tell(name, given, telling, work.exchanges.append)
        except CallbackFailed as error:
            return Given(failure=error.failure)
        return Given(TOLD, f"{name}: HTTP {status}")


def telling_of(work: Work, number: int) -> Telling:
    """What the run knows at that step."""
    before = [step for step in work.steps[:number] if step.action != CALLBACK]
    ended = [step.ended_at for step in before if step.ended_at]
    began = work.run.created_at.timestamp()
    people = (step.params.get("email") for step in reversed(before) if step.params)
    return Telling(
        run_id=work.run.id,
        step=work.steps[number].id,
        event_id=work.event.id,
        source=work.event.source,
        event_type=work.event.type,
        occurred_at=work.event.occurred_at,
        rule=work.run.rule,
        account=work.rule.account,
        email=str(next(filter(None, people), "")),
        steps=tuple(Came(step.id, step.action, step.outcome) for step in before),
        at=datetime.fromtimestamp(max(ended, default=began), UTC),
    )
