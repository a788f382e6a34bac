"""E-mail addresses and names as Coursebox needs them. Pure."""

import re
from typing import Final

from coursebox.errors import refused

LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 100
NO_NAME: Final = "Learner"  # createAccount demands both names

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def tidy_email(value: object, call: str) -> str:
    """The address trimmed and in lower case. Raises InvalidArgument for what is none.

    Lower case, because the vendor's framework keeps a second account for other capitals.
    """
    text = value.strip().lower() if isinstance(value, str) else ""
    if len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text) or not text.isprintable():
        raise refused(call, f"this is not an e-mail address: {str(value)[:60]!r}")
    return text


def full_name(first: str, last: str, email: str) -> tuple[str, str]:
    """First and last name, where missing from each other ("Ada Lovelace" as a first name) or from
    the e-mail address, else a placeholder."""
    first, last = _tidy_name(first), _tidy_name(last)
    if first and not last and " " in first:
        first, _, last = first.partition(" ")
    if not first and not last:
        first, last = _from_email(email)
    elif not first:
        first = _from_email(email)[0]
    return first or NO_NAME, last or NO_NAME


def _from_email(email: str) -> tuple[str, str]:
    local = email.partition("@")[0].partition("+")[0]
    words = [word.capitalize() for word in re.findall(r"[^\W\d_]+", local)]
    return (words[0], " ".join(words[1:])) if words else ("", "")


def _tidy_name(name: str) -> str:
    visible = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(visible.split())[:LONGEST_NAME].rstrip()
