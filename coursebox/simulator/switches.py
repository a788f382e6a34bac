"""What can be set about the simulator, as data: each switch with its values and its meaning.

The vendor's guide leaves these answers open, so a client has to live with every value of every
switch. A new value is a new member here and a new row in the table that acts on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Profile(StrEnum):
    LB3 = "lb3"


class IdType(StrEnum):
    INT = "int"


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


class LearnerRows(StrEnum):
    FLAT = "flat"
    NESTED = "nested"


class TokenReply(StrEnum):
    NESTED = "nested"
    TEXT = "text"
    FLAT = "flat"


class Replies(StrEnum):
    BARE = "bare"
    WRAPPED = "wrapped"
    EMPTY = "empty"


class SwitchError(ValueError):
    """A switch does not exist or cannot have this value; the message says what would do."""


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError("must be a number of seconds above 0")
    return float(value)


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


@dataclass(frozen=True, slots=True)
class Switches:
    """How the simulator is set; what each value means stands in SWITCHES."""

    profile: Profile = Profile.LB3
    id_type: IdType = IdType.INT
    duplicate_account: DuplicateAccount = DuplicateAccount.UNIQUENESS
    duplicate_enrolment: DuplicateEnrolment = DuplicateEnrolment.NO_OP
    invited: Invited = Invited.PENDING
    replies: Replies = Replies.BARE
    learner_rows: LearnerRows = LearnerRows.FLAT
    token_reply: TokenReply = TokenReply.NESTED
    token_ttl: float = 1_209_600.0
    administered: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """`read` takes what a person wrote, as JSON; `meaning` is for the documentation."""

    read: Callable[[object], object]
    meaning: str


SWITCHES: Mapping[str, Switch] = MappingProxyType(
    {
        "profile": Switch(_one_of(Profile), "shape and wording of error bodies"),
        "id_type": Switch(_one_of(IdType), "ids of users, courses and activities"),
        "duplicate_account": Switch(
            _one_of(DuplicateAccount),
            "createAccount for an e-mail that has an account: `uniqueness` 422 without an id, "
            "`text` 400, `hidden` 500, `existing` 200 with that user, `case_sensitive` 422, but a "
            "second account where only the case differs",
        ),
        "duplicate_enrolment": Switch(
            _one_of(DuplicateEnrolment),
            "enrolUser for a learner who has a seat: `no_op` 200, `text` 400, `hidden` 500, "
            "`second_row` 200 and listed twice",
        ),
        "invited": Switch(
            _one_of(Invited),
            "someone who is invited: `pending` not among the learners until the invitation is "
            "accepted, `listed` among them at once",
        ),
        "replies": Switch(
            _one_of(Replies),
            "good replies: `bare`, `wrapped` in one key `data`, `empty` 204 after a write",
        ),
        "learner_rows": Switch(
            _one_of(LearnerRows),
            "a row of allLearners: `flat` the user, `nested` a `userId` and the `user` in it",
        ),
        "token_reply": Switch(
            _one_of(TokenReply),
            'a good log-in: `nested` `{"token": {"id", "ttl", ...}}`, `text` `{"token": "..."}`, '
            '`flat` `{"id": "...", "ttl", ...}`',
        ),
        "token_ttl": Switch(_seconds, "seconds that a token lives"),
        "administered": Switch(
            _courses, "ids of the courses that the API user administers; null is all of them"
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
