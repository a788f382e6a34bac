"""What a rule can look up in Coursebox: the six reads of the API as plain JSON values, by name."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Final

from coursebox.client import Coursebox
from coursebox.ids import clean_course_id, clean_id
from coursebox.params import Params, required


def _user(client: Coursebox, params: Params) -> object:
    return client.user(clean_id(params.get("user_id"), "the user id", "user"))


def _activity(client: Coursebox, params: Params) -> object:
    return client.activity(clean_id(params.get("activity_id"), "the activity id", "activity"))


def _course(client: Coursebox, params: Params) -> object:
    return client.course(clean_course_id(params.get("course_id"), "course"))


def _learners(client: Coursebox, params: Params) -> object:
    """Everybody in a course; with an e-mail address, only that person: one entry, or none."""
    course_id = clean_course_id(params.get("course_id"), "learners")
    whose = None if params.get("email") is None else required(params, "email", "learners").lower()
    listed = client.learners(course_id)
    return [asdict(each) for each in listed if whose is None or each.email == whose]


def _admins(client: Coursebox, params: Params) -> object:
    return client.admins(clean_course_id(params.get("course_id"), "admins"))


def _courses(client: Coursebox, _: Params) -> object:
    return client.courses()


LOOK_UP: Final[Mapping[str, Callable[[Coursebox, Params], object]]] = MappingProxyType(
    {
        "coursebox.user": _user,
        "coursebox.course": _course,
        "coursebox.courses": _courses,
        "coursebox.activity": _activity,
        "coursebox.learners": _learners,
        "coursebox.admins": _admins,
    }
)
