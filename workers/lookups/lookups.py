"""All that rules can look up, by name: the reads of Coursebox and those of lookups.yaml."""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType, TracebackType
from typing import Final, Self

from coursebox.client import Coursebox
from coursebox.errors import CourseboxError
from coursebox.exchange import Exchange
from coursebox.lookups import LOOK_UP
from rulebook.vocabulary import LookupShape
from workers.lookups.calling import Call, Params
from workers.lookups.definition import Definition
from workers.lookups.door import Door
from workers.lookups.failures import LOOKUP, Kind, LookUpFailed, failure
from workers.lookups.ready import Ready, make_ready
from workers.portals import DEFAULT, destination
from workers.retry import Verdict


def _shape(
    *required: str,
    optional: tuple[str, ...] = (),
    fields: tuple[str, ...] = (),
    is_list: bool = False,
) -> LookupShape:
    return LookupShape((*required, *optional), frozenset(required), fields, is_list)


COURSEBOX_SHAPES: Final[Mapping[str, LookupShape]] = MappingProxyType(
    {
        "coursebox.user": _shape("user_id"),
        "coursebox.course": _shape("course_id"),
        "coursebox.courses": _shape(is_list=True),
        "coursebox.activity": _shape("activity_id"),
        "coursebox.learners": _shape(
            "course_id", optional=("email",), fields=("user_id", "email"), is_list=True
        ),
        "coursebox.admins": _shape("course_id", is_list=True),
    }
)


def nothing(_: Exchange) -> None:
    """The hook that does nothing."""


def lookup_shapes(
    definitions: Mapping[str, Definition], problems: Mapping[str, str]
) -> Mapping[str, LookupShape]:
    """What the rule checker has to know of every look-up there is."""
    ours = {
        name: replace(one.shape(definitions), problem=problems.get(name, ""))
        for name, one in definitions.items()
    }
    return {**COURSEBOX_SHAPES, **ours}


def lookup_problems(
    definitions: Mapping[str, Definition], variables: Mapping[str, str]
) -> Mapping[str, str]:
    """Why some of the look-ups cannot be used, by name."""
    found = {name: make_ready(one, variables) for name, one in definitions.items()}
    problems = {name: one for name, one in found.items() if isinstance(one, str)}
    for name, one in definitions.items():
        inner = one.each.use if one.each else ""
        if name not in problems and inner in problems:
            problems[name] = f"{inner}, which it needs, cannot be used: {problems[inner]}"
    return problems


@dataclass(frozen=True, slots=True)
class _Parts:
    definitions: Mapping[str, Definition]
    ready: Mapping[str, Ready[Definition]]
    problems: Mapping[str, str]
    portals: Mapping[str, Coursebox]
    door: Door


class LookUps:
    """Looks things up by name; safe to share between threads.

    `portals` are the clients of Coursebox by account; what is read there is read in the account
    `default`, or that of `at`. `record` gets every exchange, without secrets.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        variables: Mapping[str, str],
        portals: Mapping[str, Coursebox],
        door: Door,
        record: Callable[[Exchange], None] = nothing,
    ) -> None:
        made = {name: make_ready(one, variables) for name, one in definitions.items()}
        ready = {name: one for name, one in made.items() if isinstance(one, Ready)}
        problems = lookup_problems(definitions, variables)
        self._parts = _Parts(definitions, ready, problems, portals, door)
        self._record = record
        self._account = DEFAULT

    def recording(self, record: Callable[[Exchange], None]) -> Self:
        """The same look-ups, on the same connections, with their exchanges given to `record`."""
        twin = copy.copy(self)
        twin._record = record
        return twin

    def at(self, account: str) -> Self:
        """The same look-ups, with Coursebox read in that account."""
        twin = copy.copy(self)
        twin._account = account
        return twin

    def close(self) -> None:
        """Closes the connections of the door; Coursebox's clients are their owner's."""
        self._parts.door.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, name: str, params: Params) -> object:
        """What the look-up gives: a JSON value. Raises LookUpFailed."""
        if name in LOOK_UP:
            return self._read_coursebox(name, params)
        if name not in self._parts.definitions:
            raise failure(name, Kind.UNKNOWN, self.destination(name))
        if name in self._parts.problems:
            problem = self._parts.problems[name]
            raise failure(name, Kind.UNUSABLE, self.destination(name), problem)
        ready = self._parts.ready[name]
        until = time.monotonic() + ready.definition.time_limit
        other = self._parts.ready.__getitem__
        return Call(ready, self._parts.door, self._record, until, other).value(params)

    def destination(self, name: str) -> str:
        """What is held where this look-up cannot work: `coursebox` (`coursebox:emea` for another
        account), `lookup:<host>`, or `lookup:<name>` for one that cannot be used at all."""
        if name in LOOK_UP:
            return destination(self._account)
        if name in self._parts.problems or name not in self._parts.ready:
            return LOOKUP + name
        return self._parts.ready[name].destination

    def problems(self) -> Mapping[str, str]:
        """Why some of the look-ups cannot be used, by name."""
        return self._parts.problems

    def shapes(self) -> Mapping[str, LookupShape]:
        """What the rule checker has to know of every look-up there is."""
        return lookup_shapes(self._parts.definitions, self._parts.problems)

    def _read_coursebox(self, name: str, params: Params) -> object:
        client = self._parts.portals.get(self._account)
        if client is None:
            raise failure(name, Kind.UNUSABLE, destination(self._account), _unset(self._account))
        try:
            return LOOK_UP[name](client.recording(self._record), params)
        except CourseboxError as error:
            verdict = Verdict(error.decision)
            place = destination(self._account, error.failure.scope)
            raise LookUpFailed(error.message, verdict, error.retry_after, place) from None


def _unset(account: str) -> str:
    if account == DEFAULT:
        return "COURSEBOX_URL, COURSEBOX_EMAIL and COURSEBOX_PASSWORD are not set"
    return f"the account {account!r} is not in COURSEBOX_ACCOUNTS"
