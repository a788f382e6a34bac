"""When a rule is active: from a day on, until a day, on some days, in some hours.

Everything is told by the clock on the wall of the rule's time zone, also where summer time begins
or ends. Hours that pass midnight belong to the day on which they begin: Friday, 22:00 to 06:00
ends on Saturday morning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from rulebook.durations import is_date_only
from rulebook.paths import Scope

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Active:
    """The `active` of a rule; `start` counts, `end` does not; hours in minutes of the day."""

    zone: tzinfo
    start: datetime | None
    end: datetime | None
    days: frozenset[int]
    hours: tuple[int, int] | None
    words: str

    @classmethod
    def of(cls, active: Mapping[str, Any]) -> Active:
        """The active period of a canonical body. A day that is named as the end counts whole.

        Raises ValueError for a time zone that this machine does not know.
        """
        zone = _zone(active["timezone"]) if "timezone" in active else UTC
        hours = active.get("hours")
        return cls(
            zone=zone,
            start=_moment(active["from"], zone) if "from" in active else None,
            end=_end(active["until"], zone) if "until" in active else None,
            days=frozenset(DAYS.index(day) for day in active.get("days", DAYS)),
            hours=(_minutes(hours[0]), _minutes(hours[1])) if hours else None,
            words=_words(active),
        )

    def test(self, event: Scope, now: datetime) -> bool:
        """As `holds`, in the shape of the other tests of a rule."""
        return self.holds(now)

    def holds(self, now: datetime) -> bool:
        """Whether this moment is inside."""
        if self.start is not None and now < self.start:
            return False
        if self.end is not None and now >= self.end:
            return False
        local = told_in(self.zone, now)
        day, minute = local.weekday(), local.hour * 60 + local.minute
        if self.hours is None:
            return day in self.days
        first, last = self.hours
        if first < last:
            return first <= minute < last and day in self.days
        if minute >= first:
            return day in self.days
        return minute < last and (day - 1) % 7 in self.days


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (LookupError, OSError) as error:
        raise ValueError(f"this machine knows no time zone {name}; install tzdata") from error


def told_in(zone: tzinfo, now: datetime) -> datetime:
    """The same moment by the clock of that zone, where the calendar has it there."""
    try:
        return now.astimezone(zone)
    except OverflowError:  # on the first or last day of the calendar
        return now


def _moment(text: str, zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text.strip().upper())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _end(text: str, zone: tzinfo) -> datetime:
    if not is_date_only(text):
        return _moment(text, zone)
    try:
        return _moment(text, zone) + _DAY
    except OverflowError:
        return datetime.max.replace(tzinfo=zone)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _words(active: Mapping[str, Any]) -> str:
    """The period as people say it: ``Mon to Fri, 08:00 to 20:00 Europe/Berlin``."""
    parts = [f"{word} {active[word]}" for word in ("from", "until") if word in active]
    limits = " ".join(parts)
    days = _days_in_words(sorted(map(DAYS.index, active["days"]))) if "days" in active else ""
    hours = " to ".join(active["hours"]) if "hours" in active else ""
    zone = active.get("timezone", "UTC")
    return f"{', '.join(filter(None, (limits, days, hours)))} {zone}"


def _days_in_words(days: Sequence[int]) -> str:
    names = [DAYS[day].capitalize() for day in days]
    in_a_row = all(after - before == 1 for before, after in pairwise(days))
    return f"{names[0]} to {names[-1]}" if in_a_row and len(names) > 2 else ", ".join(names)
