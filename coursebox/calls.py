"""The twelve calls of the vendor's guide, as a table (CALLS): coursebox/client.py makes them,
errors.py words their failures."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `doing` completes "... failed"; `writes` says that it changes something."""

    name: str
    method: str
    path: str
    doing: str
    writes: bool = False

    def at(self, **ids: str) -> str:
        """The path with ids (already quoted) in their places."""
        return self.path.format(**ids)


LOGIN: Final = Call("login", "POST", "/auth/login", "Logging in to Coursebox")
# The same request as somebody else, whose password is still in hand. What it answers says nothing
# of our own log-in, so it is another call.
SIGN_IN: Final = Call("sign_in", "POST", "/auth/login", "Logging in to a new account")
CREATE_ACCOUNT: Final = Call(
    "create_account", "POST", "/api/wineusers/createAccount", "Creating an account", writes=True
)
USER: Final = Call("user", "GET", "/api/WineUsers/{user}", "Reading a user")
UPDATE_USER: Final = Call(
    "update_user", "POST", "/api/WineUsers/updateMainAttributes", "Changing a user", writes=True
)
INVITE: Final = Call(
    "invite", "POST", "/api/Courses/inviteUserForCourse", "Inviting a learner", writes=True
)
ENROL_USER: Final = Call(
    "enrol_user", "POST", "/api/Courses/{course}/enrolUser", "Enrolling a learner", writes=True
)
REMOVE_USER: Final = Call(
    "remove_user",
    "DELETE",
    "/api/Courses/{course}/users",
    "Removing a learner from a course",
    writes=True,
)
COURSES: Final = Call("courses", "GET", "/api/Courses/findCourses", "Listing the courses")
COURSE: Final = Call("course", "GET", "/api/Courses/findCourse", "Reading a course")
ACTIVITY: Final = Call("activity", "GET", "/api/Activities/{activity}", "Reading an activity")
LEARNERS: Final = Call(
    "learners", "GET", "/api/Courses/{course}/allLearners", "Listing the learners of a course"
)
ADMINS: Final = Call(
    "admins",
    "GET",
    "/api/WineUsers/getUserForMentio",
    "Listing the administrators of a course",
)

CALLS: Final = (
    LOGIN, CREATE_ACCOUNT, USER, UPDATE_USER, INVITE, ENROL_USER,
    REMOVE_USER, COURSES, COURSE, ACTIVITY, LEARNERS, ADMINS,
)  # fmt: skip
