"""What an operator has set about one portal, beside its address and log-in."""

from dataclasses import dataclass
from enum import StrEnum

from coursebox.ids import IdType


class FirstUse(StrEnum):
    """Whether learners may be removed and changed in a portal that was never used before."""

    GUARDED = "guarded"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Policy:
    """`rate` is calls a second and `concurrency` calls at a time, over all workers together.

    `sweep_courses`: how many courses one try looks through for an unknown id. `sweep_age` (s): how
    long what was seen in a course counts. `invite_again_after` (s): nobody is invited to the same
    course twice within it. `open_attributes`: guarded attributes that rules may change.
    `unenrol_brake`: whether a course is read again after a removal. `hidden_duplicates`: the portal
    is known to hide "this address has an account" in a 500. `id_by_login`: whether the id of an
    account that was just made may be learned by logging in to it.
    """

    rate: float = 2.0
    concurrency: int = 4
    id_type: IdType = IdType.AUTO
    sweep_courses: int = 50
    sweep_age: float = 600.0
    invite_again_after: float = 3 * 86_400.0
    open_attributes: frozenset[str] = frozenset()
    first_use: FirstUse = FirstUse.GUARDED
    unenrol_brake: bool = True
    hidden_duplicates: bool = False
    id_by_login: bool = True
