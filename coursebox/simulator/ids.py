"""How ids look in JSON, in paths and when a new one is made; one row for each id type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from coursebox.simulator.switches import IdType

Id = int | str


class WrongId(ValueError):
    """The value cannot be an id; the message is what the API answers."""


@dataclass(frozen=True, slots=True)
class IdScheme:
    from_json: Callable[[object], Id]
    from_text: Callable[[str], Id]
    numbered: Callable[[int], Id]


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


ID_SCHEMES: Mapping[IdType, IdScheme] = MappingProxyType(
    {IdType.INT: IdScheme(_int_from_json, _int_from_text, int)}
)
