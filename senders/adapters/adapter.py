"""What every adapter offers: one sender's bodies in the words of the normal form."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Adapter:
    """How one sender's events are named and translated. Neither function ever raises.

    types: the event types a rule may name; empty = any.
    event_type: body -> type, None where the body does not say.
    roots: body -> the roots of the normal form except `event` and `raw`.
    """

    types: frozenset[str]
    event_type: Callable[[object], str | None]
    roots: Callable[[object], dict[str, object]]
