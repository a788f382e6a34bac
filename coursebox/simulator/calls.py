"""The twelve calls of the vendor's guide: what each takes, does and answers."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from coursebox.simulator import errors
from coursebox.simulator.errors import ApiError
from coursebox.simulator.ids import Id, WrongId
from coursebox.simulator.state import Activity, Course, Invitation, Seat, User, World, iso
from coursebox.simulator.switches import DuplicateAccount, DuplicateEnrolment, Invited

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
LONGEST_PASSWORD = 72  # bytes, as bcrypt cuts there


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised call. `late` and `unlisted_after` come from a fault, see faults.py."""

    world: World
    credentials: tuple[str, str]
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, object]
    late: float = 0.0
    unlisted_after: int | None = None


# what a call may say


def _id_in_json(call: Call, value: object, argument: str) -> Id:
    if value is None:
        raise errors.required(argument)
    try:
        return call.world.ids.from_json(value)
    except WrongId as error:
        raise ApiError(400, str(error)) from None


def _id_in_text(call: Call, text: str | None, argument: str) -> Id:
    if not text:
        raise errors.required(argument)
    try:
        return call.world.ids.from_text(text)
    except WrongId as error:
        raise ApiError(400, str(error)) from None


def _object(value: object, argument: str) -> Mapping[str, object]:
    if value is None:
        raise errors.required(argument)
    if not isinstance(value, dict):
        raise ApiError(400, "Value is not an object.")
    return value


def _json_argument(call: Call, argument: str) -> Mapping[str, object]:
    try:
        return _object(json.loads(call.query.get(argument) or "{}"), argument)
    except json.JSONDecodeError:
        raise ApiError(400, "Value is not an object.") from None


def _text(values: Mapping[str, object], key: str) -> str:
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise ApiError(400, "Value is not a string.")
    return value or ""


def _administered(call: Call, course_id: Id) -> Course:
    course = call.world.course(course_id)
    if course is None:
        raise errors.not_found("Course", course_id)
    if not call.world.administers(course_id):
        raise errors.authorization_required()
    return course


def _known_user(call: Call, user_id: Id) -> User:
    user = call.world.user(user_id)
    if user is None:
        raise errors.not_found("WineUser", user_id)
    return user


def _course_in_path(call: Call) -> Course:
    return _administered(call, _id_in_text(call, call.path["course"], "id"))


def _same_id_in_body(call: Call, expected: Id) -> None:
    if _id_in_json(call, call.body.get("id"), "id") != expected:
        raise ApiError(400, "id in the body is not the id in the address")


# how things are shown


def _user_shown(user: User) -> dict[str, object]:
    return {
        **user.attributes,
        "id": user.id,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "fullName": f"{user.first_name} {user.last_name}".strip(),
        "createdAt": iso(user.created),
    }


def _course_shown(course: Course) -> dict[str, object]:
    return {"id": course.id, "title": course.title, "isPublished": True}


def _activity_shown(activity: Activity) -> dict[str, object]:
    content = f"<p>{activity.title}: sample content.</p>"
    return {
        "id": activity.id,
        "courseId": activity.course_id,
        "title": activity.title,
        "content": content,
    }


def _invitation_shown(invitation: Invitation) -> dict[str, object]:
    return {
        "courseId": invitation.course_id,
        "email": invitation.email,
        "status": "accepted" if invitation.accepted else "pending",
    }


def _seat_shown(seat: Seat, course_id: Id) -> dict[str, object]:
    return {
        "id": seat.number,
        "courseId": course_id,
        "userId": seat.user_id,
        "createdAt": iso(seat.since),
    }


# the calls


def login(call: Call) -> object:
    email, password = _text(call.body, "email"), _text(call.body, "password")
    if not email:
        raise ApiError(400, "username or email is required", code="USERNAME_EMAIL_REQUIRED")
    if (email.lower(), password) != (call.credentials[0].lower(), call.credentials[1]):
        raise errors.login_failed()
    token = call.world.issue_token()
    return {
        "token": {
            "id": token.id,
            "ttl": int(token.ttl),
            "created": iso(token.created),
            "userId": call.world.api_user_id,
        }
    }


def create_account(call: Call) -> object:
    given = _object(_object(call.body.get("data"), "data").get("user"), "user")
    email, password = _text(given, "email").strip(), _text(given, "password")
    _check_account(email, password)
    mode = call.world.switches.duplicate_account
    found = call.world.user_by_email(email, case_matters=mode is DuplicateAccount.CASE_SENSITIVE)
    if found is not None:
        return DUPLICATE_ACCOUNTS[mode](found)
    user = call.world.add_user(email, _text(given, "firstName"), _text(given, "lastName"))
    return _user_shown(user)


def _check_account(email: str, password: str) -> None:
    if not email:
        raise errors.invalid_user("email", "presence", "can't be blank")
    if not EMAIL.match(email):
        raise errors.invalid_user("email", "custom.email", "Must provide a valid email")
    if not password:
        raise ApiError(422, "Invalid password.", code="INVALID_PASSWORD")
    if len(password.encode()) > LONGEST_PASSWORD:
        raise ApiError(
            422,
            f"The password entered was too long. Max length is {LONGEST_PASSWORD}",
            code="PASSWORD_TOO_LONG",
        )


def _not_unique(_: User) -> object:
    raise errors.invalid_user("email", "uniqueness", "Email already exists")


def _account_exists(_: User) -> object:
    raise ApiError(400, "An account with this email already exists")


def _account_trouble(_: User) -> object:
    raise errors.hidden()


DUPLICATE_ACCOUNTS: Mapping[DuplicateAccount, Callable[[User], object]] = MappingProxyType(
    {
        DuplicateAccount.UNIQUENESS: _not_unique,
        DuplicateAccount.TEXT: _account_exists,
        DuplicateAccount.HIDDEN: _account_trouble,
        DuplicateAccount.EXISTING: _user_shown,
        DuplicateAccount.CASE_SENSITIVE: _not_unique,
    }
)


def get_user(call: Call) -> object:
    return _user_shown(_known_user(call, _id_in_text(call, call.path["user"], "id")))


def update_main_attributes(call: Call) -> object:
    user_id = _id_in_text(call, call.query.get("id"), "id")
    _same_id_in_body(call, user_id)
    attributes = _object(call.body.get("attributes"), "attributes")
    user = _known_user(call, user_id)
    email = _text(attributes, "email")
    taken = call.world.user_by_email(email) if email else None
    if taken is not None and taken.id != user_id:
        raise errors.invalid_user("email", "uniqueness", "Email already exists")
    allowed = {key: value for key, value in attributes.items() if key != "id"}
    return _user_shown(call.world.change_user(user, allowed))


def invite_user_for_course(call: Call) -> object:
    data = _object(call.body.get("data"), "data")
    course_id = _id_in_json(call, call.body.get("courseId"), "courseId")
    if _id_in_json(call, data.get("courseid"), "data.courseid") != course_id:
        raise ApiError(400, "data.courseid is not courseId")
    course, email = _administered(call, course_id), _text(data, "email").strip()
    if not EMAIL.match(email):
        raise errors.invalid_user("email", "custom.email", "Must provide a valid email")
    invitation = call.world.invite(
        course.id, email, _text(data, "firstName"), _text(data, "lastName")
    )
    if call.world.switches.invited is Invited.LISTED:
        call.world.accept(course.id, email)
    return _invitation_shown(invitation)


def enrol_user(call: Call) -> object:
    course = _course_in_path(call)
    _same_id_in_body(call, course.id)
    user = _known_user(call, _id_in_json(call, call.body.get("userId"), "userId"))
    seats = call.world.seats(course.id)
    taken = next((seat for seat in seats if seat.user_id == user.id), None)
    if taken is not None:
        return DUPLICATE_ENROLMENTS[call.world.switches.duplicate_enrolment](call, user, taken)
    return _seat_shown(call.world.seat(user, course.id, late=call.late), course.id)


def _same_seat(call: Call, _: User, taken: Seat) -> object:
    return _seat_shown(taken, _course_in_path(call).id)


def _seat_refused(*_: object) -> object:
    raise ApiError(400, "User is already enrolled in this course")


def _seat_trouble(*_: object) -> object:
    raise errors.hidden()


def _second_seat(call: Call, user: User, _: Seat) -> object:
    course = _course_in_path(call)
    return _seat_shown(call.world.seat(user, course.id, late=call.late), course.id)


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
    course = _course_in_path(call)
    if not call.query.get("userid"):
        return {"count": call.world.spring_trap(course.id)}
    user_id = _id_in_text(call, call.query["userid"], "userid")
    return {"count": call.world.unseat([user_id], course.id)}


def find_courses(call: Call) -> object:
    mine = _json_argument(call, "pageOptions").get("my") is True
    return [
        _course_shown(course)
        for course in call.world.courses()
        if not mine or call.world.administers(course.id)
    ]


def find_course(call: Call) -> object:
    course = _administered(call, _id_in_text(call, call.query.get("id"), "id"))
    activities = [{"id": each.id, "title": each.title} for each in call.world.activities(course.id)]
    return {**_course_shown(course), "activities": activities}


def get_activity(call: Call) -> object:
    activity_id = _id_in_text(call, call.path["activity"], "id")
    activity = call.world.activity(activity_id)
    if activity is None:
        raise errors.not_found("Activity", activity_id)
    _administered(call, activity.course_id)
    return _activity_shown(activity)


def all_learners(call: Call) -> object:
    course, now = _course_in_path(call), call.world.now()
    last = call.unlisted_after
    listed = [
        seat
        for seat in call.world.seats(course.id)
        if seat.listed_from <= now and (last is None or seat.number <= last)
    ]
    return [
        {**_user_shown(_known_user(call, seat.user_id)), "enrolledAt": iso(seat.since)}
        for seat in listed
    ]


def get_user_for_mentio(call: Call) -> object:
    params = _json_argument(call, "params")
    ids = params.get("ids")
    if not isinstance(ids, str):
        raise ApiError(400, "Value is not a string.") if ids else errors.required("ids")
    _administered(call, _id_in_text(call, ids, "ids"))
    return [_user_shown(_known_user(call, call.world.api_user_id))]
