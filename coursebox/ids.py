"""Ids of users, courses and activities: opaque, compared as text, sent in the type they had. Pure.

Public course links show whole numbers as well as UUIDs, and the vendor's framework tells 101 from
"101" in JSON. What a rule made of a missing value ("undefined", "null", "0") is no id: nobody knows
what a portal takes it for.
"""

import re
from enum import StrEnum
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from coursebox.errors import refused
from coursebox.identity import is_sure

LONGEST_ID: Final = 200
LARGEST_NUMBER: Final = 2**53 - 1  # beyond it JSON numbers lose digits on the other side
PATH_TRICKS: Final = frozenset({".", ".."})

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class IdType(StrEnum):
    """How ids go out in JSON; `auto`: digits as a number, anything else as text."""

    AUTO = "auto"
    INT = "int"
    STRING = "string"


def clean_id(value: object, what: str, call: str) -> str:
    """An id as text. Raises InvalidArgument for what is none; an empty one could mean everybody."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise refused(call, f"{what} must be a text or a whole number, not {_shown(value)}")
    # the largest are longer than Python writes out
    if isinstance(value, int) and abs(value) >= 10**LONGEST_ID:
        raise refused(call, f"{what} cannot be an id: it is a number of more than 200 digits")
    text = str(value).strip()
    if not text:
        raise refused(call, f"{what} is empty; nothing was sent to Coursebox")
    if len(text) > LONGEST_ID or not text.isprintable() or text in PATH_TRICKS:
        raise refused(call, f"{what} cannot be an id: {text[:40]!r}")
    return text


def sure_id(value: object, what: str, call: str) -> str:
    """An id that may stand in a write (identity.py). Raises InvalidArgument for any other."""
    text = clean_id(value, what, call)
    if not is_sure(text):
        raise refused(call, f"{what} cannot be an id: {text[:40]!r}; nothing was sent to Coursebox")
    return text


def clean_course_id(value: object, call: str) -> str:
    """A course id as text; from a link to a course (".../courses/101/about"), the id in it."""
    if not _is_link(value):
        return sure_id(value, "the course id", call)
    text = str(value).strip()
    found = _id_in_link(text)
    if found is None:
        raise refused(call, f"there is no course id in the link {text[:200]!r}")
    return sure_id(found, "the course id", call)


def id_key(text: str) -> str:
    """An id in the one form by which it is compared: UUIDs are the same in capitals."""
    return text.lower() if _UUID.fullmatch(text) else text


def same_id(one: str | None, other: str | None) -> bool:
    """Whether both are there and name the same."""
    return bool(one and other) and id_key(one or "") == id_key(other or "")


def json_id(text: str, id_type: IdType, call: str) -> int | str:
    """An id as it goes into JSON. Raises InvalidArgument where it must be a number and is not."""
    if id_type is IdType.STRING:
        return text
    digits = text.isascii() and text.isdigit()
    if id_type is IdType.INT:
        if not digits:
            raise refused(call, f"ids are set to be whole numbers, and {text[:40]!r} is none")
        return int(text)
    exact = digits and str(int(text)) == text and int(text) <= LARGEST_NUMBER
    return int(text) if exact else text


def quoted(text: str) -> str:
    """An id as one segment of a path."""
    return quote(text, safe="")


def _is_link(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower().startswith(("https://", "http://"))


def _id_in_link(link: str) -> str | None:
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    segments = parts.path.split("/")
    for name, following in pairwise(segments):
        if name.lower() in ("courses", "course") and following:
            return following
    query = parse_qs(parts.query)
    named = (query[key][0] for key in ("courseId", "courseid", "id") if key in query)
    return next(named, None)


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:40]
