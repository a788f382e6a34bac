"""What lookups.yaml says of one look-up, as values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from rulebook.paths import Path, parse_path
from rulebook.vocabulary import LookupShape
from workers.lookups.failures import LOOKUP
from workers.lookups.template import Template

DEFAULT_TIME: Final = 10
LONGEST_TIME: Final = 30
DEFAULT_PAGES: Final = 10
MOST_PAGES: Final = 50
DEFAULT_ITEMS: Final = 500
# a rule's paths look no further into a list
MOST_ITEMS: Final = 1_000
DEFAULT_EACH: Final = 50
MOST_EACH: Final = 100

WHOLE: Final = "$"
_ROOT: Final = "reply"


class Form(StrEnum):
    """What a parameter takes."""

    TEXT = "text"
    NUMBER = "number"


class NotFound(StrEnum):
    """What a 404 means: nothing is there (null, or an empty list), or a failure."""

    ABSENT = "absent"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Takes:
    """A parameter; one without a default must be given."""

    name: str
    form: Form = Form.TEXT
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list goes on. One of: `next`, where the reply has the address of the next page;
    `cursor`, where it has what goes into `parameter`; `offset`, the parameter that counts items,
    by pages of `page_size`."""

    next: Path | None = None
    cursor: Path | None = None
    parameter: str = ""
    offset: str = ""
    page_size: int = 0
    most_pages: int = DEFAULT_PAGES
    most_items: int = DEFAULT_ITEMS


@dataclass(frozen=True, slots=True)
class Each:
    """Every item is replaced by what another look-up gives for it; `with_` are places in the
    item, by parameter."""

    use: str
    with_: Mapping[str, Path]
    most: int = DEFAULT_EACH


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an entry of the file calls, and with what. `host` may hold variables, `target` (path
    and query) parameters as well. `basic` names the variable that holds user:password."""

    # what stands before its host in the name of a hold
    family: ClassVar[str]

    name: str
    line: int
    scheme: str
    host: Template
    target: Template
    headers: Mapping[str, Template]
    basic: str | None
    parameters: tuple[Takes, ...]
    allowed_hosts: frozenset[str]
    private_addresses: frozenset[str]
    time_limit: int

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it needs, each once."""
        texts = (self.host, self.target, *self.headers.values())
        named = [name for text in texts for name in text.variables]
        return tuple(dict.fromkeys([*named, *self.named_alone]))

    @property
    def named_alone(self) -> tuple[str, ...]:
        """Those variables that stand in no text."""
        return (self.basic,) if self.basic else ()

    @property
    def address_text(self) -> str:
        """Where it calls, as it is written in the file."""
        return f"{self.scheme}://{self.host}{self.target}"


@dataclass(frozen=True, slots=True)
class Definition(Endpoint):
    """One look-up as the file describes it."""

    family: ClassVar[str] = LOOKUP

    paging: Paging | None
    listed: Path | None
    gives: Mapping[str, Path]
    each: Each | None
    not_found: NotFound

    def shape(self, others: Mapping[str, "Definition"]) -> LookupShape:
        """What the rule checker has to know of it; `others` are all look-ups by name."""
        giver = others.get(self.each.use, self) if self.each else self
        return LookupShape(
            parameters=tuple(each.name for each in self.parameters),
            required=frozenset(each.name for each in self.parameters if each.default is None),
            fields=tuple(giver.gives),
            is_list=self.listed is not None,
        )


def parse_place(text: str) -> Path:
    """A place in a reply (or in an item of its list); "$" is all of it. Raises PathError."""
    if text.startswith(WHOLE):
        return parse_path(_ROOT + text[len(WHOLE) :])
    return parse_path(f"{_ROOT}{'' if text.startswith('[') else '.'}{text}")


def find(place: Path, reply: object) -> object:
    """What stands there; MISSING where nothing does."""
    return place.getter()({_ROOT: reply})
