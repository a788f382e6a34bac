"""How ids look in JSON, in paths and when a new one is made; one row for each id type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from coursebox.simulator.switches import IdType

Id = int | str

# of version 7, as the public course links of Coursebox show them, but counted instead of drawn
COUNTED_UUID = "0197a6d2-5c00-7000-8000-{:012d}"
MOST_DIGITS = 12


class WrongId(ValueError):
    """The value cannot be an id; the message is what the API answers."""


@dataclass(frozen=True, slots=True)
class IdScheme:
    """`chosen` reads an id that a person set up: a uuid may be given as its number there."""

    from_json: Callable[[object], Id]
    from_text: Callable[[str], Id]
    numbered: Callable[[int], Id]
    chosen: Callable[[str], Id]


def _int_from_json(value: object) -> Id:
    # LoopBack 3 takes a JSON number and nothing that merely looks like one:
    # https://github.com/strongloop/strong-remoting/blob/master/lib/types/number.js
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongId("Value is not a number.")
    return value


def _int_from_text(text: str) -> Id:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise WrongId("Value is not a number.")
    return int(text)


def _uuid_from_json(value: object) -> Id:
    if not isinstance(value, str):
        raise WrongId("Value is not a string.")
    return _uuid_from_text(value)


def _uuid_from_text(text: str) -> Id:
    try:
        read = str(UUID(text))
    except ValueError:
        raise WrongId("Value is not a UUID.") from None
    if read != text.lower():  # other spellings, with braces or without dashes
        raise WrongId("Value is not a UUID.")
    return read


def _uuid_chosen(text: str) -> Id:
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return COUNTED_UUID.format(int(text))
    return _uuid_from_text(text)


ID_SCHEMES: Mapping[IdType, IdScheme] = MappingProxyType(
    {
        IdType.INT: IdScheme(_int_from_json, _int_from_text, int, _int_from_text),
        IdType.UUID: IdScheme(_uuid_from_json, _uuid_from_text, COUNTED_UUID.format, _uuid_chosen),
    }
)
