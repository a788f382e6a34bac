"""Points in time as senders write them, and as the normal form writes them."""

import re
from datetime import UTC, datetime

# as .NET services write a time: milliseconds, and an offset that is only for display
# https://learn.microsoft.com/dotnet/framework/wcf/feature-details/stand-alone-json-serialization
_DOTNET = re.compile(r"/Date\(([0-9]{12,14})(?:[+-][0-9]{4})?\)/", re.ASCII)
_UNIX = re.compile(r"[0-9]{9,14}(\.[0-9]{1,9})?", re.ASCII)
# unix seconds reach 10^11 in the year 5138, milliseconds did so in 1973
_MILLISECONDS_FROM = 1e11
_EARLIEST = 1e8


def read_moment(value: object) -> datetime | None:
    """An aware UTC time out of ISO 8601 text or unix seconds or milliseconds, as number or text.

    None for whatever is not clearly a time since 1973. ISO text without a zone counts as UTC.
    Microsoft's `/Date(1776247200000)/` is read as well.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_unix(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    dotnet = _DOTNET.fullmatch(text)
    if dotnet:
        return datetime.fromtimestamp(int(dotnet[1]) / 1000, UTC)
    return _from_unix(float(text)) if _UNIX.fullmatch(text) else _from_iso(text)


def _from_unix(number: float) -> datetime | None:
    if not _EARLIEST <= number < _EARLIEST * 1e6:
        return None
    seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, UTC)


def _from_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso(moment: datetime) -> str:
    """`2026-04-15T10:00:00Z`, with a fraction only where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
