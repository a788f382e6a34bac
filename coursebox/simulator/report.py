"""What is told of the simulated world: JSON for `/__sim/state`, and who sits in a course."""

from collections import Counter
from dataclasses import asdict, fields

from coursebox.simulator.exchange import CallLog, cleaned
from coursebox.simulator.pace import Pace
from coursebox.simulator.state import Course, User, World, iso
from coursebox.simulator.switches import Switches


def snapshot(world: World, log: CallLog, pace: Pace) -> dict[str, object]:
    """The whole world as JSON."""
    return {
        "now": iso(world.now()),
        "calls": log.count,
        "most_at_once": log.most_at_once,
        "busiest_second": pace.busiest,
        "courses": [_course(world, each) for each in world.courses()],
        "accounts": [_account(each) for each in world.users() if each.id != world.api_user_id],
        "invitations": [{**asdict(each), "sent": iso(each.sent)} for each in world.invitations()],
        "effects": {
            "accounts": dict(world.effects.accounts),
            "enrolments": _by_course(world.effects.enrolments),
            "unenrolments": _by_course(world.effects.unenrolments),
            "invitation_mails": _by_course(world.effects.invitation_mails),
            "updates": dict(world.effects.updates),
        },
        "log_ins": dict(world.access.log_ins),
        "failed_log_ins": dict(world.access.failed_log_ins),
        "locked": world.access.locked,
        "unenrol_trap": {
            "sprung": bool(world.springs),
            "times": len(world.springs),
            "courses": [each.course for each in world.springs],
            "springs": [{**asdict(each), "time": iso(each.time)} for each in world.springs],
        },
        "switches": switches(world),
    }


def switches(world: World) -> dict[str, object]:
    """The switches in use as JSON."""
    return {each.name: getattr(world.switches, each.name) for each in fields(Switches)}


def _account(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "created": iso(user.created),
        "attributes": cleaned(dict(user.attributes)),
    }


def _course(world: World, course: Course) -> dict[str, object]:
    learners = []
    for seat in world.seats(course.id):
        user = world.user(seat.user_id)
        if user is not None:
            learners.append(
                {
                    "id": user.id,
                    "email": user.email,
                    "first_name": user.first_name,
                    "last_name": user.last_name,
                    "since": iso(seat.since),
                    "how": seat.how,
                    "listed": seat.listed_from <= world.now(),
                }
            )
    return {
        "id": course.id,
        "title": course.title,
        "administered": world.administers(course.id),
        "learners": learners,
    }


def _by_course(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (email, course), count in counts.items():
        nested.setdefault(course, {})[email] = count
    return nested


def emails(world: World, course: str) -> list[str]:
    """The e-mails of all who have a seat in the course, in the order of their seats."""
    users = (world.user(seat.user_id) for seat in world.seats(world.ids.chosen(course)))
    return [user.email for user in users if user is not None]
