"""What can be set about the simulator, as data: each switch with its values and its meaning.

The vendor's guide leaves these answers open, so a client has to live with every value of every
switch. A new value is a new member here and a new row in the table that acts on it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Profile(StrEnum):
    LB3 = "lb3"
    LB2 = "lb2"


class IdType(StrEnum):
    INT = "int"
    UUID = "uuid"


class DuplicateAccount(StrEnum):
    UNIQUENESS = "uniqueness"
    TEXT = "text"
    HIDDEN = "hidden"
    EXISTING = "existing"
    CASE_SENSITIVE = "case_sensitive"


class DuplicateEnrolment(StrEnum):
    NO_OP = "no_op"
    TEXT = "text"
    HIDDEN = "hidden"
    SECOND_ROW = "second_row"


class Invited(StrEnum):
    PENDING = "pending"
    LISTED = "listed"


class Unenrol(StrEnum):
    ONE = "one"
    EVERYBODY = "everybody"


class Replies(StrEnum):
    BARE = "bare"
    WRAPPED = "wrapped"
    EMPTY = "empty"
    WRAPPED_EMPTY = "wrapped_empty"


class ReplyKey(StrEnum):
    DATA = "data"
    RESULT = "result"
    ITEMS = "items"
    OWN = "own"


class LearnerRows(StrEnum):
    FLAT = "flat"
    NESTED = "nested"


class TokenReply(StrEnum):
    NESTED = "nested"
    TEXT = "text"
    FLAT = "flat"


class LearnerLogin(StrEnum):
    ALLOWED = "allowed"
    UNVERIFIED = "unverified"
    REFUSED = "refused"


class SwitchError(ValueError):
    """A switch does not exist or cannot have this value; the message says what would do."""


def _number(value: object) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if good and abs(value) < 1e12 else None  # type: ignore[arg-type]


def _life(value: object) -> float:
    seconds = _number(value)
    if seconds is None or seconds <= 0:
        raise ValueError("must be a number of seconds above 0")
    return seconds


def _lag(value: object) -> float:
    seconds = _number(value)
    if seconds is None or seconds < 0:
        raise ValueError("must be a number of seconds from 0")
    return seconds


def _count_or_null(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("must be a whole number from 1, or null")
    return value


def _seed(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number, or null")
    return value


def _courses(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError("must be a list of course ids, or null for every course")
    return tuple(str(each) for each in value)


def _one_of(choices: type[StrEnum]) -> Callable[[object], StrEnum]:
    def read(value: object) -> StrEnum:
        try:
            return choices(str(value))
        except ValueError:
            raise ValueError(f"must be one of: {', '.join(choices)}") from None

    return read


def _as_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _as_list(text: str) -> object:
    """The ids between the commas; `null` for every course."""
    if text.strip() == "null":
        return None
    return [each.strip() for each in text.split(",") if each.strip()]


@dataclass(frozen=True, slots=True)
class Switches:
    """How the simulator is set; what each value means stands in SWITCHES."""

    profile: Profile = Profile.LB3
    id_type: IdType = IdType.INT
    duplicate_account: DuplicateAccount = DuplicateAccount.UNIQUENESS
    duplicate_enrolment: DuplicateEnrolment = DuplicateEnrolment.NO_OP
    invited: Invited = Invited.PENDING
    unenrol: Unenrol = Unenrol.ONE
    replies: Replies = Replies.BARE
    reply_key: ReplyKey = ReplyKey.DATA
    learner_rows: LearnerRows = LearnerRows.FLAT
    token_reply: TokenReply = TokenReply.NESTED
    token_ttl: float = 1_209_600.0
    learner_login: LearnerLogin = LearnerLogin.ALLOWED
    failed_logins: int | None = None
    administered: tuple[str, ...] | None = None
    listing_lag: float = 0.0
    rate_limit: int | None = None
    seed: int | None = 1


@dataclass(frozen=True, slots=True)
class Switch:
    """`read` takes JSON, `from_text` makes that of what stands on a command line.

    `form` is the kind of value in one word, for a switch without a fixed list of `values`.
    """

    read: Callable[[object], object]
    meaning: str
    values: tuple[str, ...] = ()
    form: str = ""
    from_text: Callable[[str], object] = _as_json


def _choice(choices: type[StrEnum], meaning: str) -> Switch:
    return Switch(_one_of(choices), meaning, values=tuple(choices), from_text=str)


SWITCHES: Mapping[str, Switch] = MappingProxyType(
    {
        "profile": _choice(
            Profile,
            "error bodies: `lb3` as LoopBack 3 writes them, a 5xx without its reason; `lb2` as "
            "LoopBack 2 does, with `status` beside `statusCode`, the reason of a 5xx, a `stack`, "
            "the raw `body` where it was no JSON, and the password itself where it was too long",
        ),
        "id_type": _choice(
            IdType,
            "ids of users, courses, activities and seats: `int` JSON numbers, `uuid` JSON texts; "
            "only a reset can set it",
        ),
        "duplicate_account": _choice(
            DuplicateAccount,
            "createAccount for an e-mail that has an account: `uniqueness` 422 without an id, "
            "`text` 400, `hidden` 500, `existing` 200 with that user as it is, `case_sensitive` "
            "422, but a second account where only the case differs",
        ),
        "duplicate_enrolment": _choice(
            DuplicateEnrolment,
            "enrolUser for a learner who has a seat: `no_op` 200 with that seat, `text` 400, "
            "`hidden` 500, `second_row` 200 and listed twice",
        ),
        "invited": _choice(
            Invited,
            "someone who is invited: `pending` not among the learners until the invitation is "
            "accepted, `listed` among them at once",
        ),
        "unenrol": _choice(
            Unenrol,
            "removeUser with a correct `userid`: `one` takes that learner's seat, `everybody` "
            "empties the course, as stock LoopBack does, and counts as the trap",
        ),
        "replies": _choice(
            Replies,
            "good replies: `bare`, `wrapped` in one key, `empty` 204 after a write, "
            "`wrapped_empty` reads in one key and 204 after a write",
        ),
        "reply_key": _choice(
            ReplyKey,
            "the key of wrapped replies: `data`, `result`, `items`, or `own` for the call's own "
            "word, such as learners or user",
        ),
        "learner_rows": _choice(
            LearnerRows,
            "a row of allLearners: `flat` the user, `nested` a `userId` and the `user` in it",
        ),
        "token_reply": _choice(
            TokenReply,
            'a good log-in: `nested` `{"token": {"id", "ttl", ...}}`, `text` `{"token": "..."}`, '
            '`flat` `{"id": "...", "ttl", ...}`',
        ),
        "token_ttl": Switch(_life, "seconds that a new token lives", form="SECONDS"),
        "learner_login": _choice(
            LearnerLogin,
            "a log-in with the e-mail and password of an account: `allowed` a token that opens "
            "nothing else, `unverified` 401 LOGIN_FAILED_EMAIL_NOT_VERIFIED, `refused` 401 "
            "LOGIN_FAILED",
        ),
        "failed_logins": Switch(
            _count_or_null,
            "failed log-ins of the API user in a row that lock its account until a reset; null "
            "is never",
            form="COUNT",
        ),
        "administered": Switch(
            _courses,
            "ids of the courses that the API user administers; null is all of them",
            form="ID,ID",
            from_text=_as_list,
        ),
        "listing_lag": Switch(
            _lag, "seconds until a new seat is among the learners", form="SECONDS"
        ),
        "rate_limit": Switch(
            _count_or_null,
            "calls that are answered in any one second, over all callers; each further one gets "
            "429 with Retry-After; null is no limit",
            form="COUNT",
        ),
        "seed": Switch(
            _seed,
            "where the dice of faults by chance begin: the same seed and calls, the same faults; "
            "null is anew each time",
            form="NUMBER",
        ),
    }
)


def read_switches(values: Mapping[str, object], start: Switches | None = None) -> Switches:
    """The switches of `start` (else the defaults) with `values` over them; raises SwitchError."""
    settled: dict[str, Any] = {}
    for name, value in values.items():
        if name not in SWITCHES:
            raise SwitchError(f"no switch is called {name!r}; there are: {', '.join(SWITCHES)}")
        try:
            settled[name] = SWITCHES[name].read(value)
        except ValueError as error:
            raise SwitchError(f"{name} {error}, not {value!r}") from None
    return replace(start or Switches(), **settled)
