"""What a check of a portal finds: one line for each thing the vendor's guide leaves open. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from coursebox.errors import CourseboxError
from coursebox.failures import FAILURES
from coursebox.ids import IdType
from coursebox.replies import DEEPEST, LIST_KEYS


class Mark(StrEnum):
    """`bad`: Usher must not be used with it as it is; `not_told`: it could not be seen."""

    GOOD = "ok"
    NOTED = "note"
    NOT_TOLD = "not told"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` is for programs. `wants` are settings, by the end of their variable's name: the values
    that would do, the first of them being the one to write."""

    key: str
    name: str
    does: str
    follows: str = ""
    mark: Mark = Mark.GOOD
    wants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def failed(key: str, name: str, error: CourseboxError, follows: str = "") -> Finding:
    """The finding of a call that failed: its cause, without what would follow for a run."""
    return Finding(key, name, f"not told: {cause(error)}", follows, Mark.NOT_TOLD)


def cause(error: CourseboxError) -> str:
    """What happened, in the words of the failure; what follows for runs is left out."""
    row = FAILURES.get(error.kind)
    text = error.message.removesuffix(row.cure).rstrip() if row else error.message
    return text[:1].upper() + text[1:]


def span(seconds: float) -> str:
    """A time as people say it: "14 days", "36 s"."""
    for unit, size in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def soon(seconds: float) -> str:
    """How long a change took to show."""
    return "at once" if seconds < 1 else f"after {span(seconds)}"


def number(count: int, what: str) -> str:
    """How many: "no course", "1 course", "3 courses"."""
    return f"{count or 'no'} {what}{'s' * (count > 1)}"


# -- the form of replies -----------------------------------------------------------------------


def form_of_list(body: object) -> str:
    """Where the list of a reply stands: "bare", or "in `data`"."""
    keys: list[str] = []
    inner = body
    while isinstance(inner, dict) and len(keys) < DEEPEST:
        key = next((key for key in LIST_KEYS if isinstance(inner.get(key), list | dict)), None)
        if key is None:
            break
        keys.append(key)
        inner = inner[key]
    return _form(body, keys)


def form_of_record(body: object) -> str:
    """Where the record of a reply stands: "bare", "in `data`", or "empty"."""
    keys: list[str] = []
    inner = body
    while isinstance(inner, dict) and len(inner) == 1 and len(keys) < DEEPEST:
        ((key, value),) = inner.items()
        if not isinstance(value, dict):
            break
        keys.append(str(key))
        inner = value
    return _form(body, keys)


def _form(body: object, keys: list[str]) -> str:
    if body is None:
        return "empty"
    return f"in `{'.'.join(keys)}`" if keys else "bare"


# -- ids ---------------------------------------------------------------------------------------

NUMBERS: Final = "numbers"
DIGITS: Final = "digits as text"
TEXT: Final = "text"
# which settings of COURSEBOX_ID_TYPE send ids of that type as they came; the first is the choice
FITTING: Final[Mapping[str, tuple[str, ...]]] = {
    NUMBERS: (IdType.AUTO, IdType.INT),
    DIGITS: (IdType.STRING,),
    TEXT: (IdType.AUTO, IdType.STRING),
}


def id_types(ids: list[object]) -> set[str]:
    """The types of the ids of replies, by what they would have to be sent as."""
    return {_id_type(each) for each in ids if each is not None and not isinstance(each, bool)}


def _id_type(value: object) -> str:
    if isinstance(value, int):
        return NUMBERS
    return DIGITS if isinstance(value, str) and value.isascii() and value.isdigit() else TEXT


def id_finding(courses: list[object], users: list[object]) -> Finding:
    """How ids look, and so how they have to go out."""
    key, name = "id_type", "Ids"
    seen = {"courses": id_types(courses), "users": id_types(users)}
    told = "; ".join(f"{what}: {' and '.join(sorted(each))}" for what, each in seen.items() if each)
    types = seen["courses"] | seen["users"]
    if not types:
        follows = "Digits go out as numbers, anything else as text."
        return Finding(key, name, "not told: no id was shown", follows, Mark.NOT_TOLD)
    fits = [value for value in IdType if all(value in FITTING[each] for each in types)]
    if not fits:
        follows = "No setting sends all of them as they came: ask Coursebox which type it takes."
        return Finding(key, name, told, follows, Mark.BAD)
    follows = (
        "They go out as they came."
        if IdType.AUTO in fits
        else "They go out as text, digits too: a setting says so."
    )
    return Finding(key, name, told, follows, wants={"ID_TYPE": tuple(map(str, fits))})
