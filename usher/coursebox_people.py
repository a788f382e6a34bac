"""`usher coursebox learners` and `user`: who sits where."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import click

from coursebox.client import Coursebox, Learner
from coursebox.desk import find
from coursebox.errors import CourseboxError, Decision
from coursebox.findings import cause
from coursebox.ids import clean_course_id
from coursebox.people import tidy_email
from coursebox.replies import id_text
from usher.failing import FOUND_WRONG, Failed
from usher.output import Column, document, remark, say
from usher.portal_access import ALL_COURSES, account_option, asked, reaching
from usher.portal_records import as_json_option, listed, show_record, title, without_secrets
from usher.progress import waiting

ID: Final = Column("ID", most=36)
LEARNERS: Final = (ID, Column("E-MAIL"))
OF_COURSES: Final = (Column("COURSE", most=36), ID, Column("E-MAIL"))
COURSES: Final = (ID, Column("TITLE"))
ALL_LEARNERS: Final = "`usher coursebox learners COURSE` lists the people of a course."


@dataclass(frozen=True, slots=True)
class Course:
    """A course and its people; `refused` says why they cannot be told."""

    id: str
    title: str
    learners: tuple[Learner, ...] = ()
    refused: str = ""


@click.command()
@click.argument("course_ids", metavar="[COURSE]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All courses that Usher's user administers.")
@account_option
@as_json_option
def learners(course_ids: tuple[str, ...], every: bool, account: str, as_json: bool) -> None:
    """List everybody in a course, in several, or in all of them.

    Ends with 1 where a course of several could not be read; the others are listed all the same.
    """
    if bool(course_ids) is every:
        raise click.UsageError("Name the courses, or say --all.")
    if len(course_ids) == 1:
        _one_course(course_ids[0], account, as_json)
        return
    with reaching(account, ALL_COURSES) as client:
        named = [(clean_course_id(each, "learners"), "") for each in course_ids]
        found = list(_read(client, named or _administered(client)))
    _print_courses(found, as_json)
    refused = [f"{each.id}: {each.refused}" for each in found if each.refused]
    if refused:
        text = f"{len(refused)} of {len(found)} courses could not be read:"
        raise Failed("\n".join([text, *refused]), ALL_COURSES, FOUND_WRONG)


def _one_course(course_id: str, account: str, as_json: bool) -> None:
    found = asked(account, lambda client: client.learners(course_id), ALL_COURSES)
    if as_json:
        document([asdict(each) for each in found])
        return
    listed(LEARNERS, [_cells(each) for each in found], "learner")
    if not found:
        remark("Nobody is in that course.")


def _print_courses(found: Sequence[Course], as_json: bool) -> None:
    if as_json:
        told = [
            {"course_id": each.id, "learners": [asdict(one) for one in each.learners]}
            for each in found
            if not each.refused
        ]
        document(told)
        return
    rows = [[each.id, *_cells(one)] for each in found for one in each.learners]
    listed(OF_COURSES, rows, "seat")
    if not rows:
        remark("Nobody is in these courses.")


@click.command()
@click.argument("who", metavar="ID|E-MAIL")
@account_option
@as_json_option
def user(who: str, account: str, as_json: bool) -> None:
    """Show a user, by the id that Coursebox gave, or by e-mail address.

    Coursebox cannot be asked for an address: the learners of all courses are looked through for
    it, and it is said in which of them the person sits. Who sits in none is not found.
    """
    if "@" not in who:
        show_record(asked(account, lambda client: client.user(who), ALL_LEARNERS), as_json)
        return
    with reaching(account, ALL_LEARNERS) as client:
        email = tidy_email(who, "user")
        courses = list(_read(client, _administered(client)))
        where = [each for each in courses if find(each.learners, email=email)]
        row = find(where[0].learners, email=email) if where else None
        record = _record(client, row.user_id) if row and row.user_id else None
    _print_person(email, row, record, where, courses, as_json)
    if row is None:
        raise Failed(*_nowhere(email, courses), FOUND_WRONG)


def _record(client: Coursebox, user_id: str) -> dict[str, object] | None:
    try:
        return client.user(user_id)
    except CourseboxError as error:
        remark(cause(error))
        return None


def _print_person(
    email: str,
    row: Learner | None,
    record: dict[str, object] | None,
    where: Sequence[Course],
    courses: Sequence[Course],
    as_json: bool,
) -> None:
    if as_json:
        document(
            {
                "email": email,
                "user_id": row.user_id if row else None,
                "courses": [{"id": each.id, "title": each.title} for each in where],
                "looked_through": sum(1 for each in courses if not each.refused),
                "not_read": [each.id for each in courses if each.refused],
                "user": without_secrets([record])[0] if record else None,
            }
        )
        return
    if record:
        show_record(record, as_json=False)
    elif row:
        say(f"{row.user_id or 'id not told'}  {email}")
    if where:
        say(f"\nSits in {len(where)} of {len(courses)} courses:")
        listed(COURSES, [[each.id, each.title] for each in where], "course")
    refused = [each.id for each in courses if each.refused]
    if refused:
        remark(f"Not looked through, for they could not be read: {', '.join(refused)}.")


def _nowhere(email: str, courses: Sequence[Course]) -> tuple[str, str]:
    return (
        f"{email} sits in none of the {len(courses)} courses of Usher's user.",
        "There may be an account all the same: only those who sit in a course can be found.",
    )


def _administered(client: Coursebox) -> list[tuple[str, str]]:
    with waiting("Listing the courses"):
        found = client.courses()
    return [(id_text(each["id"]) or "", title(each)) for each in found if id_text(each.get("id"))]


def _read(client: Coursebox, courses: Sequence[tuple[str, str]]) -> Iterator[Course]:
    """Each course with its people. Raises CourseboxError where none can be read at all."""
    with waiting("Reading", total=len(courses), pieces="courses") as tell:
        for number, (course_id, name) in enumerate(courses):
            tell(f"Reading {(name or course_id)[:24]}", number)
            yield _course(client, course_id, name)


def _course(client: Coursebox, course_id: str, name: str) -> Course:
    try:
        return Course(course_id, name, client.learners(course_id))
    except CourseboxError as error:
        # of others, or gone: that says nothing about the rest
        if error.decision is not Decision.GIVE_UP:
            raise
        return Course(course_id, name, refused=cause(error))


def _cells(learner: Learner) -> list[str]:
    return [learner.user_id or "", learner.email or ""]
