"""A run in hand: what its parts pass on to each other while a worker carries it out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from coursebox.exchange import Exchange
from rulebook import Rule
from workers.pulse import Lease
from workers.retry import Failure
from workers.store import Applied, Event, Run, Step, Store, StoreUnavailable

# A record that Redis cannot take at once is offered again this often, for this long (seconds).
OFFER_AGAIN: Final = 0.25
OFFER_FOR: Final = 20.0


@dataclass(frozen=True, slots=True)
class Journal:
    """The notes of one step, kept with the run: a later try goes on where this one stopped."""

    store: Store
    lease: Lease
    step: int
    notes: dict[str, str]

    def recall(self, key: str) -> str | None:
        return self.notes.get(f"{self.step}:{key}")

    def remember(self, key: str, value: str) -> None:
        offer(lambda: self.store.note(self.lease.claim, f"{self.step}:{key}", value))
        self.notes[f"{self.step}:{key}"] = value


@dataclass(slots=True)
class Work:
    """What a run was when claimed, and how far it has come since. `scope` is what its rule sees;
    `exchanges` is what was said to others in the try that is being made."""

    lease: Lease
    run: Run
    event: Event
    rule: Rule
    scope: dict[str, Any]
    steps: tuple[Step, ...]
    notes: dict[str, str]
    exchanges: list[Exchange] = field(default_factory=list)

    def with_step(self, number: int, **changes: Any) -> tuple[Step, ...]:
        changed = replace(self.steps[number], **changes)
        return (*self.steps[:number], changed, *self.steps[number + 1 :])

    def begun(self, number: int) -> bool:
        """Whether the step was tried, or has noted something down before its worker died."""
        noted = any(key.startswith(f"{number}:") for key in self.notes)
        return self.steps[number].tries > 0 or noted


@dataclass(frozen=True, slots=True)
class Given:
    """What a try came to: an outcome, or a failure with its decision. `applied` is what it has
    brought about for a learner."""

    outcome: str = ""
    detail: str = ""
    failure: Failure | None = None
    applied: Applied | None = None


def offer(write: Callable[[], None]) -> None:
    """Writes, and offers it again while Redis is away: an effect must not go unrecorded for a blip.

    Gives up after OFFER_FOR; the run then comes up again and finds the effect done.
    """
    until = time.monotonic() + OFFER_FOR
    while True:
        try:
            return write()
        except StoreUnavailable:
            if time.monotonic() > until:
                raise
            time.sleep(OFFER_AGAIN)
