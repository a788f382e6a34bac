"""Every kind of failure, as a table: what is done about it, and the words for ops people."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Decision(StrEnum):
    RETRY = "retry"
    WAIT = "wait"
    GIVE_UP = "give_up"
    HOLD = "hold"


class Kind(StrEnum):
    """What happened; FAILURES says what follows from each."""

    INVALID_ARGUMENT = "invalid_argument"
    INVALID_REQUEST = "invalid_request"
    NOT_VALID = "not_valid"
    ALREADY_EXISTS = "already_exists"
    ALREADY_INVITED = "already_invited"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a kind of failure, not a token
    PERMISSION_DENIED = "permission_denied"
    LOGIN_FAILED = "login_failed"
    LOGIN_UNREADABLE = "login_unreadable"
    NO_SUCH_RECORD = "no_such_record"
    WRONG_ROUTE = "wrong_route"
    REQUEST_TIMEOUT = "request_timeout"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    UNAVAILABLE = "unavailable"
    REDIRECTED = "redirected"
    UNREADABLE = "unreadable"
    UNEXPECTED = "unexpected"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"
    UNKNOWN_LEARNER = "unknown_learner"
    INVITATION_UNSURE = "invitation_unsure"
    NOT_YET = "not_yet"
    UNENROL_BRAKE = "unenrol_brake"


@dataclass(frozen=True, slots=True)
class Row:
    """What follows: `maybe_done` where a write may have happened although it failed. Then `cure` is
    that of a write; a read is simply tried again."""

    decision: Decision
    what: str
    cure: str
    maybe_done: bool = False


AGAIN: Final = "It is tried again by itself."
_READ_BACK = "It is looked up whether it happened, and tried again if not."

FAILURES: Final[Mapping[Kind, Row]] = MappingProxyType(
    {
        Kind.INVALID_REQUEST: Row(
            Decision.GIVE_UP,
            "Coursebox refused the request",
            "Check the values that the rule gives; the same again would be refused again.",
        ),
        Kind.NOT_VALID: Row(
            Decision.GIVE_UP,
            "Coursebox found a value not valid",
            "Correct the value named there and replay.",
        ),
        Kind.ALREADY_EXISTS: Row(
            Decision.GIVE_UP, "Coursebox says it exists already", "There is nothing left to do."
        ),
        Kind.ALREADY_INVITED: Row(
            Decision.GIVE_UP,
            "Coursebox says that there is an invitation already",
            "There is nothing left to do.",
        ),
        Kind.TOKEN_REFUSED: Row(
            Decision.RETRY, "Coursebox refused the access token", "Usher logs in again."
        ),
        Kind.PERMISSION_DENIED: Row(
            Decision.GIVE_UP,
            "permission denied, also after a new log-in",
            "The Coursebox user that Usher logs in with must be an administrator of that course; "
            "make it one and replay.",
        ),
        Kind.LOGIN_FAILED: Row(
            Decision.HOLD,
            "Coursebox does not accept the e-mail address and password",
            "Everything for Coursebox waits; log-ins are not repeated, because that could lock the "
            "account. Correct them in the settings, or have the account unlocked, and start the "
            "workers anew; then release the hold.",
        ),
        Kind.LOGIN_UNREADABLE: Row(
            Decision.HOLD,
            "the answer is not one of Coursebox's log-in",
            "Everything for Coursebox waits. Check that the Coursebox address in the settings is "
            "that of your own portal, start the workers anew, then release the hold.",
        ),
        Kind.NO_SUCH_RECORD: Row(
            Decision.GIVE_UP,
            "Coursebox has no such record",
            "Check the course or user id that the rule gives.",
        ),
        Kind.WRONG_ROUTE: Row(
            Decision.GIVE_UP,
            "there is no such call at that address",
            "Check that the Coursebox address in the settings is that of your own portal and that "
            "the API is part of your plan.",
        ),
        Kind.REQUEST_TIMEOUT: Row(
            Decision.RETRY, "Coursebox did not get the request in time", AGAIN
        ),
        Kind.RATE_LIMITED: Row(Decision.RETRY, "Coursebox asks to go slower", AGAIN),
        Kind.SERVER_ERROR: Row(
            Decision.RETRY,
            "Coursebox reports a fault of its own, behind which it also hides refusals",
            _READ_BACK,
            maybe_done=True,
        ),
        Kind.BAD_GATEWAY: Row(
            Decision.RETRY,
            "a gateway in front of Coursebox got no proper answer",
            _READ_BACK,
            maybe_done=True,
        ),
        Kind.UNAVAILABLE: Row(Decision.RETRY, "Coursebox is not available now", AGAIN),
        Kind.REDIRECTED: Row(
            Decision.HOLD,
            "Coursebox sent us to another address, which is not followed",
            "Everything for Coursebox waits. Check that the Coursebox address in the settings is "
            "the final one of your portal, then release the hold.",
        ),
        Kind.UNREADABLE: Row(
            Decision.RETRY, "the answer cannot be read as JSON", _READ_BACK, maybe_done=True
        ),
        Kind.UNEXPECTED: Row(
            Decision.GIVE_UP,
            "the answer has a form that is not known here",
            "Report it with the recorded answer; replay when Usher can read it.",
        ),
        Kind.UNREACHABLE: Row(
            Decision.RETRY,
            "no connection to Coursebox could be made; nothing was sent",
            f"{AGAIN} If that does not help, look at the Coursebox address in the settings, at "
            "this machine's network and name server, and at the portal's certificate.",
        ),
        Kind.TIMED_OUT: Row(
            Decision.RETRY, "no answer came in time", _READ_BACK, maybe_done=True
        ),
        Kind.CONNECTION_LOST: Row(
            Decision.RETRY, "the connection was lost before an answer came", _READ_BACK,
            maybe_done=True,
        ),
    }
)  # fmt: skip
