"""`unenrol`: one learner out of one course, and nobody else.

On the software that Coursebox seems to be built on, the same DELETE took everybody out of a course
(MEASURED there). So: the id comes from the list of the course, one removal from a course is made at
a time over all workers, and with the brake on the list is read again afterwards. Has anybody but
the learner gone, all removals wait until a person has looked.

The note `removal:...` of the run's journal is JSON: `sending` from right before the DELETE leaves
(with who was in the course then, and when), `done` once the learner was found gone, with what there
is to say of it, also of others who were found gone.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from coursebox.calls import REMOVE_USER
from coursebox.client import Learner
from coursebox.desk import SENDING, Desk, Done, find, sending, unless_done
from coursebox.errors import CourseboxError, Decision, Failure, Kind, not_yet, refused
from coursebox.ids import clean_course_id, id_key, same_id
from coursebox.outcomes import Outcome
from coursebox.params import Params
from coursebox.whom import refuse_own, unknown_learner, whom

ACTION: Final = "unenrol"
SCOPE: Final = "unenrol"
DONE: Final = "done"
STAYS: Final = (
    "Coursebox answered that it is done, but its list still shows the learner: it may lag behind, "
    "so look there"
)
BUSY: Final = 3.0  # seconds until a course is asked for again that another run is busy with
SECOND_LOOK: Final = 2.0  # seconds before a list is believed that others have gone from
COMPARED_FOR: Final = 3_600.0  # later, people may have gone for many reasons (s)
MOST_NOTED: Final = 5_000  # learners of a course that are noted for a later try
FIRST_FEW: Final = 3
MOST_NAMED: Final = 500

People = Mapping[str, str]  # user id, or address where there is none -> address, or the id again


@dataclass(frozen=True, slots=True)
class Removal:
    """Who is to leave which course. `key` is its note in the journal."""

    course_id: str
    email: str | None
    user_id: str | None

    @property
    def key(self) -> str:
        return f"removal:{self.user_id or self.email}:{self.course_id}"


def unenrol(desk: Desk, params: Params) -> Done:
    """Takes the learner with that user id or e-mail address out of the course."""
    course_id = clean_course_id(params.get("course_id"), ACTION)
    removal = Removal(course_id, *whom(params, ACTION))
    refuse_own(desk, ACTION, None, removal.email)
    note = _note(desk, removal)
    if note.get("state") == DONE:
        return Done(Outcome.UNENROLLED, str(note.get("detail")))
    with _alone(desk, course_id):
        return _unenrol(desk, removal, note)


@contextmanager
def _alone(desk: Desk, course_id: str) -> Iterator[None]:
    """Keeps others from the course meanwhile."""
    _keep(desk, course_id)
    try:
        yield
    finally:
        desk.remembered.removal_over(course_id, desk.owner())


def _keep(desk: Desk, course_id: str) -> None:
    """Has others kept out for longer; raises NotYet where another is at it (by now)."""
    if not desk.remembered.removing(course_id, desk.owner()):
        raise not_yet(
            REMOVE_USER.name, BUSY, f"another learner is being taken out of course {course_id}"
        )


def _list_again(desk: Desk, course_id: str) -> tuple[Learner, ...]:
    _keep(desk, course_id)
    listed = desk.learners(course_id)
    # a list that came too late may show what another has begun since
    _keep(desk, course_id)
    return listed


def _unenrol(desk: Desk, removal: Removal, note: Mapping[str, object]) -> Done:
    since = desk.remembered.now()
    listed = desk.learners(removal.course_id)
    if note:
        _compare(desk, removal, _people_then(desk, removal, note), listed, str(note["user_id"]))
    learner = _listed(desk, removal, listed)
    if learner is None:
        return _done(desk, removal, str(note["user_id"])) if note else Done(Outcome.ALREADY_ABSENT)
    user_id = learner.user_id or _known_id(desk, removal)
    _refuse_two(removal, learner, listed)
    refuse_own(desk, ACTION, user_id, learner.email)
    return _remove(desk, removal, user_id, _people(listed), since)


def _remove(desk: Desk, removal: Removal, user_id: str, before: People, since: float) -> Done:
    """`since` is when those `before` were asked for."""

    def left() -> bool:
        now = _list_again(desk, removal.course_id)
        there = _without_removed(desk, removal, before, since)
        return _compare(desk, removal, there, now, user_id)

    try:
        with sending(desk, removal.key, _sending(desk, user_id, before)) as leaving:

            def alone() -> None:
                # its turn may have been long in coming
                _keep(desk, removal.course_id)
                # also where its answer is lost: whoever compares meanwhile must not count them
                desk.remembered.removed(removal.course_id, [user_id])
                leaving()

            desk.client.remove_user(removal.course_id, user_id, before=alone)
    except CourseboxError as error:
        unless_done(error, left)
        detail = ""
    else:
        detail = _look(desk, left)
    return _done(desk, removal, user_id, detail)


def _done(desk: Desk, removal: Removal, user_id: str, detail: str = "") -> Done:
    desk.remembered.removed(removal.course_id, [user_id])
    _note_done(desk, removal, user_id, detail)
    return Done(Outcome.UNENROLLED, detail)


def _look(desk: Desk, left: Callable[[], bool]) -> str:
    """Compares the list after a good answer; what there is to say of it."""
    if not desk.policy.unenrol_brake:
        return ""
    try:
        if not left():
            return STAYS
    except CourseboxError as error:
        if error.decision is not Decision.GIVE_UP:
            raise
        return f"the course could not be read afterwards: {error}"
    return ""


def _compare(
    desk: Desk, removal: Removal, before: People, listed: tuple[Learner, ...], user_id: str
) -> bool:
    """Whether the learner has left; raises with the brake on where others have."""
    others = _others_gone(before, listed, user_id)
    if others and desk.policy.unenrol_brake:
        desk.pause(SECOND_LOOK)
        listed = _list_again(desk, removal.course_id)
        others = _others_gone(before, listed, user_id)
        if others:
            # whoever compares later must not count them again
            gone = set(before) - set(_people(listed))
            desk.remembered.removed(removal.course_id, [user_id, *gone])
            raise _braked(desk, removal, user_id, others)
    return find(listed, user_id=user_id) is None


def _others_gone(before: People, listed: tuple[Learner, ...], user_id: str) -> list[str]:
    still = _people(listed)
    there = {*still, *still.values()}
    return [
        who
        for key, who in before.items()
        if there.isdisjoint((key, who)) and not same_id(key, user_id)
    ]


def _braked(desk: Desk, removal: Removal, user_id: str, others: list[str]) -> CourseboxError:
    named = [desk.directory.email(who) or who if "@" not in who else who for who in others]
    many = "1 other learner" if len(named) == 1 else f"{len(named)} other learners"
    detail = f"{many} of course {removal.course_id} had gone as well: {_list(named, MOST_NAMED)}"
    _note_done(desk, removal, user_id, detail)
    message = (
        f"When one learner was taken out of course {removal.course_id}, {many} went as well: "
        f"{_list(named, FIRST_FEW)}. No learner is taken out of any course of this portal until "
        "you have looked: enrol those again who should be there (the run names them), and ask "
        "Coursebox's support what a DELETE of one learner does."
    )
    return Failure(
        REMOVE_USER.name,
        Kind.UNENROL_BRAKE,
        Decision.HOLD,
        message,
        ambiguous=True,
        scope=SCOPE,
        detail=detail,
    ).error()


def _list(named: list[str], most: int) -> str:
    more = len(named) - most
    return ", ".join(named[:most]) + (f" and {more} more" if more > 0 else "")


def _listed(desk: Desk, removal: Removal, listed: tuple[Learner, ...]) -> Learner | None:
    email, user_id = removal.email, removal.user_id
    learner = find(listed, user_id=user_id) if user_id else find(listed, email=email)
    if learner is None and email and not user_id:
        learner = find(listed, user_id=desk.directory.user_id(email))
    if learner is None or email is None:
        return learner
    # a list may tell no addresses: then what we know of the address counts
    other = learner.email is None and user_id and not _may_be(desk, email, user_id)
    if other or learner.email not in (None, email):
        who = learner.email or "somebody else"
        raise refused(ACTION, f"user {learner.user_id} is {who}, not {email}; nobody was removed")
    return learner


def _refuse_two(removal: Removal, learner: Learner, listed: tuple[Learner, ...]) -> None:
    """Raises where the list gives one id to several people, or one address to several ids: then
    nobody can tell who would go, or who would stay."""
    people = {each.email for each in listed if same_id(each.user_id, learner.user_id)} - {None}
    if len(people) > 1:
        named = _list(sorted(filter(None, people)), FIRST_FEW)
        raise refused(
            ACTION, f"the list has the id {learner.user_id} for {named}; nobody was removed"
        )
    ids = {id_key(each.user_id) for each in listed if each.user_id and each.email == learner.email}
    if learner.email and not removal.user_id and len(ids) > 1:
        both = _list(sorted(ids), FIRST_FEW)
        raise refused(
            ACTION,
            f"there are several accounts of {learner.email} in the course ({both}); nobody was "
            "removed. Give the user_id",
        )


def _may_be(desk: Desk, email: str, user_id: str) -> bool:
    known = desk.directory.user_id(email)
    return known is None or same_id(known, user_id)


def _known_id(desk: Desk, removal: Removal) -> str:
    known = desk.directory.user_id(removal.email) if removal.email else removal.user_id
    if known:
        return known
    where = f"{removal.email} is in course {removal.course_id}"
    raise unknown_learner(f"{where}, but Coursebox does not tell the id")


def _people(listed: tuple[Learner, ...]) -> dict[str, str]:
    keyed = ((id_key(each.user_id or each.email or ""), each) for each in listed)
    return {key: each.email or key for key, each in keyed}


def _sending(desk: Desk, user_id: str, before: People) -> str:
    people = list(before) if len(before) <= MOST_NOTED else []
    note = {"state": SENDING, "user_id": user_id, "at": desk.remembered.now(), "people": people}
    return json.dumps(note)


def _people_then(desk: Desk, removal: Removal, note: Mapping[str, object]) -> People:
    """Who was in the course when an earlier try sent its DELETE, without those whom Usher itself
    has taken out since; nobody where that is too long ago to tell anything."""
    at, people = note.get("at"), note.get("people")
    if not isinstance(at, float) or not isinstance(people, list):
        return {}
    if desk.remembered.now() - at > COMPARED_FOR:
        return {}
    then = {str(each): str(each) for each in people}
    return _without_removed(desk, removal, then, at)


def _without_removed(desk: Desk, removal: Removal, people: People, since: float) -> People:
    """Those whom Usher itself has not taken out since."""
    gone = {id_key(each) for each in desk.remembered.removed_since(removal.course_id, since)}
    return {key: email for key, email in people.items() if key not in gone}


def _note_done(desk: Desk, removal: Removal, user_id: str, detail: str) -> None:
    note = {"state": DONE, "user_id": user_id, "detail": detail}
    desk.journal.remember(removal.key, json.dumps(note))


def _note(desk: Desk, removal: Removal) -> dict[str, object]:
    found = json.loads(desk.journal.recall(removal.key) or "{}")
    return found if isinstance(found, dict) else {}
