"""What can go wrong with Coursebox. Every failure carries what to do about it.

CourseboxError
├── TryAgain             retry: the same call may succeed later
├── NotYet               wait: its turn has not come; nothing was sent, and nobody has failed
├── OnHold               hold: nothing will succeed before an operator acts
└── GaveUp               give_up: the same call would fail the same way
    └── InvalidArgument  refused on this side, nothing was sent (also a ValueError)

`classify` and `classify_transport` are pure: what an answer means is one row of a table; what
follows from it is one row of that in failures.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

import httpx

from coursebox.calls import INVITE, LOGIN, Call
from coursebox.failures import AGAIN, FAILURES, Decision, Kind
from coursebox.redaction import Secrets
from coursebox.replies import Reply

__all__ = [
    "CourseboxError",
    "Decision",
    "Failure",
    "GaveUp",
    "InvalidArgument",
    "Kind",
    "NotYet",
    "OnHold",
    "TryAgain",
    "classify",
    "classify_transport",
    "fail",
    "not_yet",
    "refused",
    "retry_after",
]

LONGEST_RETRY_AFTER: Final = 86_400.0  # seconds; a longer one is a clock or a unit gone wrong
LONGEST_QUOTE: Final = 200
NO_SECRETS: Final = Secrets(())


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed call as a value. `message` is safe to store and show; `retry_after` is seconds;
    `ambiguous` is true for a write that may have happened all the same. `scope` is what a hold is
    for: "" for all work of the portal, else a part of it (workers/portals.py). `detail` is kept
    with the step: what is too long for the message."""

    call: str
    kind: Kind
    decision: Decision
    message: str
    status: int | None = None
    retry_after: float | None = None
    ambiguous: bool = False
    scope: str = ""
    detail: str = ""

    def error(self) -> "CourseboxError":
        """This failure as the exception of its decision."""
        if self.kind is Kind.INVALID_ARGUMENT:
            return InvalidArgument(self)
        return ERRORS[self.decision](self)


class CourseboxError(Exception):
    """A failed call; `str` of it is a sentence for an ops person, without secrets."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure

    def __str__(self) -> str:
        return self.failure.message

    @property
    def call(self) -> str:
        return self.failure.call

    @property
    def kind(self) -> Kind:
        return self.failure.kind

    @property
    def decision(self) -> Decision:
        return self.failure.decision

    @property
    def message(self) -> str:
        return self.failure.message

    @property
    def status(self) -> int | None:
        return self.failure.status

    @property
    def retry_after(self) -> float | None:
        return self.failure.retry_after

    @property
    def ambiguous(self) -> bool:
        return self.failure.ambiguous


class TryAgain(CourseboxError):
    pass


class NotYet(CourseboxError):
    pass


class OnHold(CourseboxError):
    pass


class GaveUp(CourseboxError):
    pass


class InvalidArgument(GaveUp, ValueError):
    pass


ERRORS: Final[Mapping[Decision, type[CourseboxError]]] = MappingProxyType(
    {
        Decision.RETRY: TryAgain,
        Decision.WAIT: NotYet,
        Decision.HOLD: OnHold,
        Decision.GIVE_UP: GaveUp,
    }
)


STATUSES: Final[Mapping[int, Kind]] = MappingProxyType(
    {
        401: Kind.TOKEN_REFUSED,
        403: Kind.PERMISSION_DENIED,
        404: Kind.NO_SUCH_RECORD,
        405: Kind.WRONG_ROUTE,
        408: Kind.REQUEST_TIMEOUT,
        409: Kind.ALREADY_EXISTS,
        422: Kind.NOT_VALID,
        429: Kind.RATE_LIMITED,
        500: Kind.SERVER_ERROR,
        502: Kind.BAD_GATEWAY,
        503: Kind.UNAVAILABLE,
        504: Kind.BAD_GATEWAY,
    }
)
CLASSES: Final[Mapping[int, Kind]] = MappingProxyType(
    {3: Kind.REDIRECTED, 4: Kind.INVALID_REQUEST, 5: Kind.SERVER_ERROR}
)
# Without a log-in nothing else can work, so what is final there concerns all work, not one run.
AT_LOGIN: Final[Mapping[Kind, Kind]] = MappingProxyType(
    {
        Kind.INVALID_REQUEST: Kind.LOGIN_FAILED,
        Kind.NOT_VALID: Kind.LOGIN_FAILED,
        Kind.ALREADY_EXISTS: Kind.LOGIN_FAILED,
        Kind.TOKEN_REFUSED: Kind.LOGIN_FAILED,
        Kind.PERMISSION_DENIED: Kind.LOGIN_FAILED,
        Kind.NO_SUCH_RECORD: Kind.LOGIN_UNREADABLE,
        Kind.WRONG_ROUTE: Kind.LOGIN_UNREADABLE,
        Kind.REDIRECTED: Kind.LOGIN_UNREADABLE,
        Kind.UNEXPECTED: Kind.LOGIN_UNREADABLE,
    }
)
# First match counts. What fails before a connection stands has not been sent.
TRANSPORT: Final[tuple[tuple[type[httpx.HTTPError], Kind], ...]] = (
    (httpx.ConnectTimeout, Kind.UNREACHABLE),
    (httpx.PoolTimeout, Kind.UNREACHABLE),
    (httpx.TimeoutException, Kind.TIMED_OUT),
    (httpx.ConnectError, Kind.UNREACHABLE),
    (httpx.ProxyError, Kind.UNREACHABLE),
    (httpx.UnsupportedProtocol, Kind.UNREACHABLE),
    (httpx.DecodingError, Kind.UNREADABLE),
    (httpx.HTTPError, Kind.CONNECTION_LOST),
)

_EXISTS = re.compile(
    r"\balready (been )?(exist|enrol|regist|invit|taken|in use|in th|an? )"
    r"|\bduplicate|\btaken\b|\bin use\b|\buniqueness\b|(?<!no longer )\bexists\b",
    re.IGNORECASE,
)
# not every refusal of an invitation that names one: "already exists and cannot be invited"
_INVITED = re.compile(
    r"\balready (been )?invited|\binvit\w+ (is |has |was )*(already|pending|exists)"
    r"|\b(pending|existing|duplicate) invit",
    re.IGNORECASE,
)
# What these come to hangs on the words in them.
_OF_WORDS: Final = frozenset({Kind.INVALID_REQUEST, Kind.NOT_VALID})
_MAY_HIDE_EXISTENCE: Final = _OF_WORDS | {Kind.SERVER_ERROR}


def classify(
    call: Call, reply: Reply, *, now: datetime, again: bool = False, secrets: Secrets = NO_SECRETS
) -> Failure | None:
    """What went wrong, or None for a good answer.

    `again` says that the token is fresh from a log-in, which makes a 401 final: an expired token
    and a valid one without the right get the same 401. `secrets` are taken out of the message.
    """
    kind = _kind_at_login(reply) if call is LOGIN else _kind(call, reply, again)
    if kind is None:
        return None
    return fail(
        call,
        kind,
        status=reply.status,
        said=_quote(reply, secrets),
        retry_after=retry_after(reply.headers.get("retry-after"), now),
    )


def classify_transport(call: Call, error: httpx.HTTPError) -> Failure:
    """What a request without an answer means; a refused connection is never ambiguous."""
    kind = next(kind for type_, kind in TRANSPORT if isinstance(error, type_))
    return fail(call, kind, said=f"{type(error).__name__}: {error}"[:LONGEST_QUOTE])


def fail(
    call: Call,
    kind: Kind,
    *,
    status: int | None = None,
    said: str = "",
    retry_after: float | None = None,
) -> Failure:
    """The failure of a kind, worded: what happened and what to do."""
    row = FAILURES[kind]
    facts = ", ".join(filter(None, (f"HTTP {status}" if status else "", said)))
    cure = row.cure if call.writes or not row.maybe_done else AGAIN
    message = f"{call.doing} failed: {row.what}{f' ({facts})' if facts else ''}. {cure}"
    return Failure(
        call=call.name,
        kind=kind,
        decision=row.decision,
        message=message,
        status=status,
        retry_after=retry_after if row.decision is Decision.RETRY else None,
        ambiguous=row.maybe_done and call.writes,
    )


def not_yet(call: str, seconds: float, message: str) -> CourseboxError:
    """The error for what has to wait so many seconds; nothing was sent."""
    failure = Failure(call, Kind.NOT_YET, Decision.WAIT, message, retry_after=seconds)
    return failure.error()


def refused(call: str, message: str) -> InvalidArgument:
    """The error for what is refused on this side, before anything is sent."""
    return InvalidArgument(Failure(call, Kind.INVALID_ARGUMENT, Decision.GIVE_UP, message))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (seconds or an HTTP date), None if it says nothing.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", text):
        return min(float(text), LONGEST_RETRY_AFTER)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def _kind(call: Call, reply: Reply, again: bool) -> Kind | None:
    status = reply.refused_as if call.writes else reply.status
    if 200 <= status < 300:
        return None if reply.readable and not _is_blank(call, reply) else Kind.UNREADABLE
    if reply.code.startswith("LOGIN_FAILED"):
        return Kind.LOGIN_FAILED
    kind = STATUSES.get(status) or CLASSES.get(status // 100, Kind.UNREADABLE)
    if kind is Kind.NO_SUCH_RECORD and not reply.code:
        return Kind.WRONG_ROUTE
    if kind is Kind.TOKEN_REFUSED and again:
        return Kind.PERMISSION_DENIED
    if kind in _OF_WORDS and _is_cut(reply) and call is not LOGIN:
        return Kind.UNREADABLE
    if kind in _MAY_HIDE_EXISTENCE and call.writes and _EXISTS.search(reply.complaint):
        kind = Kind.ALREADY_EXISTS
    if kind is Kind.ALREADY_EXISTS and call is INVITE and _INVITED.search(reply.complaint):
        return Kind.ALREADY_INVITED
    return kind


def _is_cut(reply: Reply) -> bool:
    return reply.claims_json and not reply.readable


def _is_blank(call: Call, reply: Reply) -> bool:
    """Whether an answer lacks what was asked for: only 204 says that there is nothing. What a
    log-in lacks is judged by who reads the token."""
    return reply.status != 204 and not call.writes and call is not LOGIN and not reply.text.strip()


def _kind_at_login(reply: Reply) -> Kind | None:
    kind = _kind(LOGIN, reply, again=False)
    if kind is Kind.UNREADABLE and not reply.claims_json:
        return Kind.LOGIN_UNREADABLE
    return AT_LOGIN.get(kind, kind) if kind else None


def _quote(reply: Reply, secrets: Secrets) -> str:
    if not reply.readable:
        return "not JSON" if reply.text else ""
    words = secrets.scrub(" ".join(reply.said.split()))
    if len(words) > LONGEST_QUOTE:
        words = words[: LONGEST_QUOTE - 1] + "…"
    return f'it said "{words}"' if words else ""
