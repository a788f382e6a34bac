"""What a good reply of createAccount tells: the user's id, and whether the account is really new.

A portal may answer for an address that has an account with 200 and that user. Only what the reply
shows counts: a time of making well before the answer, or other names than those that were sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from coursebox.replies import Reply, account_entry, person

# Seconds between making an account and answering that are still those of one request.
ONE_REQUEST: Final = 60.0
MILLISECONDS: Final = 1e11  # unix times from here on are not seconds
NAMES: Final = ("firstName", "lastName")


@dataclass(frozen=True, slots=True)
class Made:
    """`user_id` is None where the reply has none; `older` is what shows that the account was there
    before, "" where nothing does."""

    user_id: str | None
    older: str = ""


def read_made(reply: Reply, sent: Mapping[str, str]) -> Made:
    """What is told of the account that was asked for with these names and address (`email`)."""
    entry = account_entry(reply.body, sent["email"])
    if entry is None:
        return Made(None)
    inner = entry.get("user")
    shown = {**entry, **inner} if isinstance(inner, dict) else entry
    return Made(person(entry).user_id, _older(shown, reply.headers.get("date"), sent))


def _older(shown: Mapping[str, object], date: str | None, sent: Mapping[str, str]) -> str:
    made = _moment(shown.get("createdAt")) or _moment(shown.get("created"))
    answered = _answered(date)
    if made and answered and (answered - made).total_seconds() > ONE_REQUEST:
        return f"Coursebox answered with an account made on {made:%Y-%m-%d %H:%M} UTC"
    if any(_differs(shown.get(name), sent.get(name, "")) for name in NAMES):
        return "Coursebox answered with an account that has other names than those sent"
    return ""


def _moment(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _answered(date: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _differs(shown: object, sent: str) -> bool:
    if not isinstance(shown, str) or not shown.strip():
        return False
    return " ".join(shown.split()).casefold() != " ".join(sent.split()).casefold()
