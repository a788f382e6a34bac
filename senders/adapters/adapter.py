"""What every adapter offers: one sender's bodies in the words of the normal form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Presence(StrEnum):
    """How often a field is there, as far as the sender's documentation tells."""

    ALWAYS = "always"
    USUALLY = "usually"
    SOMETIMES = "sometimes"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that rules can speak of.

    path: as rules write it, such as `deal.status`; `answers.*` stands for names that only the
    customer knows. meaning: a few words for an ops person. example: a JSON value.
    """

    path: str
    meaning: str
    example: object
    present: Presence = Presence.USUALLY


# event type -> its fields; "*" = fields of every type
Catalogue = Mapping[str, tuple[Field, ...]]


@dataclass(frozen=True, slots=True)
class Adapter:
    """How one sender's events are named and translated. Neither function ever raises.

    types: the event types a rule may name; empty = any.
    event_type: body, and the type as the sender says it (Preset.type; None where it does not) ->
    type, None where nothing tells.
    roots: body, type -> the roots of the normal form except `event` and `raw`.
    catalogue: the fields that `roots` gives; empty = nothing is known of them.
    """

    types: frozenset[str]
    event_type: Callable[[object, str | None], str | None]
    roots: Callable[[object, str], dict[str, object]]
    catalogue: Catalogue = field(default_factory=dict)
