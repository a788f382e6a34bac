"""What follows a failure: try again at a time, hold the destination, or give up. Pure.

The policy is a value: a list of waits. A failure says by itself whether it may be tried again and
how long the other side asked us to wait; this module adds what is left of the patience.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

# A wait is made longer by up to this share of itself, never shorter, so that a Retry-After is kept
# and a thousand runs that failed together do not come back together.
JITTER: Final = 0.2
# When a try is looked at again that has to wait and does not say how long (seconds).
SOON: Final = 1.0


# what the actions of all rules speak to
COURSEBOX: Final = "coursebox"


class Verdict(StrEnum):
    """The decisions a failure can carry. `wait` is nobody's failure: its time has not come."""

    RETRY = "retry"
    WAIT = "wait"
    HOLD = "hold"
    GIVE_UP = "give_up"


class Policy(Protocol):
    """A rule's own `retry:`; None where the rule leaves it to the settings. Waits are seconds."""

    @property
    def attempts(self) -> int | None: ...
    @property
    def first_wait(self) -> float | None: ...
    @property
    def max_wait(self) -> float | None: ...
    @property
    def give_up_after(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failed try says of itself. `retry_after` is seconds; `destination` is whom it failed
    at, and what a hold is for."""

    message: str
    verdict: Verdict
    retry_after: float | None = None
    destination: str = COURSEBOX


@dataclass(frozen=True, slots=True)
class Patience:
    """The waits (seconds) after the first, second, ... failure, and an end in seconds, if any."""

    waits: tuple[float, ...]
    give_up_after: float | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    wait: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Looked at again after so many seconds; it uses up no patience."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    reason: str


def patience(schedule: Sequence[float], policy: Policy | None) -> Patience:
    """The waits that hold for a rule: the settings' list, or what the rule's `retry:` makes of it.

    `attempts` counts tries, so 1 never tries again. With `first_wait` the waits double from there,
    up to `max_wait`.
    """
    if policy is None:
        return Patience(tuple(schedule))
    count = len(schedule) if policy.attempts is None else max(0, policy.attempts - 1)
    if policy.first_wait is not None:
        waits = [policy.first_wait * 2**n for n in range(count)]
    else:
        waits = [schedule[min(n, len(schedule) - 1)] if schedule else 0.0 for n in range(count)]
    ceiling = policy.max_wait
    capped = tuple(wait if ceiling is None else min(wait, ceiling) for wait in waits)
    return Patience(capped, policy.give_up_after)


def decide(
    failure: Failure, failures: int, patience: Patience, *, age: float, jitter: float
) -> Retry | Wait | Hold | GiveUp:
    """What to do after the `failures`-th failure in a row (1 = the first).

    `age` is how many seconds ago the work began; `jitter` a number from 0 to 1.
    """
    if failure.verdict is Verdict.GIVE_UP:
        return GiveUp(failure.message)
    if failure.verdict is Verdict.HOLD:
        return Hold(failure.message)
    if failure.verdict is Verdict.WAIT:
        return Wait(failure.retry_after or SOON, failure.message)
    if failures > len(patience.waits):
        return GiveUp(f"tried {times(failures)} without success; the last time: {failure.message}")
    wait = max(patience.waits[failures - 1], failure.retry_after or 0.0) * (1 + JITTER * jitter)
    if patience.give_up_after is not None and age + wait > patience.give_up_after:
        return GiveUp(
            f"tried {times(failures)}, and the rule gives it no longer than "
            f"{patience.give_up_after:g} s; the last time: {failure.message}"
        )
    return Retry(wait)


def times(failures: int) -> str:
    """How often, for a sentence: "once", "2 times"."""
    return "once" if failures == 1 else f"{failures} times"
