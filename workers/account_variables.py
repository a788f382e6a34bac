"""How the variables of further Coursebox accounts are called, and what is wrong with them. Pure.

`COURSEBOX_RATE` is the rate of the account `default`, `COURSEBOX_EMEA_RATE` that of `emea`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from workers.portal_fields import FIELDS
from workers.portals import DEFAULT

PREFIX: Final = "COURSEBOX_"
NEEDED: Final = ("COURSEBOX_URL", "COURSEBOX_EMAIL", "COURSEBOX_PASSWORD")
_OF_ACCOUNT: Final = re.compile(
    rf"{PREFIX}([A-Z0-9_]+)_({'|'.join(name.removeprefix(PREFIX) for name in FIELDS)})"
)
# What begins like this is meant for us, misspelt as it may be.
_OURS: Final = "COURS"
# How alike a variable is to one that is meant.
_ALIKE: Final = 0.9


def variable_of(account: str, own: str) -> str:
    """`COURSEBOX_EMEA_RATE`, for the account emea and the field's own `COURSEBOX_RATE`; that itself
    for the account of COURSEBOX_URL."""
    return own if account == DEFAULT else _stem(account) + own.removeprefix(PREFIX)


def values_of(account: str, variables: Mapping[str, str]) -> dict[str, str]:
    """What is told of an account, under the names that the fields have of their own."""
    return {
        own: variables[variable_of(account, own)]
        for own in FIELDS
        if variable_of(account, own) in variables
    }


def taken_names(names: Sequence[str], settings: Iterable[str]) -> Iterator[str]:
    """Complains of names that would make one variable mean two things."""
    for name in names:
        other = next((each for each in settings if f"{each}_".startswith(_stem(name))), None)
        if name == DEFAULT or other:
            means = other or "the account of COURSEBOX_URL"
            yield (
                f"COURSEBOX_ACCOUNTS names {name!r}, which is taken by {means}: "
                "give the account another name"
            )


def wrong_variables(
    names: Sequence[str], variables: Mapping[str, str], settings: Iterable[str]
) -> Iterator[str]:
    """Complains of what is missing, and of what looks like a variable of an account and is none."""
    for name in names:
        for variable in (variable_of(name, own) for own in NEEDED):
            if variable not in variables:
                yield f"{variable} is missing: COURSEBOX_ACCOUNTS names {name!r}, which needs it"
    known = {*settings, *(variable_of(name, own) for name in names for own in FIELDS)}
    stems = tuple(map(_stem, names))
    for variable in sorted(set(variables) - known):
        account = _account_meant(variable)
        close = variable.startswith((_OURS, *stems)) and get_close_matches(
            variable, known, 1, _ALIKE
        )
        if account:
            yield f"{variable} is set, but COURSEBOX_ACCOUNTS does not name {account}"
        elif close:
            yield f"{variable} is set, but there is no such setting; did you mean {close[0]}?"


def _stem(account: str) -> str:
    return f"{PREFIX}{account.upper().replace('-', '_')}_"


def _account_meant(variable: str) -> str | None:
    found = _OF_ACCOUNT.fullmatch(variable)
    return found[1].lower().replace("_", "-") if found else None
