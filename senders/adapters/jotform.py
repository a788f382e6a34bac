"""Jotform: each field by its unique name and by its number, names and addresses as one text.

`q3_email` is the field `email` with the number 3: `answers.email` and `answers["3"]`. Values that
Jotform gives in parts are one text, and each part stands as `answers.<name>_<part>`:
`answers.name` "Ada Lindt", `answers.name_first` "Ada". The texts of the questions are not in the
body. https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/
"""

import re
from collections.abc import Callable, Iterator, Mapping

from senders.adapters.answers import Answer, answers
from senders.adapters.record import present
from senders.adapters.submission import (
    ANSWERS,
    FORM,
    SUBMISSION_ID,
    form,
    form_tool,
    submission,
    texts,
)
from senders.shapes import block, dig, text

_FIELD = re.compile(r"q([0-9]+)_(.+)", re.DOTALL)
_ADDRESS = re.compile(r"https?://\S+")

_Parts = Mapping[str, object]


def _roots(body: object, type: str) -> dict[str, object]:
    fields = block(dig(body, "rawRequest"))
    return {
        "form": form(dig(body, "formID"), dig(body, "formTitle")),
        "answers": answers(_answers(fields)),
        "submission": submission(dig(body, "submissionID")),
    }


def _answers(fields: _Parts) -> Iterator[Answer]:
    for key, value in fields.items():
        field = _FIELD.fullmatch(key)
        if field is not None:
            yield Answer((field[2], field[1]), None, _value(value), parts=_parts(value))
    # uploads stand under the field's bare name; all else without a number is Jotform's own
    for key, value in fields.items():
        if _is_files(value) and not _FIELD.fullmatch(key):
            yield Answer((key,), None, value)


def _is_files(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, str) and _ADDRESS.fullmatch(item) for item in value)
    )


def _parts(value: object) -> dict[str, object]:
    parts = block(value)
    return {} if _is_boxes(parts) else {k: v for k, v in parts.items() if text(v) is not None}


def _value(value: object) -> object:
    if isinstance(value, list):
        return texts(value)
    if not isinstance(value, dict):
        return value
    if _is_boxes(value):
        return texts(value)
    for known, written in _KINDS:
        if known & value.keys():
            return written(value)
    return present(value)


def _is_boxes(value: _Parts) -> bool:
    """Ticked boxes with a text of one's own come numbered, the text under `other`."""
    return bool(value) and all(key.isdecimal() or key == "other" for key in value)


def _joined(value: _Parts, names: tuple[str, ...], separator: str = " ") -> str:
    found = ((text(value.get(name)) or "").strip() for name in names)
    return separator.join(part for part in found if part)


def _name(value: _Parts) -> object:
    return _joined(value, ("prefix", "first", "middle", "last", "suffix"))


def _phone(value: _Parts) -> object:
    return _joined(value, ("full",)) or _joined(value, ("country", "area", "phone"))


def _address(value: _Parts) -> object:
    names = ("addr_line1", "addr_line2", "city", "state", "postal", "country")
    return _joined(value, names, ", ")


def _date(value: _Parts) -> object:
    day = (text(value.get("day")) or "").zfill(2)
    month = (text(value.get("month")) or "").zfill(2)
    year = text(value.get("year"))
    date = f"{year}-{month}-{day}" if year and month != "00" and day != "00" else None
    if date is None:
        return None
    return " ".join(part for part in (date, _time(value)) if part)


def _time(value: _Parts) -> str:
    clock = _joined(value, ("timeInput",))
    clock = clock or _joined(value, ("hour", "min"), ":")
    clock = clock or _joined(value, ("hourSelect", "minuteSelect"), ":")
    return _joined({"clock": clock, **value}, ("clock", "ampm")) if clock else ""


# the parts that tell a kind of field -> how it is written
_KINDS: tuple[tuple[frozenset[str], Callable[[_Parts], object]], ...] = (
    (frozenset({"first", "last"}), _name),
    (frozenset({"full", "phone"}), _phone),
    (frozenset({"addr_line1", "postal"}), _address),
    (frozenset({"year"}), _date),
    (frozenset({"timeInput", "hourSelect"}), _time),
    (frozenset({"date"}), lambda value: text(value.get("date"))),
)

ADAPTER = form_tool(_roots, *FORM, *ANSWERS, SUBMISSION_ID)
