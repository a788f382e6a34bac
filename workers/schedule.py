"""Lists of waits as people write them: "5 s, 30 s, 2 min, 1 hour"."""

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
    waits = tuple(_seconds(part) for part in text.split(","))
    if len(waits) > _MOST_WAITS:
        raise ValueError(f"more than {_MOST_WAITS} waits")
    return waits


def _seconds(text: str) -> float:
    found = _WAIT.fullmatch(text.strip())
    unit = _UNITS.get(found[2].lower()) if found else None
    if not found or unit is None:
        raise ValueError(f"{text.strip()!r} is not a length of time")
    seconds = float(found[1]) * unit
    if not 0 < seconds <= _LONGEST_WAIT:
        raise ValueError(f"{text.strip()!r} is not above 0 and at most 30 days")
    return seconds


def format_schedule(waits: Sequence[float]) -> str:
    """The schedule as it is written in the settings: each wait in its largest whole unit."""
    return ", ".join(_wait_text(wait) for wait in waits)


def _wait_text(seconds: float) -> str:
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
