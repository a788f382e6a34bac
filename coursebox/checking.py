"""Checking a portal: what it does where the vendor's guide is silent, and what follows for Usher.

The reads are made of any portal. With a scratch course (scratch.py) throw-away learners are made,
seated, changed and taken out again.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from coursebox.calls import LOGIN
from coursebox.client import Learner
from coursebox.errors import CourseboxError, Kind
from coursebox.exchange import Exchange
from coursebox.findings import (
    Finding,
    Mark,
    failed,
    form_of_list,
    form_of_record,
    id_finding,
    id_types,
    number,
    span,
)
from coursebox.probe import Probe
from coursebox.replies import id_text, read_list
from coursebox.tokens import REFRESH_AT, Token

# ids that nobody has: one for portals that count, one for those that draw
NO_NUMBER: Final = "2147483600"
NO_UUID: Final = "00000000-0000-7000-8000-000000000000"
ACTIVITY_KEYS: Final = ("activities", "pages", "sections", "lessons", "modules")
# courses that are looked through for one with people in it
MOST_COURSES: Final = 5
DEEPEST_OUTLINE: Final = 2  # levels of sections in a course

Tell = Callable[[str], None]


@dataclass(slots=True)
class Seen:
    """What the reads came across: ids as they stood in replies, and the time each call took."""

    course_ids: list[object] = field(default_factory=list)
    user_ids: list[object] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def times(self) -> Mapping[str, tuple[int, int]]:
        """Of each call: how often it was made, and its longest time in milliseconds."""
        times: dict[str, tuple[int, int]] = {}
        for each in self.exchanges:
            count, longest = times.get(each.call, (0, 0))
            times[each.call] = (count + 1, max(longest, each.ms))
        return times


def check_reads(probe: Probe, seen: Seen, tell: Tell, course: str = "") -> Iterator[Finding]:
    """The findings of a log-in and the six reads, one after the other. `course` is read where no
    other is told. Raises CourseboxError where nobody can log in."""
    tell("Logging in")
    token = probe.log_in()
    yield _login_finding(token, seen.exchanges)
    tell("Reading")
    yield from _courses(probe, seen)
    courses = [*filter(None, map(id_text, seen.course_ids))][:MOST_COURSES] or [course]
    if courses[0]:
        yield _learners(probe, seen, courses)
        yield _admins(probe, seen, courses[0])
        yield from _course_and_activity(probe, courses[0])
    yield _own_user(probe, seen, token)
    yield id_finding(seen.course_ids, seen.user_ids)
    yield _error_finding(probe, seen)


# -- the log-in --------------------------------------------------------------------------------


def _login_finding(token: Token, exchanges: list[Exchange]) -> Finding:
    reply = next((each.response for each in exchanges if each.call == LOGIN.name), "")
    lives = "how long it lives is not told" if token.ttl is None else f"lives {span(token.ttl)}"
    whose = "its user's id is told" if token.user_id else "its user's id is not told"
    follows = "Sent as X-Access-Token; Authorization: Bearer is not needed. " + (
        "A new log-in when it is refused."
        if token.ttl is None
        else f"A new log-in every {span(REFRESH_AT * token.ttl)}."
    )
    return Finding("login", "Log-in", f"token {_token_place(reply)}, {lives}; {whose}", follows)


def _token_place(reply: str) -> str:
    # the record of a log-in keeps the shape of its answer and none of its values
    try:
        body = json.loads(reply)
    except ValueError:
        return "in an answer of another form"
    if not isinstance(body, dict):
        return "in an answer of another form"
    inner = body.get("token")
    if isinstance(inner, dict):
        return "in `token.id`"
    if "token" in body:
        return "in `token`"
    return "in `id`" if "id" in body else f"in `{next(iter(body), '')}`"


# -- the reads ---------------------------------------------------------------------------------


def _courses(probe: Probe, seen: Seen) -> Iterator[Finding]:
    key, name = "courses", "Own courses"
    try:
        found = probe.courses()
    except CourseboxError as error:
        yield failed(key, name, error, "Usher cannot look for people whose id it does not know.")
        return
    seen.course_ids += [course.get("id") for course in found]
    does = f"{number(len(found), 'course')}, {form_of_list(probe.body)}"
    if found:
        yield Finding(key, name, does, "Usher acts in these courses, and looks for people in them.")
        return
    follows = "Make Usher's user an administrator of the courses that rules name."
    yield Finding(key, name, does, follows, Mark.NOTED)


def _learners(probe: Probe, seen: Seen, courses: Sequence[str]) -> Finding:
    key, name = "learners", "Learners of a course"
    found: tuple[Learner, ...] = ()
    try:
        for course in courses:
            found = found or probe.learners(course)
    except CourseboxError as error:
        return failed(key, name, error, "Without this list Usher can do nothing safely.")
    rows = [row for row in read_list(probe.body) or () if isinstance(row, dict)]
    seen.user_ids += [_users_id(row) for row in rows]
    if not rows:
        does = f"nobody in the courses looked at, {form_of_list(probe.body)}"
        return Finding(key, name, does, "Rows cannot be judged.", Mark.NOT_TOLD)
    return _rows_finding(key, name, rows, found, form_of_list(probe.body))


def _rows_finding(
    key: str, name: str, rows: list[dict[str, object]], found: tuple[Learner, ...], form: str
) -> Finding:
    nested = any(isinstance(row.get("user"), dict) for row in rows)
    without = sum(1 for each in found if not (each.user_id and each.email))
    rows_are = "the user inside each row" if nested else "flat rows"
    does = f"{number(len(found), 'learner')}, {form}, {rows_are}"
    if not without:
        return Finding(key, name, does, "E-mail address and id are in each row.")
    does += f"; {without} without e-mail address or id"
    follows = "Usher cannot tell who those are, and may take them for absent."
    return Finding(key, name, does, follows, Mark.NOTED)


def _users_id(row: Mapping[str, object]) -> object:
    inner = row.get("user")
    user = inner if isinstance(inner, dict) else {}
    return next(
        (value for value in (user.get("id"), row.get("userId"), row.get("id")) if value), None
    )


def _admins(probe: Probe, seen: Seen, course: str) -> Finding:
    key, name = "admins", "Administrators"
    try:
        found = probe.admins(course)
    except CourseboxError as error:
        return failed(key, name, error, "Only look-ups of administrators fail.")
    seen.user_ids += [_users_id(row) for row in found]
    does = f"{number(len(found), 'administrator')}, {form_of_list(probe.body)}"
    return Finding(key, name, does, "Only look-ups use this.")


def _course_and_activity(probe: Probe, course: str) -> Iterator[Finding]:
    key, name = "course", "One course"
    try:
        found = probe.course(course)
    except CourseboxError as error:
        yield failed(key, name, error, "Only look-ups of a course fail.")
        return
    yield Finding(key, name, f"told, {form_of_record(probe.body)}", "Only look-ups use this.")
    key, name = "activity", "One activity"
    activity = _first_activity(found)
    if not activity:
        does = "not told: the course shows no activity"
        yield Finding(key, name, does, "Only look-ups use this.", Mark.NOT_TOLD)
        return
    try:
        probe.activity(activity)
    except CourseboxError as error:
        yield failed(key, name, error, "Only look-ups of an activity fail.")
        return
    yield Finding(key, name, f"told, {form_of_record(probe.body)}", "Only look-ups use this.")


def _first_activity(record: Mapping[str, object], depth: int = 0) -> str:
    for entry in _entries(record):
        inner = _first_activity(entry, depth + 1) if depth < DEEPEST_OUTLINE else ""
        found = inner or id_text(entry.get("id"))
        if found:
            return found
    return ""


def _entries(record: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for key in ACTIVITY_KEYS:
        entries = record.get(key)
        if isinstance(entries, list):
            yield from (entry for entry in entries if isinstance(entry, dict))


def _own_user(probe: Probe, seen: Seen, token: Token) -> Finding:
    key, name = "user", "Own user"
    follows = "So Usher can read back what it changed."
    if token.user_id is None:
        return Finding(key, name, "not told: the log-in names no id", follows, Mark.NOT_TOLD)
    try:
        found = probe.user(token.user_id)
    except CourseboxError as error:
        return failed(key, name, error, "Changes of users cannot be read back.")
    seen.user_ids.append(found.get("id"))
    email = found.get("email")
    if not isinstance(email, str) or email.strip().lower() != probe.login.strip().lower():
        does = "another user than the one that logs in, or no e-mail address"
        return Finding(key, name, does, "Ask Coursebox what the id of a log-in means.", Mark.BAD)
    return Finding(key, name, f"told, {form_of_record(probe.body)}", follows)


# -- errors ------------------------------------------------------------------------------------


def _error_finding(probe: Probe, seen: Seen) -> Finding:
    key, name = "errors", "What is not there"
    counted = id_types(seen.user_ids) <= {"numbers", "digits as text"}
    try:
        probe.user(NO_NUMBER if counted else NO_UUID)
    except CourseboxError as error:
        return _error_told(key, name, error, seen.exchanges[-1].response)
    follows = "Usher may take somebody who is gone for somebody who is there."
    return Finding(key, name, "answers 200 for an id that nobody has", follows, Mark.NOTED)


def _error_told(key: str, name: str, error: CourseboxError, response: str) -> Finding:
    said = f"HTTP {error.status}{_error_parts(response)}"
    if error.kind is Kind.NO_SUCH_RECORD:
        return Finding(key, name, said, "It is known from a wrong address by its code.")
    if error.kind is Kind.WRONG_ROUTE:
        follows = "Usher takes what is not there for a wrong address, and gives up all the same."
        return Finding(key, name, said, follows, Mark.NOTED)
    if error.kind is Kind.UNEXPECTED:
        return Finding(key, name, "an empty answer", "It counts as not there.", Mark.NOTED)
    if error.status:
        follows = "Usher cannot tell what is not there from another refusal."
        return Finding(key, name, said, follows, Mark.NOTED)
    return failed(key, name, error)


def _error_parts(response: str) -> str:
    try:
        body = json.loads(response)
    except ValueError:
        return ", not JSON"
    inner = body.get("error") if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return ", without an `error`"
    code = inner.get("code")
    told = f", code {code}" if code else ", without a code"
    return f"{told}, with the vendor's stack in it" if "stack" in inner else told
