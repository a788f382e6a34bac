"""Trouble on demand: which calls it meets, and what then happens to them.

A fault waits in line until a call comes that it is meant for; the first that fits is used up.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

ANY_CALL = "*"
HEADER = re.compile(r"[A-Za-z0-9-]+: [ -~]*")
FRAMING_HEADERS = frozenset({"Connection", "Content-Length", "Transfer-Encoding"})
GATEWAY_STATUSES = frozenset({429, 502, 503, 504})


class Kind(StrEnum):
    DELAY = "delay"
    DROP_BEFORE = "drop_before"
    COMMIT_THEN_DROP = "commit_then_drop"
    STATUS = "status"
    COMMIT_THEN_STATUS = "commit_then_status"
    MALFORMED_JSON = "malformed_json"
    DELAY_REPLY = "delay_reply"
    LEARNERS_LATE = "learners_late"


class Ending(StrEnum):
    """How the caller is answered."""

    NORMAL = "normal"
    DROPPED = "dropped"
    STATUS = "status"
    CUT_SHORT = "cut_short"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a kind of fault does: wait, then do what was asked or not, wait, end."""

    meaning: str
    ending: Ending = Ending.NORMAL
    commits: bool = True
    waits_before: bool = False
    waits_after: bool = False
    needs: tuple[str, ...] = ()
    only_on: tuple[str, ...] = ()


PLANS: Mapping[Kind, Plan] = MappingProxyType(
    {
        Kind.DELAY: Plan(
            "wait `seconds`, then do it and answer", waits_before=True, needs=("seconds",)
        ),
        Kind.DROP_BEFORE: Plan(
            "close the connection, nothing done", ending=Ending.DROPPED, commits=False
        ),
        Kind.COMMIT_THEN_DROP: Plan(
            "do it, then close the connection without an answer", ending=Ending.DROPPED
        ),
        Kind.STATUS: Plan(
            "answer `status`, nothing done", ending=Ending.STATUS, commits=False, needs=("status",)
        ),
        Kind.COMMIT_THEN_STATUS: Plan(
            "do it, then answer `status`", ending=Ending.STATUS, needs=("status",)
        ),
        Kind.MALFORMED_JSON: Plan(
            "do it, then answer with half of the JSON", ending=Ending.CUT_SHORT
        ),
        Kind.DELAY_REPLY: Plan(
            "do it, wait `seconds`, then answer", waits_after=True, needs=("seconds",)
        ),
        Kind.LEARNERS_LATE: Plan(
            "on enrolUser: the learner is listed only `seconds` later; on allLearners: the list "
            "as it was when the fault was set (`seconds` 0)",
            needs=("seconds",),
            only_on=("enrolUser", "allLearners"),
        ),
    }
)


class FaultError(ValueError):
    """The fault asked for cannot be; the message says which part and what would do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`times` None is every time until cleared; `match` is part of an e-mail or id of the call."""

    call: str
    fault: Kind
    times: int | None = 1
    match: str | None = None
    seconds: float = 0.0
    status: int = 0
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None

    @property
    def plan(self) -> Plan:
        return PLANS[self.fault]

    def meets(self, call: str, named: Callable[[], Collection[str]]) -> bool:
        if self.call not in (ANY_CALL, call):
            return False
        return self.match is None or any(self.match.lower() in each.lower() for each in named())


@dataclass(slots=True)
class Waiting:
    """A fault in line. `seats_before` is how many seats had been taken when it was set."""

    fault: Fault
    seats_before: int
    used: int = 0

    @property
    def spent(self) -> bool:
        return self.fault.times is not None and self.used >= self.fault.times


class FaultLine:
    """The faults in line. Nothing here locks: `Simulator` lets one caller in at a time."""

    def __init__(self) -> None:
        self._line: list[Waiting] = []

    def add(self, fault: Fault, seats_before: int) -> None:
        self._line.append(Waiting(fault, seats_before))

    def take(self, call: str, named: Callable[[], Collection[str]]) -> Waiting | None:
        """The first fault meant for this call, used once more by it."""
        for waiting in self._line:
            if waiting.fault.meets(call, named):
                waiting.used += 1
                self._line = [each for each in self._line if not each.spent]
                return waiting
        return None

    def waiting(self) -> tuple[Waiting, ...]:
        return tuple(self._line)

    def clear(self) -> None:
        self._line = []


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("must be text")
    return str(value)


def _times(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("must be a whole number from 1, or null for every time")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        raise ValueError("must be a number of seconds from 0 to 86400")
    return float(value)


def _status(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise ValueError("must be an HTTP status from 200 to 599")
    return value


def _kind(value: object) -> Kind:
    try:
        return Kind(_text(value))
    except ValueError:
        raise ValueError(f"must be one of: {', '.join(Kind)}") from None


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be an object of texts")
    headers = {_text(name).title(): _text(content) for name, content in value.items()}
    for name, content in headers.items():
        if not HEADER.fullmatch(f"{name}: {content}"):
            raise ValueError("must be one line of plain characters each")
        if name in FRAMING_HEADERS:
            raise ValueError(f"must not set {name}")
    return headers


READERS: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {
        "call": _text,
        "fault": _kind,
        "times": _times,
        "match": _text,
        "seconds": _seconds,
        "status": _status,
        "retry_after": _seconds,
        "headers": _headers,
        "body": _text,
    }
)


def read_fault(given: object, calls: Collection[str]) -> Fault:
    """The fault that a JSON object describes, for one of `calls` or `*`; raises FaultError."""
    if not isinstance(given, Mapping):
        raise FaultError("a fault must be an object")
    values: dict[str, Any] = {name: _read(name, value) for name, value in given.items()}
    _demand(("call", "fault"), values)
    call, plan = values["call"], PLANS[values["fault"]]
    _demand(plan.needs, values)
    if call not in (ANY_CALL, *calls):
        raise FaultError(f"call must be * or one of: {', '.join(calls)}, not {call!r}")
    if plan.only_on and call not in plan.only_on:
        raise FaultError(f"{values['fault']} is only for: {', '.join(plan.only_on)}, not {call!r}")
    return Fault(**values)


def _demand(names: tuple[str, ...], values: Mapping[str, object]) -> None:
    missing = [name for name in names if name not in values]
    if missing:
        raise FaultError(f"the fault must say {' and '.join(missing)}")


def _read(name: str, value: object) -> object:
    if name not in READERS:
        raise FaultError(f"a fault has no {name!r}; it has: {', '.join(READERS)}")
    if value is None and name in ("match", "retry_after", "body"):
        return None
    try:
        return READERS[name](value)
    except ValueError as error:
        raise FaultError(f"{name} {error}, not {value!r}") from None


def listed(waiting: Waiting) -> dict[str, object]:
    """The fault as JSON, with how often it was used."""
    values = {each.name: getattr(waiting.fault, each.name) for each in fields(Fault)}
    return {**values, "headers": dict(waiting.fault.headers), "used": waiting.used}
