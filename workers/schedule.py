"""Lengths of time as people write them: "10 min", and lists of them: "5 s, 30 s, 1 hour"."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

_LONGEST_WAIT = 30 * 86_400.0
_MOST_WAITS = 50
_UNITS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
        **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
        **dict.fromkeys(("h", "hour", "hours"), 3600.0),
        **dict.fromkeys(("d", "day", "days"), 86_400.0),
    }
)
_WAIT = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([a-z]+)", re.ASCII | re.IGNORECASE)


def parse_schedule(text: str) -> tuple[float, ...]:
    """Seconds of each wait in a list such as "5 s, 2 min, 1 hour"; ValueError if it is not one."""
    waits = tuple(parse_length(part) for part in text.split(","))
    if len(waits) > _MOST_WAITS:
        raise ValueError(f"more than {_MOST_WAITS} waits")
    return waits


def parse_length(text: str, longest: float = _LONGEST_WAIT) -> float:
    """Seconds of a length such as "10 min" or "3 days"; ValueError if it is none, or longer."""
    found = _WAIT.fullmatch(text.strip())
    unit = _UNITS.get(found[2].lower()) if found else None
    if not found or unit is None:
        raise ValueError(f"{text.strip()!r} is not a length of time")
    seconds = float(found[1]) * unit
    if not 0 < seconds <= longest:
        raise ValueError(f"{text.strip()!r} is not above 0 and at most {format_length(longest)}")
    return seconds


def format_schedule(waits: Sequence[float]) -> str:
    """The schedule as it is written in the settings: each wait in its largest whole unit."""
    return ", ".join(map(format_length, waits))


def format_length(seconds: float) -> str:
    """A length as it is written in the settings: "12 h", "3 days"."""
    for size, unit in ((86_400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds % size == 0 and seconds > size * (unit == "days"):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
