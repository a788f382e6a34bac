"""Whom an action is about, and whom it must never be about."""

from coursebox.desk import Desk
from coursebox.errors import CourseboxError, Decision, Failure, Kind, refused
from coursebox.ids import sure_id
from coursebox.params import Params
from coursebox.people import tidy_email


def whom(params: Params, action: str) -> tuple[str | None, str | None]:
    """E-mail address and user id, one of which is given. Raises InvalidArgument."""
    email, user_id = params.get("email"), params.get("user_id")
    if email in (None, "") and user_id in (None, ""):
        raise refused(action, "neither email nor user_id is given; nothing was sent to Coursebox")
    return (
        None if email in (None, "") else tidy_email(email, action),
        None if user_id in (None, "") else sure_id(user_id, "the user id", action),
    )


def refuse_own(desk: Desk, action: str, user_id: str | None, email: str | None) -> None:
    """Raises InvalidArgument where that is the account Usher itself logs in with."""
    if desk.client.is_own(user_id, email):
        raise refused(
            action, "that is the account Usher logs in with; a rule may not change or remove it"
        )


def unknown_learner(what: str) -> CourseboxError:
    """The error where no user id can be found."""
    message = f"{what}. Give the user_id, or do it by hand in Coursebox."
    return Failure("learners", Kind.UNKNOWN_LEARNER, Decision.GIVE_UP, message).error()
