"""What an action works with, what it comes to, and how a write is noted down before it leaves."""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from coursebox.client import Coursebox, Learner
from coursebox.directory import Directory
from coursebox.errors import CourseboxError, Decision, InvalidArgument, Kind
from coursebox.gate import never
from coursebox.ids import same_id
from coursebox.journal import Journal
from coursebox.outcomes import Outcome
from coursebox.policy import Policy
from coursebox.remembered import MemoryRemembered, Remembered

SENDING: Final = "sending"
SENT: Final = "sent"
OWNER: Final = "owner"


@dataclass(frozen=True, slots=True)
class Done:
    """What an action came to; `detail` is a sentence, or empty."""

    outcome: Outcome
    detail: str = ""


def random_password() -> str:
    """A password that nobody knows, with every class of character a policy may ask for."""
    return f"Aa1!{secrets.token_urlsafe(24)}"


@dataclass(frozen=True, slots=True)
class Desk:
    """What one step of a run needs. `guard` is called right before every write and raises if this
    worker no longer owns the run; `password` gives a fresh password of at most 72 bytes.

    `policy` is what the operator has set about the portal, `remembered` what all workers know of
    it. `resend_unsure` says that a person wants an invitation sent again that may have gone out.
    `pause` waits for so many seconds before a second look. `stopping` says that this worker shall
    end: what takes long is then left to the next one.
    """

    client: Coursebox
    directory: Directory
    journal: Journal
    guard: Callable[[], None]
    password: Callable[[], str] = random_password
    policy: Policy = field(default_factory=Policy)
    resend_unsure: bool = False
    remembered: Remembered = field(default_factory=MemoryRemembered)
    pause: Callable[[float], None] = time.sleep
    stopping: Callable[[], bool] = never

    def learners(self, course_id: str) -> tuple[Learner, ...]:
        """Everybody in the course; the directory learns who they are."""
        listed = self.client.learners(course_id)
        self.directory.learn_all(who_is_who(listed))
        self.remembered.was_read(course_id)
        return listed

    def owner(self) -> str:
        """The name by which this step goes on with what it has begun in `remembered`."""
        known = self.journal.recall(OWNER)
        if known:
            return known
        made = secrets.token_hex(8)
        self.journal.remember(OWNER, made)
        return made


def who_is_who(listed: tuple[Learner, ...]) -> dict[str, str]:
    """The ids of addresses, but for an id that several have: that is of something else than them,
    such as of who has enrolled them."""
    pairs = {(each.email, each.user_id) for each in listed if each.email and each.user_id}
    had = Counter(user_id for _, user_id in pairs)
    return {
        each.email: each.user_id
        for each in listed
        if each.email and each.user_id and had[each.user_id] == 1
    }


@contextmanager
def sending(desk: Desk, key: str, note: str = SENDING) -> Iterator[Callable[[], None]]:
    """Gives a write its `before`: the guard, then the note that it is being sent.

    The note stays unless it is certain that nothing happened, so a worker that dies in mid-write
    leaves the same trace as a lost reply.
    """
    earlier = desk.journal.recall(key) or ""

    def before() -> None:
        desk.guard()
        desk.journal.remember(key, note)

    try:
        yield before
    except CourseboxError as error:
        if not error.ambiguous and desk.journal.recall(key) != earlier:
            desk.journal.remember(key, earlier)
        raise


def unless_done(error: CourseboxError, look: Callable[[], bool]) -> None:
    """Looks up whether a failed write has its effect all the same; raises if it has not.

    Refusals are looked up too: "already enrolled" comes as a refusal or hidden in a fault. One that
    says so although the effect is not to be seen is tried again: lists may lag behind.
    """
    may_have_effect = error.ambiguous or error.decision is Decision.GIVE_UP
    if not may_have_effect or isinstance(error, InvalidArgument):
        raise error
    try:
        done = look()
    except CourseboxError as blind:
        # the refusal alone would end the run, although nobody could look
        raise replace(blind.failure, ambiguous=error.ambiguous).error() from error
    if done:
        return
    if error.kind is Kind.ALREADY_EXISTS:
        raise replace(error.failure, decision=Decision.RETRY).error() from error
    raise error


def find(
    learners: tuple[Learner, ...], *, email: str | None = None, user_id: str | None = None
) -> Learner | None:
    """The learner with that address or that id, compared as text on our side."""
    for each in learners:
        if (email and each.email == email) or same_id(user_id, each.user_id):
            return each
    return None
