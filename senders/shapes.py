"""Values out of bodies of any shape: what is not there, or not of the kind asked for, is absent.

A path is names joined by dots, with `[0]` for items of a list; `$` is the whole.
"""

import re
from collections.abc import Callable
from functools import cache

_STEP = re.compile(r"([^.\[\]]+)((?:\[[0-9]{1,4}\])*)")
_INDEX = re.compile(r"[0-9]+")

# the longest number that is taken for an identity or a name, in bits
_LONGEST_NUMBER = 1024


@cache
def steps(path: str) -> tuple[str | int, ...]:
    """The path as keys and list positions, () for `$`; ValueError if it is no path."""
    if path == "$":
        return ()
    found: list[str | int] = []
    for part in path.split("."):
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(path)
        found.append(match[1])
        found.extend(int(number) for number in _INDEX.findall(match[2]))
    return tuple(found)


def dig(value: object, path: str) -> object:
    """What stands there; None where nothing does, whatever the shape."""
    for step in steps(path):
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value


def replaced(value: object, path: str, new: object) -> object:
    """The value with something else at that path; as it is where nothing stands there."""
    return _changed(value, steps(path), lambda _: new)


def without(value: object, path: str) -> object:
    """The value without what stands at that path, the last part of which is a name."""
    *way, name = steps(path)
    return _changed(value, tuple(way), lambda last: _less(last, name))


def _changed(
    value: object, way: tuple[str | int, ...], change: Callable[[object], object]
) -> object:
    if not way:
        return change(value)
    first, rest = way[0], way[1:]
    if isinstance(value, dict) and first in value:
        return {**value, first: _changed(value[first], rest, change)}
    if isinstance(value, list) and isinstance(first, int) and first < len(value):
        return [*value[:first], _changed(value[first], rest, change), *value[first + 1 :]]
    return value


def _less(value: object, name: str | int) -> object:
    if not isinstance(value, dict) or name not in value:
        return value
    return {key: item for key, item in value.items() if key != name}


def block(value: object) -> dict[str, object]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: object) -> list[object]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    """Text, or a number as text; None for anything else, and for empty text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
        return None
    return str(value) or None
