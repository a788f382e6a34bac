"""What a rule can have done in Coursebox, by name: PERFORM feeds the workers.

Every action can be tried again with the same journal: what has been done is not done again. Each
raises CourseboxError, or what the desk's guard raises.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from coursebox.accounts import Person, account_only
from coursebox.attributes import allowed_attributes
from coursebox.desk import Desk, Done, random_password, sending, unless_done
from coursebox.enrolment import enrol, enrol_user, invite
from coursebox.errors import CourseboxError, InvalidArgument, Kind
from coursebox.ids import clean_course_id, sure_id
from coursebox.outcomes import Outcome
from coursebox.params import Params, flag, text
from coursebox.people import full_name, tidy_email
from coursebox.removal import unenrol
from coursebox.sweep import sweep
from coursebox.whom import refuse_own, unknown_learner, whom

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
    email = tidy_email(params.get("email"), action)
    given = text(params, "first_name", action), text(params, "last_name", action)
    person = Person(
        email,
        *full_name(*given, email),
        offer_code=text(params, "offer_code", action),
        marketing_emails=flag(params, "marketing_emails", action, default=False),
        is_18_plus=flag(params, "is_18_plus", action, default=True),
    )
    account = account_only(desk, person)
    return Done(Outcome.CREATED if account.created else Outcome.ALREADY_EXISTS, account.detail)


def update_user(desk: Desk, params: Params) -> Done:
    """Changes attributes of the user with that id or e-mail address, never of Usher's own."""
    action = "update_user"
    attributes = allowed_attributes(params.get("attributes"), desk.policy.open_attributes)
    email, given_id = whom(params, action)
    refuse_own(desk, action, None, email)
    for name in ("email", "newEmail"):
        refuse_own(desk, action, None, str(attributes.get(name) or ""))
    user_id = given_id or _found(desk, email or "")
    refuse_own(desk, action, user_id, None)
    key = f"update:{user_id}"
    if desk.journal.recall(key) and _has(desk, user_id, attributes):
        return _updated(desk, user_id, attributes)
    try:
        with sending(desk, key) as before:
            desk.client.update_user(user_id, attributes, before=before)
    except CourseboxError as error:
        unless_done(error, lambda: _has(desk, user_id, attributes))
    return _updated(desk, user_id, attributes)


def _found(desk: Desk, email: str) -> str:
    """The id of an address, kept for all tries: the change may be of that very address."""
    key = f"user:{email}"
    known = desk.journal.recall(key)
    if known:
        return known
    user_id = _still(desk, email, desk.directory.user_id(email)) or sweep(desk, email).user_id
    if not user_id:
        raise unknown_learner(f"no user id is known for {email}, and none was found in our courses")
    desk.journal.remember(key, user_id)
    return user_id


def _still(desk: Desk, email: str, user_id: str | None) -> str | None:
    """The id, if it is still that of the address: what we know may be out of date, and somebody
    else must not be changed."""
    if user_id is None:
        return None
    try:
        told = desk.client.user(user_id).get("email")
    except CourseboxError as error:
        if error.kind is not Kind.NO_SUCH_RECORD:
            raise
        told = ""
    if not isinstance(told, str):
        raise unknown_learner(
            f"Coursebox tells user {user_id}, who is remembered for {email}, without an address: "
            "nobody can say whether it is the same person; nothing was changed"
        )
    if told.strip().lower() == email:
        return user_id
    desk.directory.forget(email, user_id)
    return None


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
    return email, _if_valid(lambda: sure_id(params.get("user_id"), "the user id", action))


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


def _has(desk: Desk, user_id: str, attributes: Mapping[str, object]) -> bool:
    record = desk.client.user(user_id)
    return all(name in record and record[name] == attributes[name] for name in attributes)


def _updated(desk: Desk, user_id: str, attributes: Mapping[str, object]) -> Done:
    email = attributes.get("email")
    if isinstance(email, str):
        desk.directory.learn(email, user_id)
    return Done(Outcome.UPDATED, f"changed: {', '.join(sorted(attributes))}")
