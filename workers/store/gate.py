"""The gate of a destination, one for all workers on all machines: its rate, pauses and circuit.

Lua scripts (`*_gate.lua`) decide, by Redis's own clock. Whoever has to wait stands in one line, and
is told when its turn may have come; nobody asks again and again.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from ulid import ULID

from coursebox.calls import Call
from coursebox.errors import CourseboxError, Failure, not_yet
from coursebox.gate import (
    PATIENCE,
    Health,
    Pace,
    Passage,
    asked_to_wait,
    clock_in,
    closed_for,
    health,
    never,
)
from workers.store.connection import Connection, StoreUnavailable, guarded
from workers.store.keys import KEYS
from workers.store.texts import whole

# longer than a call may take, all in all; what a killed worker has taken is free again after it (s)
LEASE: Final = 40.0
# A waiter that has not asked for so long is gone; it asks at least once in LOOK (seconds).
SILENCE: Final = 3.0
# An answer that takes longer may never come (seconds).
SLOW: Final = 3.0
LOOK: Final = 1.0
# The later calls of a try are waited for so many times longer, and any for so many windows: at a
# low rate a try would else never get beyond its first call.
BEGUN_WAITS: Final = 6
WINDOWS_WAITED: Final = 2
# A call that was put off comes again at the latest after so long (s): the pause may be lifted.
COME_AGAIN: Final = 600.0
SOONEST: Final = 0.5
# in the record of a hold: when (ms) the circuit that has set it tries the destination again
PROBE_AT: Final = "probe_at"
# what is answered to the call that has opened the circuit
OPENED: Final = 2

log = structlog.get_logger("gate")


@dataclass(frozen=True, slots=True)
class Circuit:
    """When a destination is put on hold: half or more of at least `calls` calls within `span`
    seconds failed, or `calls` in a row, no more than `apart` seconds from one to the next: where
    no answer comes, few end within any span. `waits`: seconds until the first probe, and from each
    to the next; the last one repeats."""

    calls: int = 10
    span: int = 30
    apart: int = 3600
    waits: tuple[float, ...] = (15.0, 30.0, 60.0, 120.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a gate keeps to: `rate` calls a second, `concurrency` calls at a time; with `spare`, one
    fewer than there are workers, so that a portal that hangs leaves one for the others. Nobody
    waits where each place has a call without an answer for `slow`. Times are seconds, and arguments
    so that a test can make them short."""

    rate: float
    concurrency: int
    patience: float = PATIENCE
    lease: float = LEASE
    silence: float = SILENCE
    slow: float = SLOW
    spare: bool = False
    circuit: Circuit = field(default_factory=Circuit)

    @classmethod
    def of(cls, rate: float, concurrency: int, *, spare: bool = False) -> "Limits":
        """Those of a worker; `spare` where it has other portals as well."""
        patience = max(PATIENCE, WINDOWS_WAITED * Pace.of(rate).window)
        return cls(rate, concurrency, patience, spare=spare)


class SharedGate:
    """The gate of `destination`, as one process passes it; safe to share between threads. Once
    `stopping` says so, a call that would have to wait is put off instead."""

    def __init__(
        self,
        connection: Connection,
        destination: str,
        limits: Limits,
        pace: Pace | None = None,
        *,
        stopping: Callable[[], bool] = never,
    ) -> None:
        self.destination = destination
        self.limits = limits
        self.pace = pace or Pace.of(limits.rate)
        self._stopping = stopping
        self._connection = connection
        self._ears: deque[_Ear] = deque()

    @contextmanager
    def passing(self, call: Call, *, begun: bool = False) -> Iterator[Passage]:
        """See Gate. Raises StoreUnavailable, too."""
        passage = _Passage(self, call)
        self._enter(passage, self.limits.patience * (BEGUN_WAITS if begun else 1))
        try:
            yield passage
        finally:
            passage.over()

    def run(self, script: str, passage: "_Passage", *args: str | int) -> Any:
        """What the script answers of that call."""
        return self._connection.run(script, self.destination, passage.id, *args)

    def _enter(self, passage: "_Passage", patience: float) -> None:
        until = time.monotonic() + patience
        ear = self._ears.pop() if self._ears else _Ear(self._connection)
        while True:
            stops = self._stopping()
            answer, ms = self._ask(passage, ear.waiter, 0.0 if stops else until - time.monotonic())
            if answer != "wait":
                break
            ear.listen(ms / 1000)
        # not one whose waiter may stand in the line still: the next call would pass in its place
        self._ears.append(ear)
        if answer == "line" and stops:
            raise _stopped(passage.call)
        if answer != "go":
            raise self._not_yet(passage.call, answer, ms / 1000)

    def _ask(self, passage: "_Passage", waiter: str, patience: float) -> tuple[str, int]:
        answer, ms = self.run(
            "pass_gate", passage, waiter, self.pace.tokens, whole_ms(self.pace.window),
            self.limits.concurrency, whole_ms(self.limits.lease), whole_ms(patience),
            whole_ms(self.limits.silence), whole_ms(LOOK), whole_ms(self.limits.slow),
            int(self.limits.spare),
        )  # fmt: skip
        return str(answer), int(ms)

    def _not_yet(self, call: Call, answer: str, seconds: float) -> CourseboxError:
        if answer == "slow":
            words = (
                f"{call.doing} waits: all requests under way to {self.destination} have been "
                f"without an answer for {self.limits.slow:g} s or more. It goes on by itself"
            )
            return not_yet(call.name, seconds, words)
        if answer == "closed":
            words = f"{call.doing} waits. {asked_to_wait(seconds)}"
            return not_yet(call.name, min(seconds, COME_AGAIN), words)
        # before the line is empty, so that no turn is left unused
        again = max(seconds / 2, SOONEST)
        limits = self.limits
        return not_yet(
            call.name,
            again,
            f"{call.doing} waits for its turn, which comes at about {clock_in(seconds)}: Usher "
            f"sends {self.destination} no more than {limits.rate:g} calls a second and "
            f"{limits.concurrency} at a time",
        )


def _stopped(call: Call) -> CourseboxError:
    words = f"{call.doing} is left to the next worker: this one was asked to stop"
    return not_yet(call.name, SOONEST, words)


class _Passage:
    """A call on its way through a SharedGate. That Redis is away must not cost its answer."""

    def __init__(self, gate: SharedGate, call: Call) -> None:
        self.id = str(ULID())
        self.call = call
        self._gate = gate
        self._sent = False
        self._over = False

    def sent(self) -> None:
        self._sent = True
        pace, lease = self._gate.pace, self._gate.limits.lease
        with suppress(StoreUnavailable):
            taken = whole_ms(pace.window + pace.slack)
            self._gate.run("sent_gate", self, taken, whole_ms(lease))

    def answered(self, failure: Failure | None) -> None:
        what = failure.kind if failure else "ok"
        said = failure.message if failure else ""
        self._leave(
            "answered", health(self.call, failure), f"{self.call.name} {what}",
            closed_for(failure), said,
        )  # fmt: skip

    def over(self) -> None:
        if not self._over:
            self._leave("sent" if self._sent else "unsent", Health.UNCLEAR, "", 0.0, "")

    def _leave(self, how: str, sign: Health, counted: str, closed: float, said: str) -> None:
        self._over = True
        gate = self._gate
        circuit = gate.limits.circuit
        try:
            came = gate.run(
                "leave_gate", self, how, whole_ms(gate.pace.window), gate.limits.concurrency,
                sign, counted, whole_ms(closed), circuit.span, circuit.calls,
                whole_ms(circuit.waits[0]), datetime.now(UTC).isoformat(),
                whole(_why(circuit, said)), circuit.apart,
                whole(f"the last {{row}} calls all failed; the last one: {said}"),
                int(gate.limits.spare),
            )  # fmt: skip
        except StoreUnavailable as error:
            log.warning("a call could not be counted", call=self.call.name, reason=error.reason)
            return
        if came == OPENED:
            log.warning("on hold: too many calls fail", destination=gate.destination, last=said)


def _why(circuit: Circuit, said: str) -> str:
    return (
        f"{{bad}} of the last {{all}} calls, made within {circuit.span} s, failed; the last one: "
        f"{said}"
    )


class _Ear:
    """Where one waiter is told that its turn may have come. It takes a connection of its own from
    the pool when it is first needed, and keeps it."""

    def __init__(self, connection: Connection) -> None:
        self.waiter = str(ULID())
        self._redis = connection.redis
        self._pubsub: Any = None

    @guarded
    def listen(self, seconds: float) -> None:
        """Returns when told, or after so long. May return early: ask again then."""
        if self._pubsub is None:
            self._pubsub = self._redis.pubsub()
            self._pubsub.subscribe(KEYS["gate_wake"] + self.waiter)
            # what was told before it listens is not heard
            self._pubsub.get_message(timeout=LOOK)
            return
        self._pubsub.get_message(timeout=seconds)


class Probing:
    """Who may try whether a destination works again that its circuit has put on hold."""

    def __init__(self, connection: Connection, circuit: Circuit | None = None) -> None:
        self._connection = connection
        self._waits = [whole_ms(wait) for wait in (circuit or Circuit()).waits]

    def claim(self, destination: str) -> str:
        """Since when the hold is that this worker is to probe now; "" for none."""
        return str(self._connection.run("claim_probe", destination, *self._waits))


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went through the gate of a destination: (call, kind of its end) -> number of calls; how
    many wait in line now, and for how many seconds nothing is sent."""

    calls: Mapping[tuple[str, str], int]
    waiting: int
    paused: float


def whole_ms(seconds: float) -> int:
    """Milliseconds, never too few."""
    return math.ceil(round(seconds * 1000, 6))


@guarded
def traffic(connection: Connection) -> dict[str, Traffic]:
    """The traffic of each destination that has had any."""
    redis = connection.redis
    calls: dict[str, dict[tuple[str, str], int]] = {}
    for what, number in redis.hgetall(KEYS["gate_calls"]).items():
        destination, call, kind = what.split(" ")
        calls.setdefault(destination, {})[call, kind] = int(number)
    seconds, micro = redis.time()
    now = seconds * 1000 + micro // 1000
    found = {}
    for destination, counted in calls.items():
        alive = f"({now - whole_ms(SILENCE)}"
        waiting = redis.zcount(KEYS["gate_alive"] + destination, alive, "+inf")
        closed = int(redis.get(KEYS["gate_closed"] + destination) or 0)
        found[destination] = Traffic(counted, waiting, max(closed - now, 0) / 1000)
    return found


def probe_time(hold: Mapping[str, str]) -> datetime | None:
    """When a hold's circuit tries again; None for a hold that waits for a person."""
    at = hold.get(PROBE_AT)
    return datetime.fromtimestamp(int(at) / 1000, UTC) if at else None
