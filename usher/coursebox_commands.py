"""`usher coursebox`: what the portal itself says, by the six reads of its API."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Final, TypeVar, cast

import click

from coursebox.client import Coursebox
from coursebox.errors import CourseboxError, Kind
from coursebox.failures import FAILURES
from coursebox.redaction import Secrets, redact
from coursebox.replies import id_text, person
from coursebox.tokens import MemoryTokens
from usher.failing import COULD_NOT_RUN, FOUND_WRONG, Failed
from usher.output import Column, document, facts, remark, table
from workers.settings import Settings, load_settings

T = TypeVar("T")
Record = Mapping[str, object]

NEEDED: Final = ("COURSEBOX_URL", "COURSEBOX_EMAIL", "COURSEBOX_PASSWORD")
ID: Final = Column("ID", most=36)
COURSES: Final = (ID, Column("TITLE"))
LEARNERS: Final = (ID, Column("E-MAIL"))
ADMINS: Final = (ID, Column("E-MAIL", most=40), Column("NAME"))
# what an answer says of the id that was given; all else says that the portal cannot be asked
ABOUT_THE_ID: Final = frozenset({Kind.NO_SUCH_RECORD, Kind.INVALID_REQUEST, Kind.NOT_VALID})
ABOUT_THE_ADDRESS: Final = frozenset({Kind.LOGIN_UNREADABLE, Kind.REDIRECTED, Kind.WRONG_ROUTE})

ALL_COURSES: Final = "`usher coursebox courses` lists the courses with their ids."
ALL_LEARNERS: Final = "`usher coursebox learners COURSE` lists the people of a course."
ALL_ACTIVITIES: Final = "`usher coursebox course ID` lists the activities of a course."

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
course_argument = click.argument("course_id", metavar="COURSE")


@click.group()
def coursebox() -> None:
    """Read in Coursebox: courses, people, activities.

    COURSE is the id of a course or a link to it. Nothing is changed there.
    """


@coursebox.command()
@as_json_option
def courses(as_json: bool) -> None:
    """List the courses that Usher's user administers."""
    found = _without_secrets(_asked(lambda client: client.courses()))
    if as_json:
        document(found)
        return
    _list(COURSES, ([_id(each), _title(each)] for each in found))
    if not found:
        remark("The user that Usher logs in with administers no course.")


@coursebox.command()
@click.argument("course_id", metavar="ID")
@as_json_option
def course(course_id: str, as_json: bool) -> None:
    """Show a course, with all that Coursebox tells of it."""
    _show(_asked(lambda client: client.course(course_id), ALL_COURSES), as_json)


@coursebox.command()
@course_argument
@as_json_option
def learners(course_id: str, as_json: bool) -> None:
    """List everybody in a course."""
    found = _asked(lambda client: client.learners(course_id), ALL_COURSES)
    if as_json:
        document([asdict(each) for each in found])
        return
    _list(LEARNERS, ([each.user_id or "", each.email or ""] for each in found))
    if not found:
        remark("Nobody is in that course.")


@coursebox.command()
@course_argument
@as_json_option
def admins(course_id: str, as_json: bool) -> None:
    """List the administrators of a course."""
    found = _without_secrets(_asked(lambda client: client.admins(course_id), ALL_COURSES))
    if as_json:
        document(found)
        return
    _list(ADMINS, map(_admin, found))
    if not found:
        remark("That course has no administrators.")


@coursebox.command()
@click.argument("user_id", metavar="ID")
@as_json_option
def user(user_id: str, as_json: bool) -> None:
    """Show a user, by the id that Coursebox gave."""
    _show(_asked(lambda client: client.user(user_id), ALL_LEARNERS), as_json)


@coursebox.command()
@click.argument("activity_id", metavar="ID")
@as_json_option
def activity(activity_id: str, as_json: bool) -> None:
    """Show an activity: the content of one page of a course."""
    _show(_asked(lambda client: client.activity(activity_id), ALL_ACTIVITIES), as_json)


# asking


def _asked(get: Callable[[Coursebox], T], ids: str = "") -> T:
    """What the portal answers; `ids` says where ids of that kind are to be found. Raises Failed."""
    settings = load_settings()
    try:
        with _client(settings) as client:
            return get(client)
    except CourseboxError as error:
        known = error.kind in ABOUT_THE_ID or error.kind is Kind.PERMISSION_DENIED
        code = FOUND_WRONG if known else COULD_NOT_RUN
        raise Failed(_what(error), _cure(error.kind, settings, ids), code) from error


def _client(settings: Settings) -> Coursebox:
    # a token of its own: so it works where no Redis runs
    url, email, password = (getattr(settings, name.lower()) for name in NEEDED)
    if url is None or email is None or password is None:
        missing = [name for name in NEEDED if getattr(settings, name.lower()) is None]
        raise Failed(
            f"Not set: {', '.join(missing)}.",
            "Set what Usher logs in to Coursebox with, in the environment or in .env;\n"
            "`usher simulator` is a Coursebox to try this on.",
        )
    return Coursebox(url, email, password.get_secret_value(), tokens=MemoryTokens())


def _what(error: CourseboxError) -> str:
    """What happened, without what follows from it for runs."""
    row = FAILURES.get(error.kind)
    text = error.message.removesuffix(row.cure).rstrip() if row else error.message
    return text[:1].upper() + text[1:]


def _cure(kind: Kind, settings: Settings, ids: str) -> str:
    if kind in ABOUT_THE_ID:
        return ids
    if kind in ABOUT_THE_ADDRESS:
        return (
            f"Is COURSEBOX_URL ({settings.coursebox_url}) the address of your own portal, and is "
            "the API part of your plan?"
        )
    match kind:
        case Kind.PERMISSION_DENIED:
            return "The user that Usher logs in with must be an administrator of that course."
        case Kind.LOGIN_FAILED:
            return (
                "Correct COURSEBOX_EMAIL and COURSEBOX_PASSWORD before the next try: many refused "
                "log-ins could lock the account."
            )
        case Kind.INVALID_ARGUMENT:
            return ""
        case Kind.UNEXPECTED:
            return "Report it; `usher lookups try` with --json shows the answer."
        case _:
            return f"Try again later. Asked was {settings.coursebox_url} (COURSEBOX_URL)."


# showing


def _list(columns: tuple[Column, ...], rows: Iterable[list[str]]) -> None:
    told = list(rows)
    if told:
        table(columns, told)


def _show(record: dict[str, object], as_json: bool) -> None:
    (told,) = _without_secrets([record])
    if as_json:
        document(told)
        return
    # a record begins with its id, wherever that came
    first = {"id": told["id"]} if "id" in told else {}
    facts([(name, _text(value)) for name, value in {**first, **told}.items()], indent=0)


def _without_secrets(records: list[dict[str, object]]) -> list[dict[str, object]]:
    nobody = Secrets(())
    return [cast(dict[str, object], redact(each, nobody, most=None)) for each in records]


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | [] | {}:
            return ""
        case str():
            return value
        case list():
            return "\n".join(map(_line, value))
        case _:
            return json.dumps(value, ensure_ascii=False)


def _line(value: object) -> str:
    if isinstance(value, dict) and _id(value) and _title(value):
        return f"{_id(value)}  {_title(value)}"
    return _text(value)


def _id(record: Record) -> str:
    return id_text(record.get("id")) or ""


def _title(record: Record) -> str:
    return _word(record, "title") or _word(record, "name")


def _admin(record: Record) -> list[str]:
    one, inner = person(record), record.get("user")
    name = _name(record) or (_name(inner) if isinstance(inner, dict) else "")
    return [one.user_id or "", one.email or "", name]


def _name(record: Record) -> str:
    parts = f"{_word(record, 'firstName')} {_word(record, 'lastName')}".strip()
    return _word(record, "fullName") or parts or _word(record, "name")


def _word(record: Record, key: str) -> str:
    value = record.get(key)
    return value.strip() if isinstance(value, str) else ""
