"""The six reads of the portal, one command each."""

from collections.abc import Mapping
from typing import Final

import click

from coursebox.replies import id_text, person
from usher.output import Column, document, remark
from usher.portal_access import ALL_COURSES, account_option, asked
from usher.portal_records import as_json_option, listed, show_record, title, without_secrets, word

Record = Mapping[str, object]

ID: Final = Column("ID", most=36)
COURSES: Final = (ID, Column("TITLE"))
ADMINS: Final = (ID, Column("E-MAIL", most=40), Column("NAME"))

ALL_ACTIVITIES: Final = "`usher coursebox course ID` lists the activities of a course."


@click.command()
@account_option
@as_json_option
def courses(account: str, as_json: bool) -> None:
    """List the courses that Usher's user administers."""
    found = without_secrets(asked(account, lambda client: client.courses()))
    if as_json:
        document(found)
        return
    listed(COURSES, [[id_text(each.get("id")) or "", title(each)] for each in found], "course")
    if not found:
        remark("The user that Usher logs in with administers no course.")


@click.command()
@click.argument("course_id", metavar="ID")
@account_option
@as_json_option
def course(course_id: str, account: str, as_json: bool) -> None:
    """Show a course, with all that Coursebox tells of it."""
    show_record(asked(account, lambda client: client.course(course_id), ALL_COURSES), as_json)


@click.command()
@click.argument("course_id", metavar="COURSE")
@account_option
@as_json_option
def admins(course_id: str, account: str, as_json: bool) -> None:
    """List the administrators of a course."""
    found = without_secrets(asked(account, lambda client: client.admins(course_id), ALL_COURSES))
    if as_json:
        document(found)
        return
    listed(ADMINS, [_admin(each) for each in found], "administrator")
    if not found:
        remark("That course has no administrators.")


@click.command()
@click.argument("activity_id", metavar="ID")
@account_option
@as_json_option
def activity(activity_id: str, account: str, as_json: bool) -> None:
    """Show an activity: the content of one page of a course."""
    found = asked(account, lambda client: client.activity(activity_id), ALL_ACTIVITIES)
    show_record(found, as_json)


def _admin(record: Record) -> list[str]:
    one, inner = person(record), record.get("user")
    name = _name(record) or (_name(inner) if isinstance(inner, dict) else "")
    return [one.user_id or "", one.email or "", name]


def _name(record: Record) -> str:
    parts = f"{word(record, 'firstName')} {word(record, 'lastName')}".strip()
    return word(record, "fullName") or parts or word(record, "name")
