"""What the store keeps, as nouns: events, runs and their steps, attempts, dead letters."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

Order = tuple[int, int]  # time (ms) of an event, and its place among all that were accepted


class EventState(StrEnum):
    PENDING = "pending"
    FINISHED = "finished"
    DEAD = "dead"
    IGNORED = "ignored"


class RunState(StrEnum):
    READY = "ready"
    WORKING = "working"
    WAITING = "waiting"
    FINISHED = "finished"
    DEAD = "dead"
    # nothing was to be done; the rule was switched off before anything, or the rest, was begun
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({RunState.FINISHED, RunState.DEAD, RunState.SKIPPED, RunState.CANCELLED})


class Move(StrEnum):
    """Where a run goes after something was recorded."""

    WORKING = "working"
    WAITING = "waiting"
    HELD = "held"
    BACK = "back"
    FINISHED = "finished"
    DEAD = "dead"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


# Which states a run can be in after each move. The scripts carry the moves out; whoever shows or
# tests runs reads the table.
STATE_AFTER: Final[Mapping[Move, RunState]] = {
    Move.WORKING: RunState.WORKING,
    Move.WAITING: RunState.WAITING,
    Move.HELD: RunState.WAITING,
    Move.BACK: RunState.READY,
    Move.FINISHED: RunState.FINISHED,
    Move.DEAD: RunState.DEAD,
    Move.SKIPPED: RunState.SKIPPED,
    Move.CANCELLED: RunState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One event of a verified delivery. `body` is its own JSON text."""

    identity: str
    type: str
    occurred_at: datetime | None
    body: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a delivery: an id per event (of the first one where it is a duplicate)."""

    ids: tuple[str, ...]
    accepted: int
    duplicates: int
    to_ring: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaidOf:
    """What one rule said of an event, with the reason in plain words."""

    rule: str
    matched: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    source: str
    identity: str
    type: str
    received_at: datetime
    occurred_at: datetime
    body: str
    sequence: int
    state: EventState
    duplicates: int
    takeovers: int
    failures: int
    reason: str
    verdicts: tuple[SaidOf, ...]
    runs: tuple[str, ...]
    # what it was found to change (JSON), where its sender does not say; "" = nothing was compared
    before: str = ""

    @property
    def order(self) -> Order:
        """Effects follow what happened; what happened at one moment, how it came in."""
        return stamp(self.occurred_at), self.sequence


@dataclass(frozen=True, slots=True)
class Step:
    """One action in a run. `outcome` is set once it is done; `params` once it was rendered."""

    id: str
    action: str
    params: Mapping[str, Any] | None = None
    outcome: str = ""
    detail: str = ""
    tries: int = 0
    # since the run was created or replayed: what the retry decision counts, and from when (unix s)
    failures: int = 0
    failing_since: float | None = None
    # unix s: what a delay of the next step counts from
    ended_at: float | None = None

    @property
    def done(self) -> bool:
        return self.outcome != ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a step, with what was said to Coursebox and what it answered (redacted)."""

    step: str
    number: int
    started_at: datetime
    ended_at: datetime
    outcome: str = ""
    failure: str = ""
    decision: str = ""
    exchanges: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Recall:
    """The memory of a record: `found` is what an event was compared with, `kept` what is known
    from now on, `before` what the event was found to change. All JSON; `found` "" = nothing."""

    record: str
    found: str
    kept: str
    before: str


@dataclass(frozen=True, slots=True)
class Admission:
    """What is asked before a run may begin. Lengths of time are seconds, None = not asked for.

    `once`: the key under which the rule runs once, for ever or `within` a time. `runs` `per` time:
    the limit of the rule, `told` in words; `owner` hears of it when runs are parked.
    """

    once: str | None = None
    within: float | None = None
    runs: int | None = None
    per: float | None = None
    told: str = ""
    owner: str = ""


AT_ONCE: Final = Admission()


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to be created: one rule applied to one event, or to one item of it."""

    rule: str
    rule_name: str
    rule_hash: str
    file: str
    line: int
    item_key: str
    item: Any
    steps: tuple[Step, ...]
    fault: str = ""  # why it cannot be carried out at all (it becomes a dead letter that says so)
    dry_run: bool = False
    priority: str = "normal"  # or "high", "low"
    # whether its rule's look-ups are to be made first; what is asked then is asked after them
    prepare: bool = False
    admission: Admission = AT_ONCE
    parent: str = ""  # the run that was told the list of which this is one item
    # of all rules that were live together, with the commit of their work tree ("" = none known)
    rules_version: str = ""
    commit: str = ""
    engine: int = 1
    account: str = "default"  # the Coursebox account it acts in


@dataclass(frozen=True, slots=True)
class Run:
    id: str
    event: str
    source: str
    rule: str
    rule_name: str
    rule_hash: str
    file: str
    line: int
    item_key: str
    item: Any
    dry_run: bool
    state: RunState
    reason: str
    fault: str
    steps: tuple[Step, ...]
    created_at: datetime
    finished_at: datetime | None
    takeovers: int
    replays: int
    notes: Mapping[str, str] = field(default_factory=dict)
    priority: str = "normal"
    prepare: bool = False
    parent: str = ""
    rules_version: str = ""
    commit: str = ""
    engine: int = 1
    account: str = "default"


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work that is this worker's until its lease runs out.

    `asked` is when it was asked for (monotonic seconds): the lease began no earlier.
    """

    id: str
    token: str
    work: Event | Run
    asked: float


@dataclass(frozen=True, slots=True)
class Applied:
    """What a step has changed: for whom, in which course, by an event of which order."""

    learner: str
    course: str
    order: Order


@dataclass(frozen=True, slots=True)
class HoldChange:
    """A destination that was put on hold or released: when, which, by whom and why."""

    at: datetime
    what: str  # "hold" or "release"
    destination: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Counts:
    """accepted = finished + pending + dead + ignored, for one source or for all."""

    accepted: int = 0
    duplicates: int = 0
    finished: int = 0
    pending: int = 0
    dead: int = 0
    ignored: int = 0
    refused: int = 0
    # steps that were given up, of runs that went on all the same (`on_error: continue`)
    failed_steps: int = 0

    @property
    def balanced(self) -> bool:
        return self.accepted == self.finished + self.pending + self.dead + self.ignored

    def plus(self, what: str, n: int) -> "Counts":
        name = "refused" if what.startswith("refused:") else what
        return replace(self, **{name: getattr(self, name) + n})

    def __add__(self, other: "Counts") -> "Counts":
        names = self.__dataclass_fields__
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


def moment(ms: str | float | None) -> datetime | None:
    """The aware UTC time of a millisecond stamp as Redis keeps it; None for '' or nothing."""
    return datetime.fromtimestamp(float(ms) / 1000, UTC) if ms else None


def stamp(at: datetime) -> int:
    """Whole milliseconds since 1970, as Redis keeps times."""
    return round(at.timestamp() * 1000)


def known_moment(ms: str | float | None) -> datetime:
    found = moment(ms)
    if found is None:
        raise ValueError("the record has no time where it must have one")
    return found


class ClaimLost(Exception):
    """Another worker has taken this work over: whatever was being done must not be recorded."""


class MemoryMoved(Exception):
    """Another event has changed what is known of the record: this one must be judged again."""
