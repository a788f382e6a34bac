"""What a rule's body says of its steps, their look-ups, waits and retries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

NORMAL: Final = "normal"
STOP: Final = "stop"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What a rule says about retries; waits in seconds, None where it leaves it to the settings."""

    attempts: int | None = None
    first_wait: float | None = None
    max_wait: float | None = None
    give_up_after: float | None = None

    @classmethod
    def of(cls, holder: Mapping[str, Any]) -> RetryPolicy | None:
        """The policy under the key `retry`, where there is one."""
        return cls(**holder["retry"]) if "retry" in holder else None


@dataclass(frozen=True, slots=True)
class LookupCall:
    """One question to another system: its result is `name` in the rule, `use` says whom to ask."""

    name: str
    use: str
    with_: Mapping[str, object]

    @classmethod
    def all_of(cls, holder: Mapping[str, Any]) -> tuple[LookupCall, ...]:
        """The look-ups under the key `lookup`, in the order in which they are written."""
        calls = holder.get("lookup", {})
        return tuple(cls(name, call["use"], call.get("with", {})) for name, call in calls.items())


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a rule; `with_` holds its parameters as they are written.

    `delay` is in seconds, counted from when the step could begin; `on_error` is "stop" or
    "continue"; `retry` None where the rule's own policy counts. After the delay its `lookups` are
    asked, and what they say is there for its conditions (`Rule.only_if`) and its parameters.
    """

    id: str
    action: str
    with_: Mapping[str, object]
    delay: float = 0
    on_error: str = STOP
    retry: RetryPolicy | None = None
    lookups: tuple[LookupCall, ...] = ()

    @classmethod
    def of(cls, step: Mapping[str, Any]) -> Step:
        """The step of a canonical body."""
        return cls(
            id=step["id"],
            action=step["action"],
            with_=step["with"],
            delay=step.get("delay", 0),
            on_error=step.get("on_error", STOP),
            retry=RetryPolicy.of(step),
            lookups=LookupCall.all_of(step),
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many runs of a rule in so many seconds."""

    runs: int
    per: float
