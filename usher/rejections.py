"""Refused deliveries judged again: with today's secrets, as of the time at which they came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from senders.delivery import Delivery, Malformed, Refused, UnsupportedType
from senders.reading import Incoming, read_events
from senders.sources import Source
from senders.verify import verify
from usher.causes import MALFORMED, NOT_STARTED, UNSUPPORTED_TYPE
from usher.finding import fits, only_id
from usher.shapes import iso
from webhooks.handshakes import is_handshake
from workers.store import Accepted, NewEvent, Rejected, Rejection, Request, Store

INCOMPLETE: Final = (
    "not all of it was kept, as it was too long or broke off; let the sender send it again"
)
NO_KEY: Final = "it was kept under another SECRET_KEY"
NO_SOURCE: Final = "there is no source of this name any more"
NO_EVENT: Final = "the sender only asked whether somebody is here"


class Result(StrEnum):
    """What a retry of one delivery came to."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    EMPTY = "empty"
    REFUSED = "refused"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Judged:
    """A refused delivery as it is judged today: its events, or else why not.

    cause: why it is still refused; "" for one that can never be taken in.
    """

    rejection: Rejection
    events: tuple[Incoming, ...] | None = None
    cause: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of one; `accepted` where it was taken in."""

    judged: Judged
    result: Result
    accepted: Accepted | None = None

    @property
    def taken(self) -> bool:
        return self.accepted is not None


def find_rejection(rejected: Rejected, wanted: str) -> Rejection:
    """The one refused delivery of that id; Failed when there is none, or more than one."""
    found = rejected.get(wanted)
    if found:
        return found
    fitting = rejected.list(lambda each: fits(wanted, each.id))
    only_id(wanted, (each.id for each in fitting), "refused delivery", "usher rejected list")
    return fitting[0]


def judge(
    rejection: Rejection, came: Request | None, sources: Mapping[str, Source], public_url: str
) -> Judged:
    """How the receiver would judge it, had it today's secrets at the time it came in."""
    source = sources.get(rejection.source)
    if not rejection.whole:
        return Judged(rejection, detail=INCOMPLETE)
    if came is None:
        return Judged(rejection, detail=NO_KEY)
    if source is None:
        return Judged(rejection, detail=NO_SOURCE)
    if source.problem is not None:
        return Judged(rejection, cause=NOT_STARTED, detail=source.problem)
    if is_handshake(source.preset, came.delivery):
        return Judged(rejection, detail=NO_EVENT)
    return _judged(rejection, source, came.delivery, came.received_at, public_url)


def _judged(
    rejection: Rejection, source: Source, delivery: Delivery, at: float, public_url: str
) -> Judged:
    try:
        verify(source, delivery, now=at, public_url=public_url)
        return Judged(rejection, read_events(source, delivery))
    except Refused as refused:
        return Judged(rejection, cause=refused.cause.value, detail=refused.detail)
    except Malformed as error:
        return Judged(rejection, cause=MALFORMED, detail=str(error))
    except UnsupportedType as error:
        return Judged(rejection, cause=UNSUPPORTED_TYPE, detail=str(error))


def take_in(store: Store, rejected: Rejected, judged: Judged) -> Retried:
    """Takes the events in, if it has any to give, and forgets the refusal then."""
    if judged.events is None:
        return Retried(judged, Result.REFUSED if judged.cause else Result.IMPOSSIBLE)
    # what came in since has happened since: where the sender tells no time, that is the order
    came = judged.rejection.first_at
    new = [NewEvent(e.identity, e.type, e.occurred_at or came, e.body) for e in judged.events]
    accepted = store.accept(judged.rejection.source, new)
    # after the events are kept: in between it may be taken in once more, as a duplicate
    rejected.forget(judged.rejection.id)
    if accepted.accepted:
        return Retried(judged, Result.ACCEPTED, accepted)
    return Retried(judged, Result.DUPLICATE if new else Result.EMPTY, accepted)


def rejection_shape(rejection: Rejection) -> dict[str, Any]:
    """What is known in clear of a refused delivery, as JSON; `size` is that of its body."""
    return {
        "id": rejection.id,
        "source": rejection.source,
        "cause": rejection.cause,
        "detail": rejection.detail,
        "first_at": iso(rejection.first_at),
        "last_at": iso(rejection.last_at),
        "times": rejection.times,
        "size": rejection.size,
        "whole": rejection.whole,
    }


def retried_shape(retried: Retried) -> dict[str, Any]:
    """What a retry came to, as JSON."""
    judged, accepted = retried.judged, retried.accepted
    return {
        "id": judged.rejection.id,
        "source": judged.rejection.source,
        "result": retried.result.value,
        "cause": judged.cause,
        "detail": judged.detail,
        "accepted": accepted.accepted if accepted else 0,
        "duplicates": accepted.duplicates if accepted else 0,
        "events": list(accepted.ids) if accepted else [],
    }
