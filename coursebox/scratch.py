"""Trying a portal out on a scratch course: throw-away learners, seated, changed, taken out again.

This proves what reading cannot: that a DELETE takes out the one learner it names. So nothing is
removed by an id that was not seen in the course beside a throw-away address of this check, and
after the first removal that took out more than it should nothing is removed any more.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from coursebox.client import Learner
from coursebox.desk import find
from coursebox.errors import CourseboxError, Decision, TryAgain
from coursebox.findings import Finding, Mark, cause, failed, form_of_record, number, soon
from coursebox.newcomers import Guest, Newcomers
from coursebox.probe import Probe
from coursebox.seating import enrolled_twice, listing, not_enrolled
from coursebox.throwaway import Addresses

# seconds between the looks for a change in the list of a course
LOOKS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
NEW_NAME: Final = "Checked"

Tell = Callable[[str], None]
Listed = tuple[Learner, ...]


class NotScratch(Exception):
    """There are people in the course, so nothing is tried in it; `count` is how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class Scratch:
    """One trial. `proved` says in the end whether a removal took out the one learner it named;
    `accounts` are the addresses that stay behind for good, `seats` those still in the course."""

    def __init__(
        self,
        probe: Probe,
        course: str,
        addresses: Addresses,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seats: list[str] = []
        self._removes_one = False
        self._unsure = False
        self.course = course
        self._probe, self._addresses = probe, addresses
        self._pause, self._clock = pause, clock
        self._tell: Tell = _untold
        self._newcomers = Newcomers(probe, addresses)
        self._first, self._second = self._newcomers.first, self._newcomers.second

    @property
    def proved(self) -> bool:
        return self._removes_one and not self._unsure

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(self._newcomers.accounts)

    @property
    def addresses(self) -> tuple[str, str]:
        """The two throw-away learners."""
        return self._first.email, self._second.email

    def send_ids_as(self, id_type: str) -> None:
        """Ids go out in JSON as that IdType from now on."""
        self._probe = self._probe.sending_ids_as(id_type)

    def must_be_empty(self) -> None:
        """Raises NotScratch where others than throw-away learners are in the course."""
        others = [
            each
            for each in self._probe.learners(self.course)
            if not (each.user_id and self._addresses.is_ours(each.email))
        ]
        if others:
            raise NotScratch(len(others))

    def findings(self, tell: Tell, *, invite: bool = False) -> Iterator[Finding]:
        """What was found, one after the other; `tell` hears what is being done."""
        self._tell = tell
        self.must_be_empty()
        yield from self._told("accounts", "Accounts", self._newcomers.findings(self._tell))
        if not (self._first.user_id and self._second.user_id):
            yield self._no_id()
            return
        yield from self._told("seats", "Seats", self._seated())
        if self._removes_one:
            yield self._changed()
        if invite:
            yield self._invited()
        yield self._tidied()

    def _told(self, key: str, name: str, steps: Iterator[Finding]) -> Iterator[Finding]:
        try:
            yield from steps
        except CourseboxError as error:
            yield failed(key, name, error, "The rest of it could not be tried.")

    def _no_id(self) -> Finding:
        does = "not tried: no id of a throw-away account could be learned"
        follows = f"{_ON_HOLD} `usher coursebox confirm` is left to whoever knows the portal."
        return Finding("remove", "Removing one learner", does, follows, Mark.NOT_TOLD)

    # seats

    def _seated(self) -> Iterator[Finding]:
        self._tell("Enrolling the first")
        yield self._enrol(self._first, "enrol", "Enrolling")
        _, took = self._until(lambda listed: _row(listed, self._first) is not None)
        yield listing(took, sum(LOOKS))
        if took is None:
            return
        self._tell("Enrolling it again")
        again = self._enrol(self._first, "duplicate_enrolment", "Enrolling again")
        rows = [each for each in self._now() if each.user_id == self._first.user_id]
        yield enrolled_twice(again, len(rows))
        self._tell("Enrolling the second")
        second = self._enrol(self._second, "enrol", "Enrolling the second")
        listed, took = self._until(lambda listed: _row(listed, self._second) is not None)
        wrong = _wrong(listed, self._first, self._second)
        if wrong:
            why = second.does if second.mark is Mark.NOT_TOLD else wrong
            yield Finding("remove", "Removing one learner", f"not tried: {why}", _ON_HOLD, Mark.BAD)
            return
        yield self._removed(listed)

    def _enrol(self, guest: Guest, key: str, name: str) -> Finding:
        try:
            self._probe.enrol_user(self.course, guest.user_id or "")
        except CourseboxError as error:
            return not_enrolled(key, name, error)
        form = form_of_record(self._probe.body)
        return Finding(key, name, f"done, reply {form}", "The list of the course counts for Usher.")

    def _removed(self, before: Listed) -> Finding:
        key, name = "remove", "Removing one learner"
        self._tell("Removing the first")
        refusal = ""
        try:
            self._probe.remove_user(self.course, self._first.user_id or "")
        except CourseboxError as error:
            refusal = f" ({cause(error)})"
        after, took = self._until(lambda listed: _row(listed, self._first) is None)
        lost = _ids(before) - _ids(after) - {self._first.user_id}
        if lost:
            does = (
                f"TAKES OUT OTHERS TOO: {len(lost)} of {len(_ids(before)) - 1} who were not named"
            )
            return Finding(key, name, does, _NEVER, Mark.BAD)
        if took is None:
            does = f"the learner stays in the list{refusal}"
            return Finding(key, name, does, f"`unenrol` does not work here. {_ON_HOLD}", Mark.BAD)
        self._removes_one = True
        does = f"takes out exactly that one, seen {soon(took)}"
        return Finding(key, name, does, "Usher may remove learners.")

    # changes, invitations, and the end

    def _changed(self) -> Finding:
        key, name = "update", "Changing a user"
        self._tell("Changing the second")
        user_id = self._second.user_id or ""
        try:
            before = self._probe.user(user_id)
            self._probe.update_user(user_id, {"firstName": NEW_NAME})
            after = self._probe.user(user_id)
        except CourseboxError as error:
            # what is refused does no harm; of what failed otherwise nothing is known
            self._unsure = error.decision is not Decision.GIVE_UP
            follows = "Check again." if self._unsure else "`update_user` does not work here."
            return failed(key, name, error, follows)
        if after.get("firstName") != NEW_NAME:
            does = "a good answer, but the name is as before"
            return Finding(key, name, does, "`update_user` does not work here.", Mark.NOTED)
        moved = [each for each in _KEPT if before.get(each) != after.get(each)]
        if moved:
            self._unsure = True
            does = f"CHANGES MORE THAN IT IS TOLD: {', '.join(moved)}"
            return Finding(key, name, does, _NEVER, Mark.BAD)
        return Finding(key, name, "changes what it is told, and reads back", "Usher may do it.")

    def _invited(self) -> Finding:
        key, name = "invite", "Invitation"
        self._tell("Inviting the first")
        try:
            self._probe.invite(self._first.email, self.course, "Usher", "Check")
            _, took = self._until(lambda listed: _row(listed, self._first) is not None, LOOKS[:3])
        except CourseboxError as error:
            return failed(key, name, error)
        if took is None:
            follows = "Who is invited is not seen before accepting: Usher keeps its own note."
            return Finding(key, name, "sent; not in the list before it is accepted", follows)
        follows = "Who is invited counts as enrolled."
        return Finding(key, name, "sent, and in the list at once", follows)

    def _tidied(self) -> Finding:
        key, name = "tidy", "Left in the course"
        self._tell("Taking out who is left")
        try:
            return self._tidy(key, name)
        except CourseboxError as error:
            self.seats = self.seats or [self._second.email]
            return failed(key, name, error, "Take the throw-away learners out by hand.")

    def _tidy(self, key: str, name: str) -> Finding:
        listed = self._now()
        if self._removes_one and _row(listed, self._second) is None:
            self._removes_one = False
            return Finding(key, name, "THE SECOND VANISHED TOO, A LITTLE LATER", _NEVER, Mark.BAD)
        self.seats = [each.email or "" for each in listed]
        for each in listed if self._removes_one else ():
            if each.user_id and self._addresses.is_ours(each.email):
                self._probe.remove_user(self.course, each.user_id)
        if self._removes_one:
            listed, _ = self._until(lambda listed: not listed)
            self.seats = [each.email or "" for each in listed]
        does = f"{number(len(self.seats), 'throw-away learner')}"
        mark = Mark.NOTED if self.seats else Mark.GOOD
        follows = "Take them out by hand." if self.seats else "The course can serve again."
        return Finding(key, name, does, follows, mark)

    # looking

    def _list(self) -> Listed:
        return self._probe.learners(self.course)

    def _now(self) -> Listed:
        return self._until(lambda _: True)[0]

    def _until(
        self, seen: Callable[[Listed], bool], looks: tuple[float, ...] = LOOKS
    ) -> tuple[Listed, float | None]:
        """The list once it is so, and after how many seconds; None if it never came to be."""
        began: float | None = None
        for wait in looks:
            with suppress(TryAgain):
                listed = self._list()
                # the first look has waited for its turn at the gate: that is no delay of theirs
                began = self._clock() if began is None else began
                if seen(listed):
                    return listed, self._clock() - began
            self._pause(wait)
        listed = self._list()
        return listed, self._clock() - (began or self._clock()) if seen(listed) else None


_ON_HOLD: Final = "`unenrol` and `update_user` stay on hold."
_NEVER: Final = f"USHER MUST NOT REMOVE OR CHANGE ANYBODY HERE. {_ON_HOLD}"
_KEPT: Final = ("id", "email", "lastName")


def _row(listed: Listed, guest: Guest) -> Learner | None:
    return find(listed, email=guest.email, user_id=guest.user_id)


def _wrong(listed: Listed, *guests: Guest) -> str:
    """Why nobody may be removed by what this list says; "" where it is clear who is who."""
    for guest in guests:
        row = _row(listed, guest)
        if row is None:
            return "the throw-away learners are not both in the list"
        if row.user_id != guest.user_id:
            return "the list gives another id than the account has"
        if row.email not in (None, guest.email):
            return "the list gives another address than the account has"
    return ""


def _untold(_: str) -> None:
    pass


def _ids(listed: Listed) -> set[str | None]:
    return {each.user_id for each in listed}
