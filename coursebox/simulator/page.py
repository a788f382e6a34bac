"""The page that a person watches while rules are tried out: who arrived, and what was asked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from html import escape
from types import MappingProxyType

from coursebox.simulator.exchange import CallLog, LoggedCall, Reply
from coursebox.simulator.faults import Fault, Waiting
from coursebox.simulator.page_parts import PAGE, PAUSE, PAUSED, RELOAD, STYLE
from coursebox.simulator.state import Cause, Course, Invitation, Seat, Spring, World, iso
from coursebox.simulator.switches import SWITCHES, Switches

HTML = "text/html; charset=utf-8"
# no script and nothing from elsewhere, whatever name somebody gives a learner
SAFETY: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
        "Cache-Control": "no-store",
    }
)
CALLS_SHOWN, LEARNERS_SHOWN, INVITATIONS_SHOWN = 20, 50, 50
NEW_FOR = 10.0  # seconds
BACKTICKS = re.compile("`([^`]*)`")

WHY_EMPTIED: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.MISSING: "a DELETE without userid",
        Cause.EMPTY: "a DELETE with an empty userid",
        Cause.MISSPELT: "a DELETE whose userid was misspelt",
        Cause.EVERYBODY: "a DELETE with a correct userid, as the switch unenrol says",
    }
)


class Markup(str):
    """HTML that is safe to show as it is; any other text is escaped."""

    __slots__ = ()


def overview(
    world: World, log: CallLog, waiting: Sequence[Waiting], *, paused: bool = False
) -> Reply:
    """The whole page, newest things first."""
    sections = (
        _alarms(world),
        _courses(world),
        _invitations(world),
        _calls(world, log),
        _trouble(waiting),
        _switches(world.switches),
    )
    text = PAGE.format(
        reload="" if paused else RELOAD,
        title="Trap sprung! Coursebox simulator" if world.springs else "Coursebox simulator",
        style=STYLE,
        facts=_facts(world, log),
        pause=PAUSED if paused else PAUSE,
        sections="\n".join(each for each in sections if each),
    )
    return Reply(200, text.encode("utf-8", "replace"), HTML, SAFETY)


def _facts(world: World, log: CallLog) -> str:
    people = _counted(len(world.users()) - 1, "person", "people")
    log_ins = _counted(world.access.log_ins.total(), "log-in", "log-ins")
    calls = _counted(log.count, "call", "calls")
    clock = iso(world.now())
    return f"{people} with an account · {calls} · {log_ins} · it is {clock[11:19]} UTC"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


# what is wrong


def _alarms(world: World) -> str:
    alarms = [_sprung(world, each) for each in world.springs[-5:][::-1]]
    if world.access.locked:
        alarms.append("The API user is locked after failed log-ins; a reset opens it again.")
    return "".join(f'<p class="alarm" role="alert">{escape(each)}</p>' for each in alarms)


def _sprung(world: World, spring: Spring) -> str:
    course = world.course(spring.course)
    title = f"{course.title} ({spring.course})" if course else str(spring.course)
    seats = _counted(spring.removed, "seat", "seats")
    return (
        f"The trap has sprung: {WHY_EMPTIED[spring.cause]} has emptied a course: {title}, "
        f"{seats} lost at {iso(spring.time)[11:19]} UTC."
    )


# who arrived


def _courses(world: World) -> str:
    cards = "".join(_course(world, each) for each in world.courses())
    return f'<section><h2>Courses</h2><div class="courses">{cards}</div></section>'


def _course(world: World, course: Course) -> str:
    seats = world.seats(course.id)[::-1]
    shown, earlier = seats[:LEARNERS_SHOWN], len(seats[LEARNERS_SHOWN:])
    about = "" if world.administers(course.id) else " · not administered by the API user"
    count = _counted(len(seats), "learner", "learners")
    people = "".join(_learner(world, each) for each in shown)
    body = f'<ul class="people">{people}</ul>' if people else ""
    more = f'<p class="faint">and {earlier} who came earlier</p>' if earlier else ""
    return (
        f'<section class="card"><h3>{escape(course.title)}</h3>'
        f'<p class="faint">{count} · {escape(str(course.id))}{about}</p>{body}{more}</section>'
    )


def _learner(world: World, seat: Seat) -> str:
    user = world.user(seat.user_id)
    if user is None:
        return ""
    name = escape(f"{user.first_name} {user.last_name}".strip())
    who = f"<strong>{name}</strong><br>" if name else ""
    late = " · not listed yet" if seat.listed_from > world.now() else ""
    return (
        f"<li>{who}{escape(user.email)}<br>"
        f'<span class="faint">{seat.how} {_since(world, seat.since)}{late} · '
        f"{escape(str(user.id))}</span></li>"
    )


def _since(world: World, moment: float) -> Markup:
    age = max(0.0, world.now() - moment)
    new = ' <span class="tag new">new</span>' if age < NEW_FOR else ""
    return Markup(f'<time datetime="{iso(moment)}">{_ago(age)}</time>{new}')


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"


def _invitations(world: World) -> str:
    waiting = [each for each in world.invitations() if not each.accepted]
    newest = sorted(waiting, key=lambda each: each.sent, reverse=True)[:INVITATIONS_SHOWN]
    table = _table(
        ("Invited", "Course", "Last mail", "Mails"), [_invited(world, each) for each in newest]
    )
    heading = f"Invitations waiting ({len(waiting)})"
    return f'<section><h2>{heading}</h2><div class="card">{table}</div></section>' if table else ""


def _invited(world: World, invitation: Invitation) -> tuple[object, ...]:
    course = world.course(invitation.course_id)
    title = f"{course.title} ({course.id})" if course else invitation.course_id
    return (invitation.email, title, _since(world, invitation.sent), invitation.mails)


# what was asked


def _calls(world: World, log: CallLog) -> str:
    headings = ("Time", "Call", "Status", "Fault", "At once", "Address")
    table = _table(headings, [_call(each) for each in log.last(CALLS_SHOWN)])
    body = table or '<p class="faint">No calls yet.</p>'
    heading = f"The last {CALLS_SHOWN} calls" if log.count > CALLS_SHOWN else "Calls"
    return f'<section class="calls"><h2>{heading}</h2><div class="card">{body}</div></section>'


def _call(call: LoggedCall) -> tuple[object, ...]:
    return (
        Markup(f'<span class="short">{iso(call.time)[11:23]}</span>'),
        call.call,
        _status(call),
        _tagged(call.fault, "set") if call.fault else "",
        call.at_once,
        Markup(f"<code>{escape(call.method)} {escape(call.path)}</code>"),
    )


def _status(call: LoggedCall) -> Markup:
    if call.finished is None:
        return _tagged("being answered", "set")
    if call.status is None:
        return _tagged("dropped", "bad")
    return _tagged(str(call.status), "bad" if call.status >= 400 else "new")


def _tagged(text: str, kind: str) -> Markup:
    return Markup(f'<span class="tag {kind}">{escape(text)}</span>')


# what is set


def _trouble(waiting: Sequence[Waiting]) -> str:
    rows = [(each.fault.fault, each.fault.call, _asked(each.fault), each.used) for each in waiting]
    table = _table(("Fault", "Call", "Set to", "Met"), rows)
    heading = "Trouble in line"
    return f'<section><h2>{heading}</h2><div class="card">{table}</div></section>' if table else ""


def _asked(fault: Fault) -> str:
    """The parts that differ from what they are without saying."""
    usual = Fault(fault.call, fault.fault)
    names = [each.name for each in fields(Fault)]
    return ", ".join(
        f"{name} {_plain(getattr(fault, name))}"
        for name in names
        if getattr(fault, name) != getattr(usual, name)
    )


def _switches(switches: Switches) -> str:
    usual = Switches()
    rows = [
        (
            Markup(f'<span class="short">{name}</span>'),
            _setting(getattr(switches, name), getattr(usual, name)),
            Markup(BACKTICKS.sub(r"<code>\1</code>", escape(switch.meaning))),
        )
        for name, switch in SWITCHES.items()
    ]
    table = _table(("Switch", "Value", "What it sets"), rows)
    return f'<section><h2>Switches in use</h2><div class="card">{table}</div></section>'


def _setting(value: object, usual: object) -> object:
    shown = _plain(value)
    return shown if value == usual else _tagged(f"{shown} (changed)", "set")


def _plain(value: object) -> str:
    match value:
        case None:
            return "null"
        case float():
            return f"{value:g}" if value < 1e6 else f"{value:.0f}"
        case tuple():
            return ", ".join(str(each) for each in value) or "none"
        case _:
            return str(value)


def _table(headings: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    """A table, or nothing where it would be empty; on a phone each row becomes a block."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{each}</th>' for each in headings)
    body = "".join(f"<tr>{_cells(headings, row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(headings: tuple[str, ...], row: Iterable[object]) -> str:
    return "".join(_cell(heading, cell) for heading, cell in zip(headings, row, strict=True))


def _cell(heading: str, cell: object) -> str:
    if cell == "":
        return "<td></td>"
    shown = cell if isinstance(cell, Markup) else escape(str(cell))
    return f'<td data-label="{heading}">{shown}</td>'
