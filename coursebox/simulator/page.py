"""The HTML that the simulator shows: who sits where, and what a gateway says in trouble."""

from collections.abc import Mapping
from html import escape
from http import HTTPStatus

from coursebox.simulator.exchange import Reply
from coursebox.simulator.state import Course, World, iso

HTML = "text/html; charset=utf-8"

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>Coursebox simulator</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; color: #222 }}
section {{ border: 1px solid #ccc; border-radius: .5rem; padding: 0 1rem 1rem; margin: 1rem 0 }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }}
.none, .id {{ color: #666 }} .alarm {{ background: #fdd; padding: .5rem 1rem }}
</style></head><body>
<h1>Coursebox simulator</h1>
<p>A stand-in for the real Coursebox: nobody is enrolled and no mail is sent. This page reloads
by itself. {count} with an account, at {now}.</p>
{alarm}{courses}{invitations}
</body></html>
"""


def overview(world: World) -> Reply:
    """The page that a person watches while learners arrive."""
    people = len(world.users()) - 1
    text = PAGE.format(
        count=f"{people} {'person' if people == 1 else 'people'}",
        now=iso(world.now()),
        alarm=_alarm(world),
        courses="\n".join(_course(world, each) for each in world.courses()),
        invitations=_invitations(world),
    )
    return Reply(200, text.encode("utf-8", "replace"), HTML)


def _alarm(world: World) -> str:
    if not world.trap.times:
        return ""
    courses = ", ".join(str(each) for each in world.trap.courses)
    sentence = f"A DELETE that named no learner has emptied a course: {courses}."
    return f'<p class="alarm" role="alert">{escape(sentence)}</p>'


def _course(world: World, course: Course) -> str:
    rows = []
    for seat in world.seats(course.id):
        user = world.user(seat.user_id)
        if user is not None:
            name = f"{user.first_name} {user.last_name}".strip()
            rows.append(_row(user.id, name, user.email, iso(seat.since)))
    body = _table(("Id", "Name", "E-mail", "Since"), rows) or '<p class="none">No learners yet.</p>'
    title = f'{escape(course.title)} <span class="id">({escape(str(course.id))})</span>'
    return f"<section><h2>{title}</h2>{body}</section>"


def _invitations(world: World) -> str:
    rows = [
        _row(each.course_id, each.email, each.mails, "yes" if each.accepted else "no")
        for each in world.invitations()
    ]
    table = _table(("Course", "E-mail", "Mails", "Accepted"), rows)
    return f"<section><h2>Invitations</h2>{table}</section>" if table else ""


def _table(headings: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f"<th>{each}</th>" for each in headings)
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>" if rows else ""


def _row(*cells: object) -> str:
    return f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>"


def gateway_error(status: int, headers: Mapping[str, str]) -> Reply:
    """What a proxy before the application answers: HTML, whatever the caller accepts."""
    line = f"{status} {HTTPStatus(status).phrase}"
    text = f"<html><head><title>{line}</title></head><body><h1>{line}</h1></body></html>\n"
    return Reply(status, text.encode(), "text/html", headers)
