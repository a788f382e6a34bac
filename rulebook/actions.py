"""What a rule can have done in Coursebox: one registry for checker, run time and documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rulebook.parameters import Kind, Parameter


@dataclass(frozen=True, slots=True)
class Action:
    """One action; at least one of `any_of` must be given, besides the required parameters."""

    name: str
    parameters: tuple[Parameter, ...]
    outcomes: tuple[str, ...]
    any_of: tuple[str, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name."""
        return next((known for known in self.parameters if known.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its parameters."""
        return tuple(parameter.name for parameter in self.parameters)


_EMAIL = Parameter("email", Kind.EMAIL)
_EMAIL_REQUIRED = Parameter("email", Kind.EMAIL, required=True)
_USER = Parameter("user_id", Kind.USER)
_COURSE = Parameter("course_id", Kind.COURSE, required=True)
_FIRST_NAME = Parameter("first_name", Kind.TEXT)
_LAST_NAME = Parameter("last_name", Kind.TEXT)

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        action.name: action
        for action in (
            Action(
                "enrol",
                (
                    _EMAIL_REQUIRED,
                    _COURSE,
                    _FIRST_NAME,
                    _LAST_NAME,
                    Parameter(
                        "on_unknown_user", Kind.CHOICE, default="invite", choices=("invite", "fail")
                    ),
                    Parameter("marketing_emails", Kind.FLAG, default=False),
                ),
                ("enrolled", "already_enrolled", "created_and_enrolled", "invited"),
            ),
            Action(
                "unenrol",
                (_EMAIL, _USER, _COURSE, Parameter("reason", Kind.TEXT, limit=500)),
                ("unenrolled", "already_absent"),
                any_of=("email", "user_id"),
            ),
            Action(
                "invite",
                (
                    _EMAIL_REQUIRED,
                    _COURSE,
                    _FIRST_NAME,
                    _LAST_NAME,
                    Parameter("subject", Kind.TEXT),
                    Parameter("message", Kind.LONG_TEXT, limit=5_000),
                ),
                ("invited", "already_enrolled"),
            ),
            Action(
                "create_account",
                (
                    _EMAIL_REQUIRED,
                    Parameter("first_name", Kind.TEXT, required=True),
                    Parameter("last_name", Kind.TEXT, required=True),
                    Parameter("offer_code", Kind.TEXT, limit=100),
                    Parameter("marketing_emails", Kind.FLAG, default=False),
                    Parameter("is_18_plus", Kind.FLAG, default=True),
                ),
                ("created", "already_exists"),
            ),
            Action(
                "update_user",
                (_EMAIL, _USER, Parameter("attributes", Kind.ATTRIBUTES, required=True)),
                ("updated",),
                any_of=("email", "user_id"),
            ),
            Action(
                "enrol_user",
                (Parameter("user_id", Kind.USER, required=True), _COURSE),
                ("enrolled", "already_enrolled"),
            ),
        )
    }
)
