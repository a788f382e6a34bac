"""The calls of the vendor's guide but for the log-in: what each does and answers."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from coursebox.simulator import errors
from coursebox.simulator.arguments import (
    Call,
    administered,
    course_in_path,
    id_in_json,
    id_in_text,
    json_argument,
    known_user,
    object_of,
    same_id_in_body,
    text_of,
)
from coursebox.simulator.errors import ApiError
from coursebox.simulator.shown import (
    LEARNER_ROWS,
    activity_shown,
    course_shown,
    invitation_shown,
    seat_shown,
    user_shown,
)
from coursebox.simulator.state import Cause, Seat, User
from coursebox.simulator.switches import (
    DuplicateAccount,
    DuplicateEnrolment,
    Invited,
    Unenrol,
)

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
NAMES = ("firstName", "lastName")
NOT_ATTRIBUTES = frozenset({"id", "password"})
LONGEST_PASSWORD = 72  # bytes, as bcrypt cuts there


def create_account(call: Call) -> object:
    given = object_of(object_of(call.body.get("data"), "data").get("user"), "user")
    email, password = text_of(given, "email").strip(), text_of(given, "password")
    _check_account(email, password)
    mode = call.world.switches.duplicate_account
    found = call.world.user_by_email(email, case_matters=mode is DuplicateAccount.CASE_SENSITIVE)
    if found is not None:
        return DUPLICATE_ACCOUNTS[mode](found)
    user = call.world.add_user(email, text_of(given, "firstName"), text_of(given, "lastName"))
    call.world.access.keep_password(user.id, password)
    return user_shown(user)


def _check_account(email: str, password: str) -> None:
    if not email:
        raise errors.invalid_user("email", "presence", "can't be blank")
    if not EMAIL.match(email):
        raise errors.invalid_user("email", "custom.email", "Must provide a valid email")
    if not password:
        raise ApiError(422, "Invalid password.", code="INVALID_PASSWORD")
    if len(password.encode("utf-8", "surrogatepass")) > LONGEST_PASSWORD:
        raise errors.password_too_long(password, LONGEST_PASSWORD)


ACCOUNT_EXISTS = "An account with this email already exists"
SEAT_TAKEN = "User is already enrolled in this course"


def _not_unique(_: User) -> object:
    raise errors.invalid_user("email", "uniqueness", "Email already exists")


def _account_exists(_: User) -> object:
    raise ApiError(400, ACCOUNT_EXISTS)


def _account_trouble(_: User) -> object:
    raise errors.hidden(ACCOUNT_EXISTS)


DUPLICATE_ACCOUNTS: Mapping[DuplicateAccount, Callable[[User], object]] = MappingProxyType(
    {
        DuplicateAccount.UNIQUENESS: _not_unique,
        DuplicateAccount.TEXT: _account_exists,
        DuplicateAccount.HIDDEN: _account_trouble,
        DuplicateAccount.EXISTING: user_shown,
        DuplicateAccount.CASE_SENSITIVE: _not_unique,
    }
)


def get_user(call: Call) -> object:
    return user_shown(known_user(call, id_in_text(call, call.path["user"], "id")))


def update_main_attributes(call: Call) -> object:
    user_id = id_in_text(call, call.query.get("id"), "id")
    same_id_in_body(call, user_id)
    attributes = object_of(call.body.get("attributes"), "attributes")
    user = known_user(call, user_id)
    if attributes.get("email") is not None:
        _check_new_email(call, user, text_of(attributes, "email"))
    names = {key: text_of(attributes, key) for key in NAMES if key in attributes}
    kept = {key: value for key, value in attributes.items() if key not in NOT_ATTRIBUTES}
    return user_shown(call.world.change_user(user, {**kept, **names}))


def _check_new_email(call: Call, user: User, email: str) -> None:
    if not EMAIL.match(email):
        raise errors.invalid_user("email", "custom.email", "Must provide a valid email")
    taken = call.world.user_by_email(email)
    if taken is not None and taken.id != user.id:
        raise errors.invalid_user("email", "uniqueness", "Email already exists")


def invite_user_for_course(call: Call) -> object:
    data = object_of(call.body.get("data"), "data")
    course_id = id_in_json(call, call.body.get("courseId"), "courseId")
    if id_in_json(call, data.get("courseid"), "data.courseid") != course_id:
        raise ApiError(400, "data.courseid is not courseId")
    course, email = administered(call, course_id), text_of(data, "email").strip()
    if not EMAIL.match(email):
        raise errors.invalid_user("email", "custom.email", "Must provide a valid email")
    invitation = call.world.invite(
        course.id, email, text_of(data, "firstName"), text_of(data, "lastName")
    )
    if call.world.switches.invited is Invited.LISTED:
        call.world.accept(course.id, email)
    return invitation_shown(invitation)


def enrol_user(call: Call) -> object:
    course = course_in_path(call)
    same_id_in_body(call, course.id)
    user = known_user(call, id_in_json(call, call.body.get("userId"), "userId"))
    seats = call.world.seats(course.id)
    taken = next((seat for seat in seats if seat.user_id == user.id), None)
    if taken is not None:
        return DUPLICATE_ENROLMENTS[call.world.switches.duplicate_enrolment](call, user, taken)
    return seat_shown(call.world.seat(user, course.id, late=call.late), course.id)


def _same_seat(call: Call, _: User, taken: Seat) -> object:
    return seat_shown(taken, course_in_path(call).id)


def _seat_refused(*_: object) -> object:
    raise ApiError(400, SEAT_TAKEN)


def _seat_trouble(*_: object) -> object:
    raise errors.hidden(SEAT_TAKEN)


def _second_seat(call: Call, user: User, _: Seat) -> object:
    course = course_in_path(call)
    return seat_shown(call.world.seat(user, course.id, late=call.late), course.id)


DUPLICATE_ENROLMENTS: Mapping[DuplicateEnrolment, Callable[[Call, User, Seat], object]] = (
    MappingProxyType(
        {
            DuplicateEnrolment.NO_OP: _same_seat,
            DuplicateEnrolment.TEXT: _seat_refused,
            DuplicateEnrolment.HIDDEN: _seat_trouble,
            DuplicateEnrolment.SECOND_ROW: _second_seat,
        }
    )
)


def remove_user(call: Call) -> object:
    course = course_in_path(call)
    cause = _names_nobody(call)
    if cause is None:
        user_id = id_in_text(call, call.query["userid"], "userid")
        if call.world.switches.unenrol is Unenrol.ONE:
            return {"count": call.world.unseat([user_id], course.id)}
    return {"count": call.world.spring_trap(course.id, cause or Cause.EVERYBODY)}


def _names_nobody(call: Call) -> Cause | None:
    if call.query.get("userid"):
        return None
    if "userid" in call.query:
        return Cause.EMPTY
    return Cause.MISSPELT if call.query else Cause.MISSING


def find_courses(call: Call) -> object:
    mine = json_argument(call, "pageOptions").get("my") is True
    return [
        course_shown(course)
        for course in call.world.courses()
        if not mine or call.world.administers(course.id)
    ]


def find_course(call: Call) -> object:
    course = administered(call, id_in_text(call, call.query.get("id"), "id"))
    activities = [{"id": each.id, "title": each.title} for each in call.world.activities(course.id)]
    return {**course_shown(course), "activities": activities}


def get_activity(call: Call) -> object:
    activity_id = id_in_text(call, call.path["activity"], "id")
    activity = call.world.activity(activity_id)
    if activity is None:
        raise errors.not_found("Activity", activity_id)
    administered(call, activity.course_id)
    return activity_shown(activity)


def all_learners(call: Call) -> object:
    course, now = course_in_path(call), call.world.now()
    last = call.unlisted_after
    listed = [
        seat
        for seat in call.world.seats(course.id)
        if seat.listed_from <= now and (last is None or seat.number <= last)
    ]
    show = LEARNER_ROWS[call.world.switches.learner_rows]
    return [show(known_user(call, seat.user_id), seat) for seat in listed]


def get_user_for_mentio(call: Call) -> object:
    params = json_argument(call, "params")
    ids = params.get("ids")
    if not isinstance(ids, str):
        raise ApiError(400, "Value is not a string.") if ids else errors.required("ids")
    administered(call, id_in_text(call, ids, "ids"))
    return [user_shown(known_user(call, call.world.api_user_id))]
