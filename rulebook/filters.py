"""The filters of templates, as a table: what each takes and what it makes of a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

Tables = Mapping[str, Mapping[str, object]]
Step = Callable[[object, Tables], object]


class RenderError(Exception):
    """A template that cannot be filled from this event; permanent, a retry cannot help."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ArgumentKind(StrEnum):
    """What a filter's argument may be, in the words of messages."""

    TEXT = 'text in quotes, such as ", "'
    COUNT = "a whole number from 1"
    ANY = "text in quotes, a number, true or false"
    TABLE = "the name of a table, without quotes"
    DATE_FORMAT = 'a date format in quotes, such as "%d.%m.%Y"'


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a filter."""

    name: str
    kind: ArgumentKind
    required: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter; one that ``fills`` is also asked about a missing value."""

    name: str
    build: Callable[..., Step]
    arguments: tuple[Argument, ...] = ()
    fills: bool = False


FILTERS: Mapping[str, Filter] = MappingProxyType({})
