"""Where a value stands in an event: ``deal.custom.course``, ``items[0].sku``, ``answers["Name"]``.

A path walks blocks and lists only, never attributes, so no name a rule or an event can hold
reaches into Python. What is not there is ``MISSING``; a null that is there is ``None``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

MAX_INDEX: Final = 9_999
MAX_ITEMS: Final = 1_000
# The same field is named by many rules.
CACHED: Final = 4_096


class Missing(Enum):
    """The type of ``MISSING``: what a path gives where the event has no such field."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


class Each(Enum):
    """The type of ``EACH``: the step ``[]``, which goes on with every item of a list."""

    EACH = "[]"


MISSING: Final = Missing.MISSING
EACH: Final = Each.EACH

Scope = Mapping[str, object]
Getter = Callable[[Scope], object]
Step = str | int | Each

_NAME = r"\w+(?:-+\w+)*"
_FIRST = re.compile(rf"(?!\d){_NAME}")
_STEP = re.compile(
    rf"""\.(?P<name>{_NAME})
       | \[(?P<index>\d{{1,6}})\]
       | (?P<each>\[\])
       | \["(?P<text>(?:[^"\\]|\\["\\])*)"\]""",
    re.VERBOSE,
)
_STEP_NAME = re.compile(rf"\.({_NAME})")
_PLAIN = re.compile(_NAME)


class PathError(ValueError):
    """A text that is no path: what is wrong at which character, and what helps."""

    def __init__(self, message: str, offset: int, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.help = help


@dataclass(frozen=True, slots=True)
class Path:
    """One parsed path; two spellings of the same place are equal."""

    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """The path in its shortest spelling."""
        return "".join(_spelled(step) for step in self.steps).removeprefix(".")

    @property
    def root(self) -> str:
        """The first name, such as ``deal``."""
        return str(self.steps[0])

    @property
    def names(self) -> tuple[str, ...]:
        """The names on the way, without list steps."""
        return tuple(step for step in self.steps if isinstance(step, str))

    @property
    def dotted(self) -> str:
        """The path as an event lists it among its changed fields."""
        return ".".join(self.names) if len(self.names) == len(self.steps) else self.text

    def under(self, *roots: str) -> "Path":
        """The same path one or more names further down."""
        return Path(roots + self.steps)

    def count(self, scope: Scope) -> int:
        """How many items there are in the list at this path, or in the longest on the way to it.

        Unlike the getter this never stops at ``MAX_ITEMS``; 0 where there is no list.
        """
        return _count(scope, self.steps)

    def getter(self) -> Getter:
        """A function from the roots to the value there, or ``MISSING``; it never raises."""
        return _getter(self.steps)


@lru_cache(CACHED)
def parse_path(text: str) -> Path:
    """The path that ``text`` spells; raises PathError where it spells none."""
    path, end = scan_path(text, 0)
    if end < len(text):
        raise PathError(f'"{text[end]}" is not expected in a field name', end, _help_for(text, end))
    return path


def scan_path(text: str, start: int) -> tuple[Path, int]:
    """The longest path that begins at ``start``, and the offset after it; raises PathError."""
    first = _FIRST.match(text, start)
    if first is None:
        raise PathError("a field name is expected here", start, "for example: contact.email")
    steps: list[Step] = [first.group()]
    end = first.end()
    while text[end : end + 1] in {".", "["}:
        step, end = _scan_step(text, end)
        steps.append(step)
    return Path(tuple(steps)), end


def _scan_step(text: str, start: int) -> tuple[Step, int]:
    found = _STEP_NAME.match(text, start)
    if found is not None:
        return found[1], found.end()
    found = _STEP.match(text, start)
    if found is None:
        raise _broken_step(text, start)
    if found["index"] is not None:
        return _index(found["index"], start), found.end()
    if found["each"] is not None:
        return EACH, found.end()
    return re.sub(r"\\(.)", r"\1", found["text"]), found.end()


def _index(digits: str, start: int) -> int:
    if int(digits) > MAX_INDEX:
        raise PathError(f"the list position {digits} is too large", start, f"at most {MAX_INDEX}")
    return int(digits)


def _broken_step(text: str, start: int) -> PathError:
    if text[start] == ".":
        help = 'a name with spaces or other signs goes in brackets: answers["Your e-mail"]'
        return PathError('a name is expected after "."', start, help)
    help = 'write [0] for the first item, [] for every item, or ["a name"]'
    if text.startswith("[-", start):
        help = "for the last item write | last after the list"
    return PathError('"[" is not followed by a position, a name in quotes or "]"', start, help)


def _help_for(text: str, offset: int) -> str | None:
    if text[offset] == " ":
        return 'a name with spaces goes in brackets: answers["Your e-mail"]'
    return None


def _spelled(step: Step) -> str:
    if isinstance(step, Each):
        return "[]"
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN.fullmatch(step):
        return f".{step}"
    escaped = step.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'


@lru_cache(CACHED)
def _getter(steps: tuple[Step, ...]) -> Getter:
    match steps:
        case (str(root),):
            return lambda scope: scope.get(root, MISSING)
        case (str(root), str(name)):
            return _two_names(root, name)
    if EACH not in steps:
        return lambda scope: _walk(scope, steps)
    return lambda scope: _gather(scope, steps)


def _two_names(root: str, name: str) -> Getter:
    def get(scope: Scope) -> object:
        block = scope.get(root)
        return block.get(name, MISSING) if isinstance(block, dict) else MISSING

    return get


def _walk(value: object, steps: tuple[Step, ...]) -> object:
    for step in steps:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return MISSING
    return value


def _count(value: object, steps: tuple[Step, ...]) -> int:
    cut = steps.index(EACH) if EACH in steps else len(steps)
    found = _walk(value, steps[:cut])
    if not isinstance(found, list):
        return 0
    rest = steps[cut + 1 :]
    inner = sum(_count(item, rest) for item in found) if EACH in rest else 0
    return max(len(found), inner)


def _gather(value: object, steps: tuple[Step, ...]) -> object:
    """Every item's value in one flat list; items that lack it or hold null are left out."""
    cut = steps.index(EACH)
    found = _walk(value, steps[:cut])
    if not isinstance(found, list):
        return MISSING
    rest = steps[cut + 1 :]
    if not rest:
        return [item for item in found[:MAX_ITEMS] if item is not None]
    gathered: list[object] = []
    for item in found[:MAX_ITEMS]:
        if EACH in rest:
            inner = _gather(item, rest)
            gathered.extend(inner if isinstance(inner, list) else ())
        else:
            inner = _walk(item, rest)
            gathered.extend(() if inner is MISSING or inner is None else (inner,))
        if len(gathered) >= MAX_ITEMS:
            break
    return gathered[:MAX_ITEMS]
