"""The table of the twelve calls, by the addresses that the vendor's guide gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coursebox.simulator.arguments import Call
from coursebox.simulator.calls import (
    all_learners,
    create_account,
    enrol_user,
    find_course,
    find_courses,
    get_activity,
    get_user,
    get_user_for_mentio,
    invite_user_for_course,
    remove_user,
    update_main_attributes,
)
from coursebox.simulator.signing_in import login
from coursebox.simulator.state import World


@dataclass(frozen=True, slots=True)
class Route:
    """One call: its name in the log and in faults, its address, what it does, and `own`, the word
    for what it answers."""

    call: str
    method: str
    address: str
    perform: Callable[[Call], object]
    own: str
    writes: bool = False
    needs_token: bool = True

    def match(self, method: str, segments: tuple[str, ...]) -> dict[str, str] | None:
        """The values of the address's {names}, or None where the request is another's."""
        wanted = self.address.split("/")
        if method != self.method or len(wanted) != len(segments):
            return None
        values: dict[str, str] = {}
        for want, got in zip(wanted, segments, strict=True):
            if want.startswith("{") and got:
                values[want.strip("{}")] = got
            elif want != got:
                return None
        return values


ROUTES: tuple[Route, ...] = (
    Route("login", "POST", "/auth/login", login, "token", needs_token=False),
    Route(
        "createAccount",
        "POST",
        "/api/wineusers/createAccount",
        create_account,
        "user",
        writes=True,
    ),
    Route(
        "updateMainAttributes",
        "POST",
        "/api/WineUsers/updateMainAttributes",
        update_main_attributes,
        "user",
        writes=True,
    ),
    Route(
        "getUserForMentio",
        "GET",
        "/api/WineUsers/getUserForMentio",
        get_user_for_mentio,
        "users",
    ),
    Route("getUser", "GET", "/api/WineUsers/{user}", get_user, "user"),
    Route(
        "inviteUserForCourse",
        "POST",
        "/api/Courses/inviteUserForCourse",
        invite_user_for_course,
        "invitation",
        writes=True,
    ),
    Route(
        "enrolUser",
        "POST",
        "/api/Courses/{course}/enrolUser",
        enrol_user,
        "enrolment",
        writes=True,
    ),
    Route(
        "removeUser",
        "DELETE",
        "/api/Courses/{course}/users",
        remove_user,
        "removed",
        writes=True,
    ),
    Route("findCourses", "GET", "/api/Courses/findCourses", find_courses, "courses"),
    Route("findCourse", "GET", "/api/Courses/findCourse", find_course, "course"),
    Route("getActivity", "GET", "/api/Activities/{activity}", get_activity, "activity"),
    Route("allLearners", "GET", "/api/Courses/{course}/allLearners", all_learners, "learners"),
)

UNKNOWN_CALL = "unknown"
CALL_NAMES: tuple[str, ...] = tuple(route.call for route in ROUTES)


def find_route(method: str, segments: tuple[str, ...]) -> tuple[Route, dict[str, str]] | None:
    """The route that takes this request, with the values of its address."""
    for route in ROUTES:
        values = route.match(method, segments)
        if values is not None:
            return route, values
    return None


def subjects(world: World, *parts: object) -> tuple[str, ...]:
    """All ids and e-mails that a call names, and the e-mail behind each user id, as text."""
    named: list[str] = []
    pending = list(parts)
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            pending += [each for key, each in value.items() if key != "password"]
        elif isinstance(value, str | int):
            named.append(str(value))
    people = {str(user.id): user.email for user in world.users()}
    return (*named, *(people[name] for name in named if name in people))
