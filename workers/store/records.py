"""What the store keeps, as nouns: events, runs and their steps, attempts, dead letters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
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


class Move(StrEnum):
    """Where a run goes after something was recorded."""

    WORKING = "working"
    WAITING = "waiting"
    HELD = "held"
    BACK = "back"
    FINISHED = "finished"
    DEAD = "dead"


# Which states a run can be in after each move. The scripts carry the moves out; whoever shows or
# tests runs reads the table.
STATE_AFTER: Final[Mapping[Move, RunState]] = {
    Move.WORKING: RunState.WORKING,
    Move.WAITING: RunState.WAITING,
    Move.HELD: RunState.WAITING,
    Move.BACK: RunState.READY,
    Move.FINISHED: RunState.FINISHED,
    Move.DEAD: RunState.DEAD,
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
class Counts:
    """accepted = finished + pending + dead + ignored, for one source or for all."""

    accepted: int = 0
    duplicates: int = 0
    finished: int = 0
    pending: int = 0
    dead: int = 0
    ignored: int = 0
    refused: int = 0

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


def event_of(fields: Mapping[str, str]) -> Event:
    """The event in a hash of the store."""
    received = known_moment(fields["received_at"])
    return Event(
        id=fields["id"],
        source=fields["source"],
        identity=fields["identity"],
        type=fields["type"],
        received_at=received,
        # a sender's clock that runs ahead must not make all later events look superseded
        occurred_at=min(moment(fields.get("occurred_at")) or received, received),
        body=fields["body"],
        sequence=int(fields["sequence"]),
        state=EventState(fields["state"]),
        duplicates=int(fields["duplicates"]),
        takeovers=int(fields["takeovers"]),
        failures=int(fields["failures"]),
        reason=fields.get("reason", ""),
        verdicts=tuple(
            SaidOf(**_known(SaidOf, said)) for said in json.loads(fields.get("verdicts") or "[]")
        ),
        runs=tuple(fields.get("runs", "").split()),
        before=fields.get("before", ""),
    )


def run_of(fields: Mapping[str, str]) -> Run:
    """The run in a hash of the store."""
    return Run(
        id=fields["id"],
        event=fields["event"],
        source=fields["source"],
        rule=fields["rule"],
        rule_name=fields["rule_name"],
        rule_hash=fields["rule_hash"],
        file=fields["file"],
        line=int(fields["line"]),
        item_key=fields["item_key"],
        item=json.loads(fields["item"]),
        dry_run=fields["dry_run"] == "1",
        state=RunState(fields["state"]),
        reason=fields.get("reason", ""),
        fault=fields["fault"],
        steps=steps_of(fields["steps"]),
        created_at=known_moment(fields["created_at"]),
        finished_at=moment(fields.get("finished_at")),
        takeovers=int(fields["takeovers"]),
        replays=int(fields["replays"]),
        notes={k.removeprefix("note:"): v for k, v in fields.items() if k.startswith("note:")},
    )


def fields_of(run: NewRun, source: str) -> dict[str, str]:
    """The hash fields with which a new run starts."""
    return {
        "source": source,
        "rule": run.rule,
        "rule_name": run.rule_name,
        "rule_hash": run.rule_hash,
        "file": run.file,
        "line": str(run.line),
        "item_key": run.item_key,
        "item": json.dumps(run.item),
        "dry_run": "1" if run.dry_run else "0",
        "fault": run.fault,
        "steps": steps_text(run.steps),
    }


def steps_of(text: str) -> tuple[Step, ...]:
    return tuple(Step(**_known(Step, step)) for step in json.loads(text))


def steps_text(steps: tuple[Step, ...]) -> str:
    return json.dumps([_plain(step) for step in steps])


def attempt_of(text: str) -> Attempt:
    found = _known(Attempt, json.loads(text))
    for name in ("started_at", "ended_at"):
        found[name] = datetime.fromisoformat(found[name])
    return Attempt(**{**found, "exchanges": tuple(found["exchanges"])})


def attempt_text(attempt: Attempt) -> str:
    return json.dumps(_plain(attempt))


def _known(noun: type[Step | SaidOf | Attempt], found: Mapping[str, Any]) -> dict[str, Any]:
    # another version of Usher may have written more: what is not known here must not stop a run
    return {each.name: found[each.name] for each in dataclass_fields(noun) if each.name in found}


def _plain(noun: Step | Attempt) -> dict[str, Any]:
    def value(found: Any) -> Any:
        if isinstance(found, datetime):
            return found.isoformat()
        return dict(found) if isinstance(found, Mapping) else found

    return {each.name: value(getattr(noun, each.name)) for each in dataclass_fields(noun)}
