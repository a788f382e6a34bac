"""The gate of a portal: every single request passes it, so that rate and number are kept.

A whole rate of 2 calls a second means that no second, wherever it begins, sees a third one. So a
call that has left holds its token until a whole window after it can have arrived: after its answer,
or where that is slow, after so much time as one request may be on its way longer than another.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from coursebox.calls import LOGIN, Call
from coursebox.errors import Failure, Kind, not_yet

# How much longer one request may be on its way than another: a share of the window, and at most so
# many seconds. It is what slow answers cost of the rate.
SLACK: Final = 0.04
LONGEST_SLACK: Final = 0.04
# Whoever would have to wait longer for the gate is told to come again (seconds).
PATIENCE: Final = 5.0
# For how long nothing is sent after a 429 that does not say for how long (seconds).
UNASKED: Final = 5.0


class Passage(Protocol):
    """One request that has been let through."""

    def sent(self) -> None:
        """The request has left this machine."""

    def answered(self, failure: Failure | None) -> None:
        """What came of it; None for a good answer."""


class Gate(Protocol):
    """Lets requests through, as many as a portal may be sent."""

    def passing(self, call: Call, *, begun: bool = False) -> AbstractContextManager[Passage]:
        """Entered round a request; entering waits for its turn. Raises NotYet where the turn is
        too far off to be waited for. `begun`: it is not the first call of a try, and those before
        would have to be made again, so it is waited for longer."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`tokens` calls may leave in each `window` (seconds), wherever it begins. A call that was
    sent may arrive `slack` seconds later than another one sent at the same time."""

    tokens: int
    window: float
    slack: float

    @classmethod
    def of(cls, rate: float) -> "Pace":
        """That of so many calls a second, which may be fewer than one."""
        if not (rate > 0 and math.isfinite(rate)):
            raise ValueError(f"a rate is more than 0 calls a second, not {rate}")
        tokens = max(1, math.floor(rate))
        window = tokens / rate
        return cls(tokens, window, min(SLACK * window, LONGEST_SLACK))


def never() -> bool:
    """Of a worker that is not asked to stop."""
    return False


class Health(StrEnum):
    """What the end of a call says about whether the portal works."""

    GOOD = "good"
    BAD = "bad"
    UNCLEAR = "unclear"


_BAD: Final = frozenset(
    {
        Kind.UNREACHABLE,
        Kind.TIMED_OUT,
        Kind.CONNECTION_LOST,
        Kind.BAD_GATEWAY,
        Kind.UNAVAILABLE,
        Kind.UNREADABLE,
    }
)
_UNCLEAR: Final = frozenset(
    {Kind.RATE_LIMITED, Kind.REQUEST_TIMEOUT, Kind.REDIRECTED, Kind.LOGIN_UNREADABLE, Kind.NOT_YET}
)


def health(call: Call, failure: Failure | None) -> Health:
    """What came of a call, as a sign of the portal's health. A refusal is a good sign; so is a 500
    to a write, behind which the portal hides refusals."""
    if failure is None:
        return Health.GOOD
    if failure.kind in _UNCLEAR:
        return Health.UNCLEAR
    if failure.kind is Kind.SERVER_ERROR:
        return Health.GOOD if call.writes and failure.status == 500 else Health.BAD
    return Health.BAD if failure.kind in _BAD else Health.GOOD


def closed_for(failure: Failure | None) -> float:
    """For how many seconds nobody may send anything after such an answer."""
    if failure is None or failure.kind not in (Kind.RATE_LIMITED, Kind.UNAVAILABLE):
        return 0.0
    if failure.retry_after is None and failure.kind is Kind.RATE_LIMITED:
        return UNASKED
    return failure.retry_after or 0.0


class _Free:
    def sent(self) -> None:
        pass

    def answered(self, failure: Failure | None) -> None:
        pass


class OpenGate:
    """A gate that lets everything through at once."""

    @contextmanager
    def passing(self, call: Call, *, begun: bool = False) -> Iterator[Passage]:
        yield _Free()


class OneTry:
    """A gate as one try sees it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._begun = False

    def passing(self, call: Call, *, begun: bool = False) -> AbstractContextManager[Passage]:
        if call is LOGIN:
            # it is not lost to the next try, and others wait for its end
            return self._gate.passing(call)
        begun, self._begun = begun or self._begun, True
        return self._gate.passing(call, begun=begun)


class MemoryGate:
    """A gate for the threads of one process; who comes first passes first."""

    def __init__(self, rate: float, concurrency: int) -> None:
        self._pace = Pace.of(rate)
        self._places = concurrency
        self._changed = threading.Condition()
        self._line: deque[_Turn] = deque()
        self._flying: set[_Turn] = set()
        # when the token of each call is free again: never, for one that has not left yet
        self._tokens: dict[_Turn, float] = {}
        self._closed_until = 0.0

    @contextmanager
    def passing(self, call: Call, *, begun: bool = False) -> Iterator[Passage]:
        turn = _Turn(self)
        with self._changed:
            self._enter(turn, call)
        try:
            yield turn
        finally:
            self.left(turn)

    def free_at(self, turn: "_Turn", seconds: float) -> None:
        """The token of a call is free again at the latest so many seconds from now."""
        with self._changed:
            at = time.monotonic() + self._pace.window + seconds
            self._tokens[turn] = min(at, self._tokens.get(turn, math.inf))
            self._changed.notify_all()

    def sent(self, turn: "_Turn") -> None:
        self.free_at(turn, self._pace.slack)

    def close_for(self, seconds: float) -> None:
        with self._changed:
            self._closed_until = max(self._closed_until, time.monotonic() + seconds)

    def left(self, turn: "_Turn") -> None:
        """The call is over; one that was never sent gives its token back."""
        with self._changed:
            self._flying.discard(turn)
            if self._tokens.get(turn) == math.inf:
                del self._tokens[turn]
            self._changed.notify_all()

    def _enter(self, turn: "_Turn", call: Call) -> None:
        self._line.append(turn)
        try:
            while (wait := self._wait(turn)) > 0:
                closed = self._closed_until - time.monotonic()
                if closed > PATIENCE:
                    raise not_yet(call.name, closed, f"{call.doing} waits. {asked_to_wait(closed)}")
                self._changed.wait(None if wait == math.inf else wait)
            self._flying.add(turn)
            self._tokens[turn] = math.inf
        finally:
            self._line.remove(turn)
            self._changed.notify_all()

    def _wait(self, turn: "_Turn") -> float:
        """Seconds until the turn may come; infinite where only others can bring it on."""
        now = time.monotonic()
        self._tokens = {each: at for each, at in self._tokens.items() if at > now}
        if self._line[0] is not turn or len(self._flying) >= self._places:
            return math.inf
        free = now if len(self._tokens) < self._pace.tokens else min(self._tokens.values())
        return max(free, self._closed_until) - now


class _Turn:
    """A call that passes a MemoryGate."""

    def __init__(self, gate: MemoryGate) -> None:
        self._gate = gate

    def sent(self) -> None:
        self._gate.sent(self)

    def answered(self, failure: Failure | None) -> None:
        self._gate.free_at(self, 0.0)
        self._gate.close_for(closed_for(failure))


def asked_to_wait(seconds: float) -> str:
    """That the portal has closed its gate, and until when, in a sentence."""
    return f"Coursebox asked for a pause: nothing is sent to it before {clock_in(seconds)}"


def clock_in(seconds: float) -> str:
    """The time so many seconds from now, as people read it."""
    form = "%H:%M:%S UTC" if seconds < 3600 else "%Y-%m-%d %H:%M UTC"
    return time.strftime(form, time.gmtime(time.time() + seconds))
