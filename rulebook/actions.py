"""What a rule can have done: one registry for checker, run time and documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rulebook.parameters import Kind, Parameter

# The one action that is not carried out in Coursebox.
CALLBACK: Final = "callback"
# The most characters of a free parameter.
LONGEST_FREE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Action:
    """One action; at least one of `any_of` must be given, besides the required parameters.

    `free` is what it takes under any other name; what these names are is said elsewhere, as each
    callback says it in lookups.yaml. None: it takes no others.
    """

    name: str
    parameters: tuple[Parameter, ...]
    outcomes: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    free: Kind | None = None

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name; of a free one, what is given must not come out empty."""
        named = next((known for known in self.parameters if known.name == name), None)
        if named is not None or self.free is None:
            return named
        return Parameter(name, self.free, required=True, limit=LONGEST_FREE)

    def given(self, names: Iterable[str]) -> tuple[Parameter, ...]:
        """The parameters of these names: first its own in their order, then free ones in theirs."""
        wanted = tuple(names)
        own = tuple(known for known in self.parameters if known.name in wanted)
        others = (self.parameter(name) for name in wanted if name not in self.names)
        return (*own, *(other for other in others if other is not None))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its parameters that are not free."""
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
            Action(
                CALLBACK,
                (Parameter("use", Kind.CALLBACK, required=True),),
                ("told",),
                free=Kind.SINGLE,
            ),
        )
    }
)
