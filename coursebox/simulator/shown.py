"""How people, courses, seats and tokens look in a reply."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from coursebox.simulator.ids import Id
from coursebox.simulator.state import Activity, Course, Invitation, Seat, User, iso
from coursebox.simulator.switches import LearnerRows, TokenReply


def user_shown(user: User) -> dict[str, object]:
    return {
        **user.attributes,
        "id": user.id,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "fullName": f"{user.first_name} {user.last_name}".strip(),
        "created": iso(user.created),
        "createdAt": iso(user.created),
        "lastUpdated": iso(user.updated),
        "updatedAt": iso(user.updated),
    }


def course_shown(course: Course) -> dict[str, object]:
    return {"id": course.id, "title": course.title, "isPublished": True}


def activity_shown(activity: Activity) -> dict[str, object]:
    content = f"<p>{activity.title}: sample content.</p>"
    return {
        "id": activity.id,
        "courseId": activity.course_id,
        "title": activity.title,
        "content": content,
    }


def invitation_shown(invitation: Invitation) -> dict[str, object]:
    return {
        "courseId": invitation.course_id,
        "email": invitation.email,
        "status": "accepted" if invitation.accepted else "pending",
    }


def seat_shown(seat: Seat, course_id: Id) -> dict[str, object]:
    return {
        "id": seat.id,
        "courseId": course_id,
        "userId": seat.user_id,
        "createdAt": iso(seat.since),
    }


TOKEN_REPLIES: Mapping[TokenReply, Callable[[dict[str, object]], object]] = MappingProxyType(
    {
        TokenReply.NESTED: lambda shown: {"token": shown},
        TokenReply.TEXT: lambda shown: {"token": shown["id"]},
        TokenReply.FLAT: lambda shown: shown,
    }
)


def _flat_row(user: User, seat: Seat) -> dict[str, object]:
    return {**user_shown(user), "enrolledAt": iso(seat.since)}


def _nested_row(user: User, seat: Seat) -> dict[str, object]:
    return {"userId": user.id, "user": user_shown(user), "enrolledAt": iso(seat.since)}


LEARNER_ROWS: Mapping[LearnerRows, Callable[[User, Seat], dict[str, object]]] = MappingProxyType(
    {LearnerRows.FLAT: _flat_row, LearnerRows.NESTED: _nested_row}
)
