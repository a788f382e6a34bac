"""Checks of the occasions on which a rule acts at all: its active period and its rollout."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from rulebook.active import DAYS, Active
from rulebook.durations import iso_moment
from rulebook.keys import ACTIVE, ROLLOUT
from rulebook.nodes import Block, Broken, Entry, Scalar, describe, shortened
from rulebook.page import Page
from rulebook.problems import Findings
from rulebook.shapes import block, known_keys, listing, required, span_of, text, wrong_kind
from rulebook.spelling import did_you_mean, nearest
from rulebook.value_checks import check_filled_text

_HOURS: Final = re.compile(
    r"([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01][0-9]:[0-5][0-9]|2[0-3]:[0-5][0-9]|24:00)",
    re.ASCII,
)
_LOOSE_HOURS: Final = re.compile(
    r"\s*([0-9]{1,2})(?:[:.h]([0-9]{2}))?\s*(?:-|\u2013|to|until)\s*([0-9]{1,2})(?:[:.h]([0-9]{2}))?\s*",
    re.ASCII | re.IGNORECASE,
)
_DOTTED: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DAY_RANGE: Final = re.compile(r"\s*([a-z]{3})[a-z]*\s*(?:-|\u2013|to)\s*([a-z]{3})[a-z]*\s*", re.I)


def check_active(entry: Entry | None, page: Page) -> dict[str, Any]:
    """The active period in its canonical form; empty where there is none or it is wrong."""
    findings = page.findings
    help = "write it like active: {timezone: Europe/Berlin, hours: 08:00-18:00}"
    given = block(entry, findings, help)
    if given is None:
        return {}
    before = findings.errors
    known_keys(given, ACTIVE, findings)
    found: dict[str, Any] = {
        "from": _moment(given.entry("from"), findings),
        "until": _moment(given.entry("until"), findings),
        "timezone": _zone(given.entry("timezone"), findings),
        "days": _days(given.entry("days"), findings),
        "hours": _hours(given.entry("hours"), findings),
    }
    active = {name: value for name, value in found.items() if value}
    if findings.errors > before:
        return {}
    if not active.keys() - {"timezone"}:
        message = '"active" says nothing of when the rule is active'
        help = f"it takes {', '.join(ACTIVE.names)}"
        findings.error(given.first, "S02", message, help=help)
        return {}
    _check_order(active, given, findings)
    return active


def warn_of_clock(rule: Block, active: dict[str, Any], findings: Findings) -> None:
    """Notes hours and days that are told by nobody's clock in particular."""
    entry = rule.entry("active")
    if entry is None or "timezone" in active or not {"days", "hours"} & active.keys():
        return
    message = 'these days and hours are those of UTC, as "timezone" is missing in "active"'
    help = "add a line such as timezone: Europe/Berlin, or timezone: UTC if it is meant"
    findings.warning(entry.key.span, "W10", message, help=help)


def warn_of_share(rule: Block, rollout: dict[str, Any], findings: Findings) -> None:
    """Notes a share such as 0.5, which is rather a half than half of one percent."""
    entry = rule.entry("rollout")
    percent = rollout.get("percent", 0)
    if entry is None or not 0 < percent < 1 or not isinstance(entry.value, Block):
        return
    message = f'"percent: {percent}" is less than one of a hundred'
    help = f"percent goes from 0 to 100; write {percent * 100:g} if that is meant"
    findings.warning(span_of(_entry(entry.value, "percent")), "W12", message, help=help)


def _entry(block: Block, name: str) -> Entry:
    return next(entry for entry in block.entries if entry.key.text == name)


def check_rollout(entry: Entry | None, page: Page) -> dict[str, Any]:
    """The rollout in its canonical form; complains of what is wrong in it."""
    help = "write it like rollout: {percent: 50, by: '${ contact.email }'}"
    given = block(entry, page.findings, help)
    if given is None:
        return {}
    meant = known_keys(given, ROLLOUT, page.findings)
    percent = required(given, "percent", '"rollout"', page.findings, meant)
    help = "name what stays the same for one person, such as by: ${ contact.email }"
    by = required(given, "by", '"rollout"', page.findings, meant, help=help)
    return {
        "percent": _percent(percent, page.findings),
        "by": check_filled_text(by, page, has_item=False),
    }


def _percent(entry: Entry | None, findings: Findings) -> float:
    if entry is None or isinstance(entry.value, Broken):
        return 0
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100:
        if round(value, 2) != value:
            message = '"percent" takes two decimals at most'
            findings.error(span_of(entry), "S03", message, help=f"write {round(value, 2):g}")
        return int(value) if value == int(value) else value
    written = value.removesuffix("%").strip() if isinstance(value, str) else ""
    help = f"write {written}" if written.isdecimal() else None
    wrong_kind(entry, "a number from 0 to 100", findings, help)
    return 0


def _moment(entry: Entry | None, findings: Findings) -> str | None:
    if entry is None or isinstance(entry.value, Broken):
        return None
    written = entry.value.text.strip() if isinstance(entry.value, Scalar) else ""
    if iso_moment(written) is not None:
        return written.upper()
    dotted = _DOTTED.fullmatch(written)
    meant = f"{dotted[3]}-{dotted[2]:>02}-{dotted[1]:>02}" if dotted else ""
    help = "write it like 2026-04-15, or 2026-04-15T10:00:00"
    if iso_moment(meant) is not None:
        help = f"write {meant}"
    elif _ISO_DAY.fullmatch(written):
        help = "there is no such day in the calendar"
    wrong_kind(entry, "a date or a date with time", findings, help)
    return None


def _zone(entry: Entry | None, findings: Findings) -> str | None:
    name = text(entry, findings)
    if entry is None or name is None:
        return None
    # not every system tells capitals apart, and a rule has to mean the same on all of them
    if name in _zones() and _opens(name):
        return name
    names = {zone for zone in _zones() if "/" in zone or zone == "UTC"}
    city = {zone.rpartition("/")[2].lower(): zone for zone in sorted(names)}
    near = city.get(name.strip().lower().replace(" ", "_")) or nearest(name, names)
    help = None if near else "names such as Europe/Berlin, America/New_York or UTC"
    message = f'unknown time zone "{shortened(name)}"'
    findings.error(entry.value.span, "S04", message, label=did_you_mean(near), help=help)
    return None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _opens(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def _days(entry: Entry | None, findings: Findings) -> list[str]:
    if entry is not None and isinstance(entry.value, Scalar) and entry.value.text:
        wrong_kind(entry, "a list of days", findings, f"write [{_days_meant(entry.value.text)}]")
        return []
    given = listing(entry, findings)
    if entry is None or given is None:
        return []
    if not given.items:
        findings.error(span_of(entry), "S03", '"days" must not be an empty list')
    named: set[str] = set()
    for item in given.items:
        word = item.text if isinstance(item, Scalar) else ""
        if word in DAYS:
            named.add(word)
        elif not isinstance(item, Broken):
            near = word[:3].lower() if word[:3].lower() in DAYS else None
            message = f"a day is one of {', '.join(DAYS)}, found {describe(item)}"
            help = f"write {_days_meant(word)}" if _DAY_RANGE.fullmatch(word) else None
            label = None if help else did_you_mean(near)
            findings.error(item.span, "S04", message, label=label, help=help)
    return [day for day in DAYS if day in named]


def _days_meant(written: str) -> str:
    """``mon-fri`` as the days one by one."""
    found = _DAY_RANGE.fullmatch(written)
    first, last = (found[1].lower(), found[2].lower()) if found else ("", "")
    if first in DAYS and last in DAYS and DAYS.index(first) <= DAYS.index(last):
        return ", ".join(DAYS[DAYS.index(first) : DAYS.index(last) + 1])
    short = written.strip()[:3].lower()
    return short if short in DAYS else "mon, tue, wed, thu, fri"


def _hours(entry: Entry | None, findings: Findings) -> list[str]:
    if entry is None or isinstance(entry.value, Broken):
        return []
    if not isinstance(entry.value, Scalar) or not entry.value.text:
        wrong_kind(entry, "two times of day", findings, "write them like 08:00-18:00")
        return []
    written = entry.value.text
    found = _HOURS.fullmatch(written.strip())
    if found is None:
        message = f'"hours" must be two times of day such as 08:00-18:00, found "{written}"'
        findings.error(span_of(entry), "S04", message, help=_hours_meant(written))
        return []
    first, last = f"{found[1]}:{found[2]}", found[3]
    if first == last or (first, last) == ("00:00", "24:00"):
        message = '"hours" name the whole day' if first != last else '"hours" begin when they end'
        help = 'leave "hours" out if the rule is to act all day'
        findings.error(span_of(entry), "S04", message, help=help)
    return [first, last]


def _hours_meant(written: str) -> str | None:
    found = _LOOSE_HOURS.fullmatch(written)
    if found is None:
        return None
    meant = f"{found[1]:>02}:{found[2] or '00'}-{found[3]:>02}:{found[4] or '00'}"
    return f"write {meant}" if _HOURS.fullmatch(meant) else None


def _check_order(active: dict[str, Any], given: Block, findings: Findings) -> None:
    try:
        period = Active.of(active)
    except (ValueError, OverflowError):
        message = '"active" names a day that no calendar reaches'
        findings.error(given.first, "S04", message)
        return
    if period.start is not None and period.end is not None and period.start >= period.end:
        span = _entry(given, "until").value.span
        message = f'"until" ({active["until"]}) is not after "from" ({active["from"]})'
        findings.error(span, "S04", message, help="the rule would never act")
