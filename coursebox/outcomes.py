"""What an action can come to: one word for records and rules, and a sentence for people. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Outcome(StrEnum):
    ENROLLED = "enrolled"
    ALREADY_ENROLLED = "already_enrolled"
    CREATED_AND_ENROLLED = "created_and_enrolled"
    INVITED = "invited"
    UNENROLLED = "unenrolled"
    ALREADY_ABSENT = "already_absent"
    CREATED = "created"
    ALREADY_EXISTS = "already_exists"
    UPDATED = "updated"


SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Outcome.ENROLLED: "there was an account; it has a seat in the course now",
        Outcome.ALREADY_ENROLLED: "the person sat in the course before; nothing was written",
        Outcome.CREATED_AND_ENROLLED: "the account was made, and has a seat in the course",
        Outcome.INVITED: "an invitation was asked for; there is a seat once it is accepted",
        Outcome.UNENROLLED: "the seat is given up",
        Outcome.ALREADY_ABSENT: "the person was not in the course; nothing was written",
        Outcome.CREATED: "the account was made",
        Outcome.ALREADY_EXISTS: "there was an account; it was left as it is",
        Outcome.UPDATED: "the attributes are as the rule gives them",
    }
)
