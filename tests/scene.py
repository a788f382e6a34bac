"""Records as the workers leave them, made through the store: what the commands are tested on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from click.testing import CliRunner, Result

from usher.__main__ import main
from workers.store import Attempt, Claim, Event, Move, NewEvent, NewRun, Run, SaidOf, Step, Store

HASH = "5be0d2f1c3aa" + "0" * 52
ADA = "ada@mail.example"
ENROL = Step("1", "enrol", {"email": ADA, "course_id": 42})
INVITE = Step("2", "invite", {"email": ADA, "course_id": 7})
YES = SaidOf("deal-won", True, "yes: all conditions hold")
NO = SaidOf("refund", False, 'no: deal.stage equals "refunded" (event has "closedwon")')


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Runs a command of `usher` in this process, on the Redis of that address."""

    redis_url: str

    def __call__(self, *arguments: str, stdin: str | None = None) -> Result:
        environment = {"REDIS_URL": self.redis_url}
        return CliRunner().invoke(main, arguments, input=stdin, env=environment)


@dataclass(frozen=True, slots=True)
class Scene:
    """Makes events and runs, and brings them where a test wants them."""

    store: Store

    def event(self, identity: str = "deal 7", source: str = "crm", **body: object) -> str:
        """The id of an accepted event that no worker has looked at."""
        text = json.dumps(body or {"id": 7, "stage": "closedwon"})
        occurred = datetime.now(UTC) - timedelta(minutes=5)
        event = NewEvent(identity, "deal.updated", occurred, text)
        return self.store.accept(source, [event]).ids[0]

    def ignored(self, identity: str = "deal 7", said: SaidOf = NO) -> str:
        """The id of an event that no rule wanted."""
        event_id = self.event(identity)
        self.store.dispatch(self._claim(event_id), [said], [], {})
        return event_id

    def undeliverable(self, reason: str = "Usher itself failed") -> str:
        """The id of an event that could not be given to the rules."""
        event_id = self.event("broken")
        self.store.postpone_event(self._claim(event_id), None, reason)
        return event_id

    def run(
        self,
        identity: str = "deal 7",
        source: str = "crm",
        rule: str = "deal-won",
        steps: Sequence[Step] = (ENROL,),
        item: tuple[str, object] = ("", None),
        dry_run: bool = False,
    ) -> Claim:
        """The claim of the one run of a new event."""
        run = NewRun(
            rule, "Seat the winner", HASH, "deals.yaml", 4, *item, tuple(steps), dry_run=dry_run
        )
        said = [replace(YES, rule=rule), NO]
        claim, _ = self.store.dispatch(
            self._claim(self.event(identity, source)), said, [run], {HASH: {"id": rule}}
        )
        assert claim is not None
        return claim

    def finished(self, identity: str = "deal 7", outcome: str = "created_and_enrolled") -> Run:
        claim = self.run(identity)
        done = replace(ENROL, outcome=outcome, tries=1)
        self.store.record(claim, (done,), Move.FINISHED, attempt=an_attempt(outcome=outcome))
        return self._now(claim)

    def waiting(self, identity: str = "deal 7", delay: float = 90.0) -> Run:
        claim = self.run(identity)
        reason = "tried 2 times: Coursebox did not answer in time"
        failed = (replace(ENROL, tries=2, failures=2),)
        attempt = an_attempt(failure="Coursebox did not answer in time")
        self.store.record(claim, failed, Move.WAITING, attempt=attempt, delay=delay, reason=reason)
        return self._now(claim)

    def held(self, identity: str = "deal 7") -> Run:
        claim = self.run(identity)
        reason = "coursebox is on hold: maintenance"
        self.store.record(claim, (ENROL,), Move.HELD, reason=reason, destination="coursebox")
        return self._now(claim)

    def dead(
        self,
        identity: str = "deal 7",
        source: str = "crm",
        rule: str = "deal-won",
        reason: str = "Coursebox has no course 7",
    ) -> Run:
        """A run that has enrolled Ada in one course and gave up to invite her to the other."""
        claim = self.run(identity, source, rule, (ENROL, INVITE))
        done = replace(ENROL, outcome="enrolled", tries=1)
        self.store.record(
            claim, (done, INVITE), Move.WORKING, attempt=an_attempt(outcome="enrolled")
        )
        steps = (done, replace(INVITE, tries=1, failures=1))
        attempt = an_attempt(step="2", failure=reason)
        self.store.record(claim, steps, Move.DEAD, attempt=attempt, reason=reason)
        return self._now(claim)

    def alive(self) -> None:
        """A worker gives a sign of life."""
        self.store.beat("a-worker", [])

    def get_event(self, event_id: str) -> Event:
        found = self.store.event(event_id)
        assert found is not None
        return found

    def _claim(self, work_id: str) -> Claim:
        claim = self.store.claim(work_id)
        assert claim is not None
        return claim

    def _now(self, claim: Claim) -> Run:
        return self.store.run(claim.id)


def an_attempt(step: str = "1", outcome: str = "", failure: str = "") -> Attempt:
    ended = datetime.now(UTC)
    exchange = {
        "call": "enrol_user",
        "method": "POST",
        "path": "/api/Courses/42/enrolUser",
        "status": 404 if failure else 200,
        "ms": 120,
        "request": '{"id": 42, "userId": 9}',
        "response": '{"error": {"message": "no such course"}}' if failure else "",
        "error": "",
    }
    return Attempt(
        step=step,
        number=1,
        started_at=ended - timedelta(seconds=0.4),
        ended_at=ended,
        outcome=outcome,
        failure=failure,
        decision="give_up" if failure else "",
        exchanges=(exchange,),
    )
