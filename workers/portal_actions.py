"""The actions in Coursebox: who they are for, what keeps them from being done, and a try of one."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final

from coursebox.actions import DESTRUCTIVE, PERFORM, course_of, subject
from coursebox.desk import Desk, Done
from coursebox.errors import CourseboxError
from coursebox.ids import id_key
from coursebox.policy import FirstUse
from workers.acting import Held, Params
from workers.holding import put_on_hold
from workers.portals import DEFAULT, FIRST_USE, UNENROL, Portal, destination
from workers.retry import Failure, Verdict
from workers.store import Applied, Store
from workers.store.gate import PROBE_AT
from workers.store.portal_memory import PortalMemory
from workers.store.proofs import Proofs
from workers.work import Given, Journal, Work

# The note of a step that says which replay it has been tried in.
REPLAY: Final = "replay"


@dataclass(frozen=True, slots=True)
class PortalActions:
    """Acts in the portal that the run's rule names."""

    store: Store
    proofs: Proofs
    portals: Mapping[str, Portal]

    def held(self, work: Work, action: str, params: Params) -> Held | None:
        account = work.rule.account
        holds = self._that_end(account)
        scopes = ("", UNENROL) if action == "unenrol" else ("",)
        for place in (destination(account, scope) for scope in scopes):
            if place in holds:
                return Held(place, holds[place]["reason"])
        return self._first_use(account, action, holds)

    def learner(self, work: Work, action: str, params: Params) -> str:
        """Also where the rule names only an id we know: the e-mail address. One portal's trouble
        with a person keeps no other waiting."""
        email, user_id = subject(action, params)
        account = work.rule.account
        portal = self.portals.get(account)
        if not email and user_id:
            email = portal.directory.email(user_id) if portal else None
        who = email or (f"id:{id_key(user_id)}" if user_id else "")
        return _of(account, who) if who else ""

    def effect(self, work: Work, action: str, params: Params) -> Applied | None:
        learner, course = self.learner(work, action, params), course_of(action, params)
        if not (learner and course):
            return None
        return Applied(learner, course, work.event.order)

    def perform(self, work: Work, number: int, params: Params) -> Given:
        portal = self.portals.get(work.rule.account)
        if portal is None:
            return Given(failure=_no_account(work.rule.account))
        action = work.steps[number].action
        try:
            done: Done = PERFORM[action](self._desk(portal, work, number), params)
        except CourseboxError as error:
            return Given(failure=_failure(portal, error), detail=error.failure.detail)
        # asked again: the step may have taught the directory who the learner is
        return Given(done.outcome, done.detail, applied=self.effect(work, action, params))

    def _desk(self, portal: Portal, work: Work, number: int) -> Desk:
        journal = Journal(self.store, work.lease, number, work.notes)
        return Desk(
            portal.client.recording(work.exchanges.append),
            portal.directory,
            journal,
            work.lease.guard,
            policy=portal.policy,
            resend_unsure=_asked_again(work, journal),
            remembered=PortalMemory(self.store.connection, portal.known_as),
            stopping=portal.stopping,
        )

    def _that_end(self, account: str) -> Mapping[str, Mapping[str, str]]:
        """The holds, without those that only a probe would end and no probe can: of an account that
        is not in the settings, a try says so and what to do."""
        holds = self.store.holds()
        if account in self.portals:
            return holds
        return {place: hold for place, hold in holds.items() if PROBE_AT not in hold}

    def _first_use(self, account: str, action: str, holds: Container[str]) -> Held | None:
        portal = self.portals.get(account)
        if action not in DESTRUCTIVE or portal is None:
            return None
        place = portal.destination(FIRST_USE)
        by_setting = portal.policy.first_use is FirstUse.CONFIRMED
        if by_setting or self.proofs.of(account, portal.client.address):
            if place in holds:
                self.store.release(place, why="it is known what the portal does")
            return None
        held = Held(place, _unproven(portal))
        put_on_hold(self.store, held.destination, held.reason)
        return held


def _unproven(portal: Portal) -> str:
    option = "" if portal.name == DEFAULT else f" --account {portal.name}"
    return (
        f"nobody has seen yet what {portal.client.address} does when a learner is removed or "
        "changed, so Usher does neither. Let it be tried on an empty course: usher coursebox check"
        f"{option} --course ID; or say that it is known: usher coursebox confirm{option} --why TEXT"
    )


def _failure(portal: Portal, error: CourseboxError) -> Failure:
    place = portal.destination(error.failure.scope)
    verdict, message = Verdict(error.decision), error.message
    if verdict is Verdict.HOLD and error.failure.scope:
        message = f"{message} Then: usher release {place}"
    return Failure(message, verdict, error.retry_after, place)


def _no_account(account: str) -> Failure:
    return Failure(
        f"the rule's Coursebox account {account!r} is not in this worker's settings; add it to "
        "COURSEBOX_ACCOUNTS with its address and log-in, start the workers anew and replay",
        Verdict.GIVE_UP,
    )


def _of(account: str, what: str) -> str:
    """A name that two portals may both have, told apart."""
    return what if account == DEFAULT else f"{account}/{what}"


def _asked_again(work: Work, journal: Journal) -> bool:
    """Whether this is the first try since a person replayed the run. They want what may have gone
    out sent again: once, whatever becomes of this worker."""
    replay = str(work.run.replays)
    if not work.run.replays or journal.recall(REPLAY) == replay:
        return False
    journal.remember(REPLAY, replay)
    return True
