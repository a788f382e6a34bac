"""Formstack: the answers by label, by API-friendly key or by the number of the field.

https://developers.formstack.com/docs/webhook-examples
With field types an answer is `{"value": ..., "field_type": ...}`. What comes in parts (names,
addresses) is one text as well, its parts stand at `answers.<simple key>_<part>`; in a form body
the parts are lines such as `first = Ada`.
"""

import re
from collections.abc import Iterator, Mapping

from senders.adapters.answers import Answer, answers
from senders.adapters.submission import (
    ANSWERS,
    FORM,
    SUBMISSION_ID,
    form,
    form_tool,
    joined,
    submission,
)
from senders.shapes import block, text

_NOT_FIELDS = ("FormID", "UniqueID", "HandshakeKey")
_NAME_PARTS = ("prefix", "first", "middle", "initial", "last", "suffix")
_WRAPPING = ("value", "field_type")
_PARTS = (
    *_NAME_PARTS,
    *("address", "address2", "city", "state", "zip", "country"),
    *_WRAPPING,
)
_LINE = re.compile(r"([a-z_0-9]+) = (.*)")


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    return {
        "form": form(whole.get("FormID")),
        "answers": answers(_asked(whole)),
        "submission": submission(whole.get("UniqueID")),
    }


def _asked(whole: Mapping[str, object]) -> Iterator[Answer]:
    return (_answer(label, given) for label, given in whole.items() if label not in _NOT_FIELDS)


def _answer(label: str, given: object) -> Answer:
    told = block(given) or _lines(given)
    if not told:
        return Answer((), label, given)
    kind = text(told.get("field_type"))
    inner = told.get("value")
    parts = block(inner) or {name: told[name] for name in told if name not in _WRAPPING}
    value = joined(parts.values(), _between(parts)) if parts else inner
    if kind == "checkbox" and isinstance(value, str):
        value = value.splitlines()
    return Answer((), label, value, email=kind == "email", parts=parts)


def _lines(given: object) -> dict[str, object]:
    """The parts of a form body's text; none if any line of it is something else."""
    if not isinstance(given, str):
        return {}
    matches = [_LINE.fullmatch(line) for line in given.splitlines() if line.strip()]
    known = [match for match in matches if match and match[1] in _PARTS]
    return {match[1]: match[2] for match in known} if len(known) == len(matches) else {}


def _between(parts: Mapping[str, object]) -> str:
    return " " if all(name in _NAME_PARTS for name in parts) else ", "


# neither the form's name nor the time is sent
ADAPTER = form_tool(_roots, *FORM[:1], *ANSWERS, SUBMISSION_ID)
