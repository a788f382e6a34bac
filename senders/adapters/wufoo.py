"""Wufoo: `Field1`, `Field2`, ... and, where the webhook was set up so, what these are called.

https://wufoo.github.io/docs/#webhooks
`FieldStructure` says which fields make one question: the parts of a name, the boxes of a list.
"""

import re
from collections.abc import Iterator, Mapping

from senders.adapters.answers import Answer, answers, simple_key
from senders.adapters.submission import (
    ANSWERS,
    FORM_IF_NAMED,
    SENT_IN,
    form,
    form_tool,
    joined,
    submission,
)
from senders.shapes import block, dig, listing, text

_NAMES = ("shortname", "name")
_FIELD = re.compile(r"Field[0-9]+")


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    known = block(whole.get("FormStructure"))
    return {
        "form": form(known.get("Hash"), known.get("Name")),
        "answers": answers((*_questions(whole), *_fields(whole))),
        "submission": submission(whole.get("EntryId"), whole.get("DateCreated")),
    }


def _questions(whole: Mapping[str, object]) -> Iterator[Answer]:
    for question in map(block, listing(dig(whole, "FieldStructure.Fields"))):
        boxes = [block(part) for part in listing(question.get("SubFields"))]
        parts = _parts(whole, boxes)
        if question.get("Type") == "checkbox":
            value: object = [box for box in parts.values() if text(box)]
        elif boxes:
            value = joined(parts.values(), _between(question))
        else:
            value = whole.get(text(question.get("ID")) or "")
        yield Answer(
            references=(),
            question=text(question.get("Title")),
            value=value,
            email=question.get("Type") == "email",
            parts=parts,
        )


def _between(question: Mapping[str, object]) -> str:
    return " " if question.get("Type") in _NAMES else ", "


def _parts(whole: Mapping[str, object], boxes: list[dict[str, object]]) -> dict[str, object]:
    named = ((text(box.get("Label")) or "", text(box.get("ID")) or "") for box in boxes)
    return {simple_key(label) or field: whole.get(field) for label, field in named}


def _fields(whole: Mapping[str, object]) -> Iterator[Answer]:
    for name, value in whole.items():
        if _FIELD.fullmatch(name):
            yield Answer((name,), None, value, parts=block(value))


ADAPTER = form_tool(_roots, *FORM_IF_NAMED, *ANSWERS, *SENT_IN)
