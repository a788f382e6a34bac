"""Trouble on demand: which calls it meets, and what then happens to them.

A fault waits in line until a call comes that it is meant for; the first that fits is used up, and
those behind it do not see that call.
"""

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType

ANY_CALL = "*"
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


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to happen, to which calls, and when; its parts are explained in fault_parts.py."""

    call: str
    fault: Kind
    times: int | None = 1
    match: str | None = None
    chance: float | None = None
    after: int = 0
    every: int = 1
    from_seconds: float = 0.0
    for_seconds: float | None = None
    seconds: float = 0.0
    status: int = 0
    code: str | None = None
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None

    @property
    def plan(self) -> Plan:
        return PLANS[self.fault]

    def means(self, call: str, named: Callable[[], Collection[str]]) -> bool:
        """Whether it is this call that the fault is meant for."""
        if self.call not in (ANY_CALL, call):
            return False
        return self.match is None or any(self.match.lower() in each.lower() for each in named())


@dataclass(slots=True)
class Waiting:
    """A fault in line: `seats_before` is how many seats had been taken when it was set, `seen` how
    many calls it was meant for came in its time, `used` how many of them it met."""

    fault: Fault
    number: int
    seats_before: int
    set_at: float
    dice: random.Random
    seen: int = 0
    used: int = 0

    def over(self, now: float) -> bool:
        fault, age = self.fault, now - self.set_at
        late = fault.for_seconds is not None and age >= fault.from_seconds + fault.for_seconds
        return late or (fault.times is not None and self.used >= fault.times)

    def meets(self, now: float) -> bool:
        """Whether the fault meets this call, one more of those that it is meant for."""
        fault = self.fault
        if now - self.set_at < fault.from_seconds:
            return False
        self.seen += 1
        turn = self.seen - fault.after
        if turn < 1 or turn % fault.every:
            return False
        return fault.chance is None or self.dice.random() < fault.chance


class FaultLine:
    """The faults in line. Nothing here locks: `Simulator` lets one caller in at a time.

    Each fault has dice of its own, so that what one meets does not hang on what others saw.
    """

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self._added = 0
        self._line: list[Waiting] = []

    def add(self, fault: Fault, seats_before: int, now: float) -> None:
        self._added += 1
        dice = self._dice(self._added)
        self._line.append(Waiting(fault, self._added, seats_before, now, dice))

    def take(self, call: str, named: Callable[[], Collection[str]], now: float) -> Waiting | None:
        """The first fault that meets this call, used once more by it."""
        for waiting in self.waiting(now):
            if waiting.fault.means(call, named) and waiting.meets(now):
                waiting.used += 1
                return waiting
        return None

    def waiting(self, now: float) -> tuple[Waiting, ...]:
        self._line = [each for each in self._line if not each.over(now)]
        return tuple(self._line)

    def clear(self) -> None:
        """Forget all faults; the dice of the next ones begin anew."""
        self._line, self._added = [], 0

    def reseed(self, seed: int | None) -> None:
        self._seed = seed
        for waiting in self._line:
            waiting.dice = self._dice(waiting.number)

    def _dice(self, number: int) -> random.Random:
        begin = None if self._seed is None else f"{self._seed}/{number}"
        return random.Random(begin)  # noqa: S311 (dice for trouble on demand, no secrets)


def listed(waiting: Waiting) -> dict[str, object]:
    """The fault as JSON, with how many calls it saw and met."""
    values = {each.name: getattr(waiting.fault, each.name) for each in fields(Fault)}
    return {
        **values,
        "headers": dict(waiting.fault.headers),
        "seen": waiting.seen,
        "used": waiting.used,
    }
