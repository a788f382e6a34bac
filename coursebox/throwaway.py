"""Addresses of throw-away learners, known again by a later check. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from coursebox.errors import refused

LABEL: Final = "usher-check-"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Throw-away addresses. `pattern` has one `*` where what tells them apart goes; `tag` is eight
    hexadecimal digits that were not used before."""

    pattern: str
    tag: str

    def one(self, letter: str) -> str:
        return self.pattern.replace("*", f"{LABEL}{self.tag}{letter}").lower()

    def is_ours(self, email: str | None) -> bool:
        """Whether that is an address of this check, or of one before it."""
        before, _, after = self.pattern.lower().partition("*")
        ours = f"{re.escape(before)}{LABEL}[0-9a-f]{{8}}[ab]{re.escape(after)}"
        return bool(email and re.fullmatch(ours, email))


def address_pattern(login: str, given: str = "") -> str:
    """The pattern of throw-away addresses: the one given, or made of the API user's address.
    Raises InvalidArgument."""
    if not given:
        local, _, host = login.partition("@")
        return f"{local}{'-' if '+' in local else '+'}*@{host}"
    if given.count("*") != 1 or not re.fullmatch(r"[^@\s]*\*[^@\s]*@[^@\s*]+", given):
        raise refused("check", f"{given[:60]!r} is no pattern such as trial+*@customer.example")
    return given
