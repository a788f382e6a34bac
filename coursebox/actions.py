"""What a rule can have done in Coursebox, by name: PERFORM feeds the workers.

Every action can be tried again with the same journal: what has been done is not done again. Each
raises CourseboxError, or what the desk's guard raises.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from coursebox.accounts import Person, account_only, search
from coursebox.attributes import allowed_attributes
from coursebox.client import Learner
from coursebox.desk import (
    Desk,
    Done,
    Outcome,
    find,
    random_password,
    sending,
    unless_done,
)
from coursebox.enrolment import enrol, enrol_user, invite
from coursebox.errors import CourseboxError, Decision, Failure, InvalidArgument, Kind, refused
from coursebox.ids import clean_course_id, clean_id
from coursebox.params import Params, flag, required, text
from coursebox.people import tidy_email

__all__ = [
    "DESTRUCTIVE",
    "PERFORM",
    "Desk",
    "Done",
    "Outcome",
    "course_of",
    "random_password",
    "subject",
]


def create_account(desk: Desk, params: Params) -> Done:
    """Makes the account; one that exists already is not an error."""
    action = "create_account"
    person = Person(
        tidy_email(params.get("email"), action),
        required(params, "first_name", action),
        required(params, "last_name", action),
        offer_code=text(params, "offer_code", action),
        marketing_emails=flag(params, "marketing_emails", action, default=False),
        is_18_plus=flag(params, "is_18_plus", action, default=True),
    )
    account = account_only(desk, person)
    return Done(Outcome.CREATED if account.created else Outcome.ALREADY_EXISTS)


def unenrol(desk: Desk, params: Params) -> Done:
    """Takes the learner with that user id or e-mail address out of the course."""
    course_id = clean_course_id(params.get("course_id"), "unenrol")
    email, user_id = _whom(params, "unenrol")
    learner = _listed(desk, course_id, email, user_id)
    if learner is None:
        removed = desk.journal.recall(_removal(email, user_id, course_id))
        return Done(Outcome.UNENROLLED if removed else Outcome.ALREADY_ABSENT)
    found_id = learner.user_id or (desk.directory.user_id(email) if email else user_id)
    if not found_id:
        raise _unknown(f"{email} is in course {course_id}, but Coursebox does not tell the id")
    try:
        with sending(desk, _removal(email, user_id, course_id)) as before:
            desk.client.remove_user(course_id, found_id, before=before)
    except CourseboxError as error:
        unless_done(error, lambda: find(desk.learners(course_id), user_id=found_id) is None)
    return Done(Outcome.UNENROLLED)


def update_user(desk: Desk, params: Params) -> Done:
    """Changes attributes of the user with that id or e-mail address, never of Usher's own."""
    attributes = allowed_attributes(params.get("attributes"), desk.policy.open_attributes)
    email, given_id = _whom(params, "update_user")
    _refuse_own(desk, None, email)
    user_id = given_id or search(desk, email or "")
    if not user_id:
        raise _unknown(f"no user id is known for {email}, and none was found in our courses")
    _refuse_own(desk, user_id, None)
    key = f"update:{user_id}"
    if desk.journal.recall(key) and _has(desk, user_id, attributes):
        return _updated(desk, user_id, attributes)
    try:
        with sending(desk, key) as before:
            desk.client.update_user(user_id, attributes, before=before)
    except CourseboxError as error:
        unless_done(error, lambda: _has(desk, user_id, attributes))
    return _updated(desk, user_id, attributes)


# what must not be done in a portal before it was seen what comes of it there
DESTRUCTIVE: Final = frozenset({"unenrol", "update_user"})

PERFORM: Final[Mapping[str, Callable[[Desk, Params], Done]]] = MappingProxyType(
    {
        "enrol": enrol,
        "unenrol": unenrol,
        "invite": invite,
        "create_account": create_account,
        "update_user": update_user,
        "enrol_user": enrol_user,
    }
)


def subject(action: str, params: Params) -> tuple[str | None, str | None]:
    """Whom an action is about: e-mail address in lower case and user id, None where not named."""
    if action not in PERFORM:
        return None, None
    email = _if_valid(lambda: tidy_email(params.get("email"), action))
    return email, _if_valid(lambda: clean_id(params.get("user_id"), "the user id", action))


def course_of(action: str, params: Params) -> str | None:
    """The id of the course that an action is about, None if about none."""
    if action not in PERFORM:
        return None
    return _if_valid(lambda: clean_course_id(params.get("course_id"), action))


def _if_valid(read: Callable[[], str]) -> str | None:
    try:
        return read()
    except InvalidArgument:
        return None


def _whom(params: Params, action: str) -> tuple[str | None, str | None]:
    email, user_id = params.get("email"), params.get("user_id")
    if email in (None, "") and user_id in (None, ""):
        raise refused(action, "neither email nor user_id is given; nothing was sent to Coursebox")
    return (
        None if email in (None, "") else tidy_email(email, action),
        None if user_id in (None, "") else clean_id(user_id, "the user id", action),
    )


def _listed(desk: Desk, course_id: str, email: str | None, user_id: str | None) -> Learner | None:
    learners = desk.learners(course_id)
    learner = find(learners, user_id=user_id) if user_id else find(learners, email=email)
    if learner is None and email and not user_id:
        learner = find(learners, user_id=desk.directory.user_id(email))
    if learner and email and learner.email not in (None, email):
        raise refused(
            "unenrol", f"user {learner.user_id} is {learner.email}, not {email}; nobody was removed"
        )
    return learner


def _refuse_own(desk: Desk, user_id: str | None, email: str | None) -> None:
    if desk.client.is_own(user_id, email):
        raise refused(
            "update_user", "that is the account Usher logs in with; a rule may not change it"
        )


def _has(desk: Desk, user_id: str, attributes: Mapping[str, object]) -> bool:
    record = desk.client.user(user_id)
    return all(name in record and record[name] == attributes[name] for name in attributes)


def _updated(desk: Desk, user_id: str, attributes: Mapping[str, object]) -> Done:
    email = attributes.get("email")
    if isinstance(email, str):
        desk.directory.learn(email, user_id)
    return Done(Outcome.UPDATED, f"changed: {', '.join(sorted(attributes))}")


def _removal(email: str | None, user_id: str | None, course_id: str) -> str:
    return f"removal:{user_id or email}:{course_id}"


def _unknown(what: str) -> CourseboxError:
    message = f"{what}. Give the user_id, or do it by hand in Coursebox."
    return Failure("learners", Kind.UNKNOWN_LEARNER, Decision.GIVE_UP, message).error()
