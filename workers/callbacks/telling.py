"""What a run tells of itself: the values that every callback has, and the standard body. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from workers.callbacks.definition import BuiltIn
from workers.settling import SKIPPED

TYPE: Final = "usher.callback"
# the outcome where nothing was done before
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Came:
    """What a step came to; `outcome` is "" for one that is not done. What Usher says of it in words
    may name other people, and stays here."""

    id: str
    action: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What a run knows when it comes to a callback. `step` is the callback's own; `steps` are
    those before it that are no callbacks; `at` is when the last of them ended. `email` is "" where
    no step names a learner by it."""

    run_id: str
    step: str
    event_id: str
    source: str
    event_type: str
    occurred_at: datetime
    rule: str
    account: str
    email: str
    steps: tuple[Came, ...]
    at: datetime

    @property
    def id(self) -> str:
        """The same for every try and every replay, by which a receiver knows a repetition."""
        # no full stop: it parts what Standard Webhooks sign
        return f"{self.run_id}-{self.step}"

    def values(self) -> Mapping[str, str | None]:
        """By the names of BuiltIn; None for what is not known."""
        outcomes = [came.outcome for came in self.steps if came.outcome not in ("", SKIPPED)]
        return {
            BuiltIn.RUN_ID: self.run_id,
            BuiltIn.EVENT_ID: self.event_id,
            BuiltIn.RULE: self.rule,
            BuiltIn.EMAIL: self.email or None,
            BuiltIn.OUTCOME: outcomes[-1] if outcomes else NONE,
            BuiltIn.OUTCOMES: ", ".join(outcomes) or NONE,
            BuiltIn.OCCURRED_AT: self.occurred_at.isoformat(),
        }

    def standard(self, parameters: Mapping[str, object]) -> dict[str, object]:
        """What is sent by a callback that says no body of its own."""
        return {
            "type": TYPE,
            "timestamp": self.at.isoformat(),
            "data": {
                "event": {
                    "id": self.event_id,
                    "source": self.source,
                    "type": self.event_type,
                    "occurred_at": self.occurred_at.isoformat(),
                },
                "rule": self.rule,
                "run": self.run_id,
                "learner": self.email or None,
                "account": self.account,
                "steps": [asdict(came) for came in self.steps],
                "parameters": dict(parameters),
            },
        }
