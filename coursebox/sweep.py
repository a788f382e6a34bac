"""Looking through the learners of our courses for the user id of an address.

All workers share what was seen: a course that was read within `sweep_age` is not read again, since
everybody in it is in the directory. One try reads `sweep_courses` at most; the run goes on with the
rest in its next try, which uses up no patience. The note `sweep:<e-mail>` of the run's journal says
since when what was seen counts for it, so that a search in many courses comes to its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from coursebox.desk import Desk
from coursebox.errors import CourseboxError, Decision, not_yet
from coursebox.ids import same_id
from coursebox.replies import id_text

# When a search is gone on with: its own turn, and where others read what is left of it (s).
NEXT_TURN: Final = 1.0
OTHERS_READ: Final = 5.0
# When another worker goes on with a search whose worker stops (s).
NEXT_WORKER: Final = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """`user_id` is None for nobody; `detail` says then how much was looked through."""

    user_id: str | None
    detail: str = ""


def sweep(desk: Desk, email: str, seen: str = "", *, whole: bool = True) -> Found:
    """The user id of an address that the directory does not know, from the courses but `seen`.

    Raises NotYet where courses are left for the next try; with `whole` false it leaves it at one.
    Raises NotYet also where this worker stops.
    """
    others = [each for each in _courses(desk) if not same_id(each, seen)]
    since = _since(desk, email)
    for number, course_id in enumerate(_turns(desk, others, since)):
        if number == desk.policy.sweep_courses or desk.directory.user_id(email):
            desk.remembered.not_read(course_id)
            break
        if desk.stopping():
            desk.remembered.not_read(course_id)
            words = f"{email} is looked for by the next worker: this one was asked to stop"
            raise not_yet("learners", NEXT_WORKER, words)
        _read(desk, course_id)
    user_id = desk.directory.user_id(email)
    if user_id:
        _end(desk, email)
        return Found(user_id)
    return _nobody(desk, email, others, since, whole)


def unfinished(desk: Desk, email: str) -> bool:
    """Whether an earlier try of this run has left a search to be gone on with."""
    return bool(desk.journal.recall(_key(email))) and desk.directory.user_id(email) is None


def _nobody(desk: Desk, email: str, others: list[str], since: float, whole: bool) -> Found:
    turn = desk.remembered.next_to_read(others, since)
    if turn.course:
        desk.remembered.not_read(turn.course)
    looked = f"{len(others) - turn.left - turn.refused} of {len(others)}"
    if turn.left and whole:
        wait = NEXT_TURN if turn.course else OTHERS_READ
        raise not_yet("learners", wait, f"{email} is looked for: {looked} courses so far")
    _end(desk, email)
    why = f", {turn.refused} of which may not be read" if turn.refused else ""
    return Found(
        None,
        f"the account is in none of the other courses that were looked through ({looked}{why})",
    )


def _turns(desk: Desk, others: list[str], since: float) -> Iterator[str]:
    while (turn := desk.remembered.next_to_read(others, since)).course:
        yield turn.course


def _read(desk: Desk, course_id: str) -> None:
    try:
        desk.learners(course_id)
    except CourseboxError as error:
        # a course of others, or one that has just gone, says nothing about the learner
        if error.decision is not Decision.GIVE_UP:
            desk.remembered.not_read(course_id)
            raise
        desk.remembered.was_read(course_id, refused=True)


def _courses(desk: Desk) -> tuple[str, ...]:
    kept = desk.remembered.courses(desk.policy.sweep_age)
    if kept is not None:
        return kept
    listed = filter(None, (id_text(course.get("id")) for course in desk.client.courses()))
    ids = tuple(dict.fromkeys(listed))
    desk.remembered.keep_courses(ids)
    return ids


def _since(desk: Desk, email: str) -> float:
    noted = desk.journal.recall(_key(email))
    if noted:
        return float(noted)
    since = desk.remembered.now() - desk.policy.sweep_age
    desk.journal.remember(_key(email), str(since))
    return since


def _end(desk: Desk, email: str) -> None:
    if desk.journal.recall(_key(email)):
        desk.journal.remember(_key(email), "")


def _key(email: str) -> str:
    return f"sweep:{email}"
