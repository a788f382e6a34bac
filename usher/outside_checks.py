"""What `usher rules check` asks beyond the files: are secrets set, does Coursebox know a course."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from coursebox.client import Coursebox
from coursebox.errors import CourseboxError, Kind
from coursebox.tokens import MemoryTokens
from rulebook import Problem, Severity
from rulebook.mentions import Mention, courses_named, sources_awaited
from senders.sources import SourcesError
from usher.failing import Failed
from usher.rules_reading import Checked
from workers.settings import Settings
from workers.sources_file import load_sources

SECRET: Final = "W25"  # noqa: S105 - a code, not a secret
# What is wrong with the machine and not with the files.
OF_THIS_MACHINE: Final = frozenset({SECRET, "W26", "W27"})
COURSE: Final = "A10"
_NEEDED: Final = ("coursebox_url", "coursebox_email", "coursebox_password")


def without_secret(checked: Iterable[Checked], settings: Settings) -> list[Checked]:
    """With a warning where a rule first waits for a source that is not started here."""
    try:
        closed = dict(load_sources(settings).problems) if settings.sources_file.exists() else {}
    except SourcesError:
        closed = {}  # said where the names of sources were read
    return [one.with_more(_closed(one, closed)) for one in checked]


def _closed(one: Checked, closed: dict[str, str]) -> list[Problem]:
    problems = []
    for mention in sources_awaited(one.tree.files, one.reading):
        why = closed.pop(mention.name, None)
        if why is not None:
            message = f'source "{mention.name}" takes no events on this machine: {why}'
            help = "usher sources check says what each source needs"
            problems.append(_problem(mention, Severity.WARNING, SECRET, message, help))
    return problems


def with_courses(checked: Iterable[Checked], settings: Settings) -> list[Checked]:
    """With an error at each course id that Coursebox does not know; every id is asked once.

    Raises Failed where Coursebox cannot be asked.
    """
    trees = list(checked)
    named = [(one, courses_named(one.tree.files, one.reading)) for one in trees]
    ids = dict.fromkeys(mention.name for _, mentions in named for mention in mentions)
    try:
        with _client(settings) as client:
            unknown = {course for course in ids if not _is_known(client, course)}
    except CourseboxError as error:
        raise Failed(f"The courses are not checked: {error}") from error
    return [one.with_more(_unknown(mentions, unknown)) for one, mentions in named]


def _client(settings: Settings) -> Coursebox:
    url, email, password = (getattr(settings, name) for name in _NEEDED)
    if url is None or email is None or password is None:
        missing = [name.upper() for name in _NEEDED if getattr(settings, name) is None]
        verb = "is" if len(missing) == 1 else "are"
        raise Failed(
            f"The courses are not checked: {' and '.join(missing)} {verb} not set.",
            "Set what Usher logs in to Coursebox with, or leave --online out.",
        )
    return Coursebox(url, email, password.get_secret_value(), tokens=MemoryTokens())


def _is_known(client: Coursebox, course: str) -> bool:
    try:
        client.course(course)
    except CourseboxError as error:
        if error.kind is Kind.NO_SUCH_RECORD:
            return False
        raise
    return True


def _unknown(mentions: Iterable[Mention], unknown: Iterable[str]) -> Iterator[Problem]:
    for mention in mentions:
        if mention.name in unknown:
            message = f"Coursebox knows no course {mention.name}{mention.beside}"
            help = "the id is the last part of the course's link in Coursebox"
            yield _problem(mention, Severity.ERROR, COURSE, message, help)


def _problem(mention: Mention, severity: Severity, code: str, message: str, help: str) -> Problem:
    return Problem(mention.file, mention.span, severity, code, message, help=help)
