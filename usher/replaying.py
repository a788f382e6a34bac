"""Stored events as rules are tried on them: from when on, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import click

from rulebook.comparing import Sample
from rulebook.durations import UNITS, parse_duration
from senders.moments import read_moment
from usher.finding import short
from usher.given_events import Given, preset_names, stored_given
from usher.opening import Usher

# roots that are named by an id, the most telling first
_NAMED: Final = ("deal", "order", "submission", "refund", "contact", "company")
_SHORT: Final = re.compile(r"([0-9]{1,6})\s*([smhdw])")
_LETTERS: Final[Mapping[str, str]] = {unit[0]: unit for unit in UNITS}


def read_since(text: str, now: datetime) -> datetime:
    """The time that lies so far back ("1d", "12h", "3 days"), or that is named as it is."""
    found = _SHORT.fullmatch(text.strip())
    if found:
        return now - timedelta(seconds=int(found[1]) * UNITS[_LETTERS[found[2]]])
    moment = read_moment(text)
    if moment is not None:
        return moment
    try:
        return now - timedelta(seconds=parse_duration(text))
    except ValueError:
        message = f"{text!r} is no time; write it like 1d, 12h, 3 days or 2026-04-15"
        raise click.BadParameter(message) from None


def newest(usher: Usher, limit: int, since: datetime | None = None) -> list[Given]:
    """The newest stored events as rules see them, oldest first, at most `limit`."""
    preset = preset_names(usher.settings)
    found = usher.archive.events(limit, lambda event: since is None or event.received_at >= since)
    return [stored_given(event, preset) for event in reversed(found)]


def samples(events: Iterable[Given]) -> list[Sample]:
    """The events as two books are compared on them."""
    return [Sample(named(given), given.form, given.received_at) for given in events]


def named(given: Given) -> str:
    """What an event is called in a line: the end of its id, and what it is about."""
    what = about(given.form)
    name = short(given.name) if given.stored else given.name
    return f"{name} {what}" if what else name


def about(form: Mapping[str, Any]) -> str:
    """What an event is about, such as `deal 7712`; empty where nothing has an id."""
    for root in _NAMED:
        block = form.get(root)
        if isinstance(block, dict) and block.get("id") is not None:
            return f"{root} {block['id']}"
    return ""
