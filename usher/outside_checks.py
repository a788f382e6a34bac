"""What `usher rules check` asks beyond the files: are secrets set, does Coursebox know a course."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final

from coursebox.client import Coursebox
from coursebox.errors import CourseboxError, Kind
from rulebook import Problem, Severity
from rulebook.mentions import Mention, courses_named, sources_awaited
from senders.sources import SourcesError
from usher.failing import Failed
from usher.portal_access import Access
from usher.rules_reading import Checked
from workers.portal_settings import one_portal
from workers.portals import DEFAULT
from workers.settings import Settings, SettingsError
from workers.sources_file import load_sources

SECRET: Final = "W25"  # noqa: S105 - a code, not a secret
# What is wrong with the machine and not with the files.
OF_THIS_MACHINE: Final = frozenset({SECRET, "W26", "W27"})
COURSE: Final = "A10"


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
    asked = dict.fromkeys(
        (mention.account, mention.name) for _, mentions in named for mention in mentions
    )
    try:
        with _clients(settings, {account for account, _ in asked}) as clients:
            unknown = {(at, course) for at, course in asked if not _is_known(clients[at], course)}
    except CourseboxError as error:
        raise Failed(f"The courses are not checked: {error}") from error
    return [one.with_more(_unknown(mentions, unknown)) for one, mentions in named]


@contextmanager
def _clients(settings: Settings, accounts: Iterable[str]) -> Iterator[Mapping[str, Coursebox]]:
    with ExitStack() as stack:
        try:
            found = {name: one_portal(settings, name) for name in sorted(accounts)}
        except SettingsError as error:
            raise Failed(
                f"The courses are not checked: {error}.",
                "Set what Usher logs in to Coursebox with, or leave --online out.",
            ) from error
        yield {
            name: stack.enter_context(Access(settings, name, portal).client(Coursebox))
            for name, portal in found.items()
        }


def _is_known(client: Coursebox, course: str) -> bool:
    try:
        client.course(course)
    except CourseboxError as error:
        if error.kind is Kind.NO_SUCH_RECORD:
            return False
        raise
    return True


def _unknown(
    mentions: Iterable[Mention], unknown: Collection[tuple[str, str]]
) -> Iterator[Problem]:
    for mention in mentions:
        if (mention.account, mention.name) in unknown:
            where = "" if mention.account == DEFAULT else f" ({mention.account})"
            message = f"Coursebox{where} knows no course {mention.name}{mention.beside}"
            help = "the id is the last part of the course's link in Coursebox"
            yield _problem(mention, Severity.ERROR, COURSE, message, help)


def _problem(mention: Mention, severity: Severity, code: str, message: str, help: str) -> Problem:
    return Problem(mention.file, mention.span, severity, code, message, help=help)
