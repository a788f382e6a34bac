"""What can go wrong with a look-up, as a table: what is done about it, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from workers.retry import Failure, Verdict

# What stands before the host (or, for a look-up that cannot be used, before its name) in the name
# of a destination that can be put on hold.
LOOKUP: Final = "lookup:"


class EndpointFailed(Exception):
    """A call to another system that came to nothing. `message` is a sentence for an ops person,
    without secrets; `retry_after` is seconds; `destination` is what a hold would be for."""

    def __init__(
        self, message: str, decision: Verdict, retry_after: float | None, destination: str
    ) -> None:
        super().__init__(message)
        self.message = message
        self.decision = decision
        self.retry_after = retry_after
        self.destination = destination

    @property
    def failure(self) -> Failure:
        """What the try that made the call says of itself."""
        return Failure(self.message, self.decision, self.retry_after, self.destination)


class LookUpFailed(EndpointFailed):
    """A look-up without a result."""


class Kind(StrEnum):
    """What happened; FAILURES says what follows from each."""

    UNKNOWN = "unknown"
    UNUSABLE = "unusable"
    BAD_PARAMETER = "bad_parameter"
    NOT_ALLOWED = "not_allowed"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    LOST = "lost"
    KEY_REFUSED = "key_refused"
    NO_SUCH_RECORD = "no_such_record"
    REFUSED = "refused"
    BUSY = "busy"
    BROKEN = "broken"
    REDIRECTED = "redirected"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    NO_LIST = "no_list"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Row:
    """What follows."""

    decision: Verdict
    what: str
    cure: str


_AGAIN = "It is tried again by itself."
_RELEASE = "Whatever needs it waits. {}, start the workers anew, then release the hold."

FAILURES: Final[Mapping[Kind, Row]] = MappingProxyType(
    {
        Kind.UNKNOWN: Row(
            Verdict.GIVE_UP,
            "there is no such look-up",
            "Add it to lookups.yaml or correct the rule, then replay.",
        ),
        Kind.UNUSABLE: Row(
            Verdict.HOLD, "it cannot be used", _RELEASE.format("Correct that")
        ),
        Kind.BAD_PARAMETER: Row(
            Verdict.GIVE_UP,
            "a value that the rule gives cannot be used; nothing was sent",
            "Correct the rule or the event and replay.",
        ),
        Kind.NOT_ALLOWED: Row(
            Verdict.HOLD,
            "the address is not one that look-ups may call; nothing was sent",
            _RELEASE.format("Correct the address, or name the host in private_addresses"),
        ),
        Kind.UNREACHABLE: Row(
            Verdict.RETRY, "no connection could be made", _AGAIN
        ),
        Kind.TIMED_OUT: Row(Verdict.RETRY, "it took longer than its time_limit", _AGAIN),
        Kind.LOST: Row(
            Verdict.RETRY, "the connection was lost before the answer was complete", _AGAIN
        ),
        Kind.KEY_REFUSED: Row(
            Verdict.HOLD,
            "the key is not accepted, or lacks the right",
            _RELEASE.format("Correct the key in the settings, or its rights at the vendor"),
        ),
        Kind.NO_SUCH_RECORD: Row(
            Verdict.GIVE_UP,
            "there is no such record",
            "Check the values that the rule gives; if it is normal that there is none, write "
            "not_found: absent for this look-up.",
        ),
        Kind.REFUSED: Row(
            Verdict.GIVE_UP,
            "the request was refused",
            "Check the values that the rule gives and the url in lookups.yaml.",
        ),
        Kind.BUSY: Row(Verdict.RETRY, "it asks to go slower", _AGAIN),
        Kind.BROKEN: Row(Verdict.RETRY, "it reports a fault of its own", _AGAIN),
        Kind.REDIRECTED: Row(
            Verdict.GIVE_UP,
            "it sends us elsewhere, which is not followed",
            "Write the final address as url in lookups.yaml, then replay.",
        ),
        Kind.TOO_LARGE: Row(
            Verdict.GIVE_UP,
            "the answer is larger than 1 MB",
            "Ask for less: fewer fields or smaller pages in the url.",
        ),
        Kind.UNREADABLE: Row(Verdict.RETRY, "the answer cannot be read as JSON", _AGAIN),
        Kind.NO_LIST: Row(
            Verdict.GIVE_UP,
            "the answer has no list where lookups.yaml says",
            "Correct list in lookups.yaml; `usher lookups try` shows what comes.",
        ),
        Kind.TOO_MANY: Row(
            Verdict.GIVE_UP,
            "there are more than lookups.yaml allows; none was taken, so that none is missing",
            "Ask for less, or allow more there.",
        ),
    }
)  # fmt: skip

STATUSES: Final[Mapping[int, Kind]] = MappingProxyType(
    {
        401: Kind.KEY_REFUSED,
        403: Kind.KEY_REFUSED,
        404: Kind.NO_SUCH_RECORD,
        408: Kind.BROKEN,
        410: Kind.NO_SUCH_RECORD,
        425: Kind.BUSY,
        429: Kind.BUSY,
    }
)
CLASSES: Final[Mapping[int, Kind]] = MappingProxyType(
    {3: Kind.REDIRECTED, 4: Kind.REFUSED, 5: Kind.BROKEN}
)


def kind_of(status: int) -> Kind | None:
    """What a status means; None for a good one."""
    if 200 <= status < 300:
        return None
    return STATUSES.get(status) or CLASSES.get(status // 100, Kind.UNREADABLE)


def failure(
    name: str, kind: Kind, destination: str, said: str = "", retry_after: float | None = None
) -> LookUpFailed:
    """The failure of a kind, worded: what happened and what to do. `said` holds no secrets."""
    row = FAILURES[kind]
    message = f"looking up {name} failed: {row.what}{f' ({said})' if said else ''}. {row.cure}"
    waits = retry_after if row.decision is Verdict.RETRY else None
    return LookUpFailed(message, row.decision, waits, destination)
