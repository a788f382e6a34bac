"""What lookups.yaml says of one callback, as values. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from rulebook.vocabulary import CallbackShape
from workers.callbacks.body import Body
from workers.lookups.definition import Endpoint

# What stands before the host (or, for a callback that cannot be used, before its name) in the name
# of a destination that can be put on hold.
CALLBACK: Final = "callback:"
# The parameter of the action that names the callback; no callback can take one of this name.
USE: Final = "use"


class Method(StrEnum):
    """How it is sent."""

    POST = "POST"
    PATCH = "PATCH"
    PUT = "PUT"


class BuiltIn(StrEnum):
    """What every callback can speak of without being given it by a rule."""

    RUN_ID = "run_id"
    EVENT_ID = "event_id"
    RULE = "rule"
    EMAIL = "email"
    OUTCOME = "outcome"
    OUTCOMES = "outcomes"
    OCCURRED_AT = "occurred_at"


@dataclass(frozen=True, slots=True)
class Callback(Endpoint):
    """One callback as the file describes it. Without a `body` the standard one is sent; `secret`
    names the variable that signs as Standard Webhooks, if it is signed so."""

    family: ClassVar[str] = CALLBACK

    method: Method
    body: Body | None
    secret: str | None

    @property
    def named_alone(self) -> tuple[str, ...]:
        """The variables that stand in no text, that of its signature among them."""
        return tuple(name for name in (self.basic, self.secret) if name)

    @property
    def in_body_alone(self) -> Collection[str]:
        """The parameters that stand in no address."""
        return {each.name for each in self.parameters} - set(self.target.parameters)

    def shape(self, problem: str = "") -> CallbackShape:
        """What the rule checker has to know of it."""
        return CallbackShape(
            parameters=tuple(each.name for each in self.parameters),
            required=frozenset(each.name for each in self.parameters if each.default is None),
            problem=problem,
        )
