"""Lengths of time in words ("15 minutes") and moments as events write them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from rulebook.values import number_of

UNITS: Final = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
}
MAX_SECONDS: Final = 3_660 * 86_400

_WORDS = re.compile(r"\s*([0-9]{1,9})\s+(\w+)\s*", re.ASCII)
_SHORT = re.compile(r"\s*([0-9]{1,9})\s*(\w+)\s*", re.ASCII)
_PARTS = re.compile(r"\s*([0-9]{1,4}(?:\.[0-9]{1,3})?)\s+(\w+)\s*", re.ASCII)
# These have no length of their own.
_DAYS_OF: Final = {"month": 30, "year": 365}
_SHORT_UNITS: Final = {
    "s": "second", "sec": "second", "secs": "second",
    "m": "minute", "min": "minute", "mins": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour",
    "d": "day", "w": "week", "wk": "week",
}  # fmt: skip
_EXAMPLES: Final = 'for example "30 seconds", "15 minutes", "2 hours", "3 days" or "1 week"'

_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# 100,000,000,000 seconds are the year 5138; as milliseconds they are March 1973.
_FIRST_MILLISECONDS: Final = 100_000_000_000
# Eight digits are rather a date without hyphens than a second of the year 1970.
_MIN_DIGITS: Final = 9


def parse_duration(text: object) -> int:
    """Seconds in a length of time written in words; raises ValueError with a plain sentence."""
    found = _WORDS.fullmatch(text) if isinstance(text, str) else None
    unit = found[2].removesuffix("s") if found else ""
    if found is None or unit not in UNITS:
        raise ValueError(_why_no_duration(text))
    seconds = int(found[1]) * UNITS[unit]
    if seconds > MAX_SECONDS:
        raise ValueError(f'"{text}" is too long; at most 10 years')
    return seconds


def _why_no_duration(text: object) -> str:
    if isinstance(text, str):
        short = _SHORT.fullmatch(text)
        word = short[2].lower() if short else ""
        unit = _SHORT_UNITS.get(word, word.removesuffix("s"))
        bare = text.strip().lower().removesuffix("s")
        if bare in UNITS:
            return f'"{text}" is no length of time; write "1 {bare}"'
        if (meant := _in_smaller_units(text)) is not None:
            return f'"{text}" is no length of time; write "{meant}"'
        if short and unit in UNITS:
            return f'"{text}" is no length of time; write "{in_words(int(short[1]), unit)}"'
        return f'"{text}" is no length of time; write it in words, {_EXAMPLES}'
    return f"a length of time needs a number and a unit, {_EXAMPLES}"


def _in_smaller_units(text: str) -> str | None:
    """``1.5 hours`` as ``90 minutes``, ``2 months`` as ``60 days``."""
    found = _PARTS.fullmatch(text)
    unit = found[2].lower().removesuffix("s") if found else ""
    if found is None or unit not in {**UNITS, **_DAYS_OF}:
        return None
    seconds = float(found[1]) * UNITS.get(unit, _DAYS_OF.get(unit, 0) * UNITS["day"])
    fitting = ("day",) if unit in _DAYS_OF else ("day", "hour", "minute", "second")
    for smaller in fitting:
        if seconds and seconds % UNITS[smaller] == 0:
            return in_words(int(seconds // UNITS[smaller]), smaller)
    return None


def in_words(count: int, unit: str) -> str:
    """``3, "day"`` as ``3 days``."""
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def length_in_words(seconds: float) -> str:
    """``259200`` as ``3 days``: in the largest unit that it is whole in."""
    fitting = [(length, unit) for unit, length in UNITS.items() if not seconds % length]
    length, unit = max(fitting, default=(1, "second"))
    count = seconds / length
    return in_words(int(count), unit) if count == int(count) else f"{count:g} {unit}s"


def parse_moment(value: object) -> datetime | None:
    """The aware time that an event's value names, or None where it names none.

    ISO dates and date-times (UTC where no offset is written; a date is its first moment) and
    unix seconds or milliseconds, as a number or in text. A written offset is kept.
    """
    if isinstance(value, str):
        text = value.strip()
        if _ISO.fullmatch(text):
            return _from_iso(text)
        if len(text) < _MIN_DIGITS:
            return None
        value = text
    number = number_of(value)
    return None if number is None else _from_unix(number)


def iso_moment(text: str) -> datetime | None:
    """The time that an ISO date or date-time names, in UTC where it has no offset, or None."""
    return _from_iso(text) if _ISO.fullmatch(text) else None


def is_date_only(text: str) -> bool:
    """Whether the text names a whole day and not a time of it."""
    return _DATE.fullmatch(text.strip()) is not None


def _from_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _from_unix(number: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(
            number if abs(number) < _FIRST_MILLISECONDS else number / 1_000, UTC
        )
    except (ValueError, OverflowError, OSError):
        return None


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip

# Not strftime: that one speaks the language of the machine it happens to run on.
DATE_CODES: Final[Mapping[str, Callable[[datetime], str]]] = MappingProxyType(
    {
        "%Y": lambda moment: f"{moment.year:04}",
        "%y": lambda moment: f"{moment.year % 100:02}",
        "%m": lambda moment: f"{moment.month:02}",
        "%B": lambda moment: _MONTHS[moment.month - 1],
        "%b": lambda moment: _MONTHS[moment.month - 1][:3],
        "%d": lambda moment: f"{moment.day:02}",
        "%A": lambda moment: _DAYS[moment.weekday()],
        "%a": lambda moment: _DAYS[moment.weekday()][:3],
        "%H": lambda moment: f"{moment.hour:02}",
        "%M": lambda moment: f"{moment.minute:02}",
        "%S": lambda moment: f"{moment.second:02}",
        "%%": lambda moment: "%",
    }
)
