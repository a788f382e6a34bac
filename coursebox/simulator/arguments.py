"""What a call says: its ids, e-mails and objects, read as strictly as LoopBack reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from coursebox.simulator import errors
from coursebox.simulator.errors import ApiError
from coursebox.simulator.ids import Id, WrongId
from coursebox.simulator.state import Course, User, World


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised call. `late` and `unlisted_after` come from a fault, see faults.py."""

    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, object]
    late: float = 0.0
    unlisted_after: int | None = None


def id_in_json(call: Call, value: object, argument: str) -> Id:
    if value is None:
        raise errors.required(argument)
    try:
        return call.world.ids.from_json(value)
    except WrongId as error:
        raise ApiError(400, str(error)) from None


def id_in_text(call: Call, text: str | None, argument: str) -> Id:
    if not text:
        raise errors.required(argument)
    try:
        return call.world.ids.from_text(text)
    except WrongId as error:
        raise ApiError(400, str(error)) from None


def object_of(value: object, argument: str) -> Mapping[str, object]:
    if value is None:
        raise errors.required(argument)
    if not isinstance(value, dict):
        raise ApiError(400, "Value is not an object.")
    return value


def json_argument(call: Call, argument: str) -> Mapping[str, object]:
    try:
        return object_of(json.loads(call.query.get(argument) or "{}"), argument)
    except (ValueError, RecursionError):
        raise ApiError(400, "Value is not an object.") from None


def text_of(values: Mapping[str, object], key: str) -> str:
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise ApiError(400, "Value is not a string.")
    return value or ""


def administered(call: Call, course_id: Id) -> Course:
    course = call.world.course(course_id)
    if course is None:
        raise errors.not_found("Course", course_id)
    if not call.world.administers(course_id):
        raise errors.authorization_required()
    return course


def known_user(call: Call, user_id: Id) -> User:
    user = call.world.user(user_id)
    if user is None:
        raise errors.not_found("WineUser", user_id)
    return user


def course_in_path(call: Call) -> Course:
    return administered(call, id_in_text(call, call.path["course"], "id"))


def same_id_in_body(call: Call, expected: Id) -> None:
    if id_in_json(call, call.body.get("id"), "id") != expected:
        raise ApiError(400, "id in the body is not the id in the address")
