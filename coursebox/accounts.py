"""Finding or making the account of a learner: the API has no search by e-mail address.

The note `account:<e-mail>` of the run's journal says how far it is:

  (nothing)    nothing was sent
  sending N    createAccount left N times and no answer to the last is known
  id X         the account has been made, or was found: X is its id
  exists       Coursebox says there is an account, and does not tell its id

A second createAccount leaves only in a later try of the run, after the courses have been looked
through: by then the first has been carried out or is lost, and Coursebox's own check for a second
account of the same address holds.
"""

from dataclasses import dataclass
from typing import Final

from coursebox.client import Learner
from coursebox.desk import SENDING, Desk, find, sending
from coursebox.errors import CourseboxError, Decision, Kind

# Coursebox may hide "this address has an account" in a 500: after so many it is taken for one.
HIDDEN_AFTER: Final = 3
EXISTS: Final = "exists"
ID: Final = "id "


@dataclass(frozen=True, slots=True)
class Person:
    """`email` in lower case."""

    email: str
    first_name: str
    last_name: str
    offer_code: str = ""
    marketing_emails: bool = False
    is_18_plus: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """`user_id` is None where Coursebox does not tell it; `known` where it is only from our own
    directory, so that it may be out of date."""

    user_id: str | None
    created: bool = False
    known: bool = False
    detail: str = ""


def account_for(desk: Desk, person: Person, *, seen: str) -> Account:
    """The learner's account, made if there is none. Looks hard for its id; `seen` is the course
    whose learners have been read already. Raises CourseboxError."""
    found = _on_record(desk, person.email)
    if found:
        return found
    return new_account(desk, person, seen=seen)


def new_account(desk: Desk, person: Person, *, seen: str) -> Account:
    """As account_for, without asking the directory."""
    note = _note(desk, person.email)
    searched = _search(desk, person.email, seen) if note else None
    if searched and (searched.user_id or note == EXISTS):
        return searched
    made = _create(desk, person, hidden_after=HIDDEN_AFTER)
    return made if made.user_id else searched or _search(desk, person.email, seen)


def account_only(desk: Desk, person: Person) -> Account:
    """The learner's account, made if there is none, without looking for the id of an old one."""
    found = _on_record(desk, person.email)
    if found:
        return found
    if _tries(_note(desk, person.email)):
        searched = _search(desk, person.email, "")
        if searched.user_id:
            return searched
    return _create(desk, person)


def search(desk: Desk, email: str) -> str | None:
    """The user id of an address: by the directory, else by looking through the courses."""
    return desk.directory.user_id(email) or _search(desk, email, "").user_id


def _on_record(desk: Desk, email: str) -> Account | None:
    note = _note(desk, email)
    if note.startswith(ID):
        return Account(note.removeprefix(ID), created=True)
    user_id = desk.directory.user_id(email)
    return Account(user_id, known=True) if user_id else None


def _create(desk: Desk, person: Person, *, hidden_after: int | None = None) -> Account:
    """Makes the account; without an id where there is one already or the reply does not tell.

    With `hidden_after`, that many faults in a row are taken for "there is one already".
    """
    tries = _tries(_note(desk, person.email)) + 1
    try:
        user_id = _send(desk, person, tries)
    except CourseboxError as error:
        if error.kind is Kind.ALREADY_EXISTS:
            desk.journal.remember(_key(person.email), EXISTS)
        elif not (error.status == 500 and hidden_after and tries >= hidden_after):
            raise
        return Account(None)
    desk.journal.remember(_key(person.email), ID + user_id if user_id else EXISTS)
    if user_id:
        desk.directory.learn(person.email, user_id)
    return Account(user_id, created=True)


def _send(desk: Desk, person: Person, tries: int) -> str | None:
    with sending(desk, _key(person.email), f"{SENDING} {tries}") as before:
        return desk.client.create_account(
            person.email,
            person.first_name,
            person.last_name,
            desk.password(),
            offer_code=person.offer_code,
            marketing_emails=person.marketing_emails,
            is_18_plus=person.is_18_plus,
            before=before,
        )


def _search(desk: Desk, email: str, seen: str) -> Account:
    """Looks through the learners of our courses, as many as the desk allows."""
    ids = [_course_id(course) for course in desk.client.courses()]
    others = [course_id for course_id in ids if course_id and course_id != seen]
    for course_id in others[: desk.policy.sweep_courses]:
        found = find(_learners_if_allowed(desk, course_id), email=email)
        if found and found.user_id:
            return Account(found.user_id)
    looked = min(len(others), desk.policy.sweep_courses)
    return Account(
        None,
        detail=f"the account is in none of the {looked} other courses that were looked through"
        + (f" (of {len(others)})" if looked < len(others) else ""),
    )


def _learners_if_allowed(desk: Desk, course_id: str) -> tuple[Learner, ...]:
    try:
        return desk.learners(course_id)
    except CourseboxError as error:
        # a course of others, or one that has just gone, says nothing about the learner
        if error.decision is Decision.GIVE_UP:
            return ()
        raise


def _course_id(course: dict[str, object]) -> str:
    value = course.get("id")
    return str(value) if isinstance(value, str | int) else ""


def _key(email: str) -> str:
    return f"account:{email}"


def _note(desk: Desk, email: str) -> str:
    return desk.journal.recall(_key(email)) or ""


def _tries(note: str) -> int:
    count = note.removeprefix(SENDING).strip()
    return int(count) if note.startswith(SENDING) and count.isdigit() else 0
