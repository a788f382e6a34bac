"""What a step asks of whoever carries its action out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from workers.store import Applied
from workers.work import Given, Work

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """What keeps an action from being done now: a destination on hold, and why it is."""

    destination: str
    reason: str


class Acting(Protocol):
    """Carries out a family of actions for one destination or many."""

    def held(self, work: Work, action: str, params: Params) -> Held | None:
        """What keeps it from being done now."""

    def learner(self, work: Work, action: str, params: Params) -> str:
        """For whom it is done, "" for nobody: one run at a time acts for a person."""

    def effect(self, work: Work, action: str, params: Params) -> Applied | None:
        """What is remembered of it once it is done; None where no course is touched."""

    def perform(self, work: Work, number: int, params: Params) -> Given:
        """Tries the step; a failure is a value. Raises ClaimLost."""


# who carries out the action of that name
Actors = Callable[[str], Acting]
