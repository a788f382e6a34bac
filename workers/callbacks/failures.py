"""What can go wrong with a callback, as a table: what is done about it, and the words for it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from workers.lookups.failures import EndpointFailed, Kind, Row
from workers.retry import Verdict


class CallbackFailed(EndpointFailed):
    """A callback that was not taken."""


_AGAIN: Final = "It is sent again by itself, under the same id."
_RELEASE: Final = "Whatever needs it waits. {}, start the workers anew, then release the hold."

# What follows from each answer; statuses become kinds as they do for look-ups.
FAILURES: Final[Mapping[Kind, Row]] = MappingProxyType(
    {
        Kind.UNKNOWN: Row(
            Verdict.GIVE_UP,
            "there is no such callback",
            "Add it to callbacks in lookups.yaml or correct the rule, then replay.",
        ),
        Kind.UNUSABLE: Row(Verdict.HOLD, "it cannot be used", _RELEASE.format("Correct that")),
        Kind.BAD_PARAMETER: Row(
            Verdict.GIVE_UP,
            "a value cannot be used; nothing was sent",
            "Correct the rule or the event and replay.",
        ),
        Kind.NOT_ALLOWED: Row(
            Verdict.HOLD,
            "the address is not one that callbacks may call; nothing was sent",
            _RELEASE.format("Correct the address, or name the host in private_addresses"),
        ),
        Kind.UNREACHABLE: Row(Verdict.RETRY, "no connection could be made", _AGAIN),
        Kind.TIMED_OUT: Row(
            Verdict.RETRY,
            "no answer came within its time_limit, so nobody knows whether it was taken",
            _AGAIN,
        ),
        Kind.LOST: Row(
            Verdict.RETRY,
            "the connection was lost before an answer came, so nobody knows whether it was taken",
            _AGAIN,
        ),
        Kind.KEY_REFUSED: Row(
            Verdict.HOLD,
            "the key is not accepted, or lacks the right",
            _RELEASE.format("Correct the key in the settings, or its rights at the vendor"),
        ),
        Kind.NO_SUCH_RECORD: Row(
            Verdict.GIVE_UP,
            "there is no such record or address",
            "Check the values that the rule gives and the url in lookups.yaml, then replay.",
        ),
        Kind.REFUSED: Row(
            Verdict.GIVE_UP,
            "it was refused",
            "Check the values that the rule gives, and url and body in lookups.yaml, then replay.",
        ),
        Kind.BUSY: Row(Verdict.RETRY, "it asks to go slower", _AGAIN),
        Kind.BROKEN: Row(Verdict.RETRY, "it reports a fault of its own", _AGAIN),
        Kind.UNREADABLE: Row(Verdict.RETRY, "the answer is none that HTTP knows", _AGAIN),
        Kind.REDIRECTED: Row(
            Verdict.GIVE_UP,
            "it sends us elsewhere, and what is sent does not follow",
            "Write the final address as url in lookups.yaml, start the workers anew, then replay.",
        ),
    }
)


def failure(
    name: str, kind: Kind, destination: str, said: str = "", retry_after: float | None = None
) -> CallbackFailed:
    """The failure of a kind, worded: what happened and what to do. `said` holds no secrets."""
    row = FAILURES[kind]
    message = f"the callback {name} failed: {row.what}{f' ({said})' if said else ''}. {row.cure}"
    waits = retry_after if row.decision is Verdict.RETRY else None
    return CallbackFailed(message, row.decision, waits, destination)
