"""Tally: choices as their texts, files as their addresses, a row of a matrix as a question.

The key of a question looks like `question_KxM2eB`; the text is the name to use in rules. Hidden
and calculated fields stand under `hidden` by their labels. A matrix "Skills" with the row "Excel"
is the question "Skills [Excel]". https://tally.so/help/webhooks
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter
from senders.adapters.answers import Answer, answers
from senders.adapters.record import present
from senders.adapters.submission import ANSWERS, FORM, HIDDEN, SENT_IN, SUBMITTED, form, submission
from senders.shapes import block, dig, listing, text

_HIDDEN = ("HIDDEN_FIELDS", "CALCULATED_FIELDS")
_FILES = ("FILE_UPLOAD", "SIGNATURE")
# one choice of many; since about 2023 Tally sends it as a list of one
_SINGLE = ("MULTIPLE_CHOICE", "DROPDOWN")

_Item = Mapping[str, object]


def _event_type(body: object, said: str | None) -> str | None:
    kind = text(dig(body, "eventType"))
    return SUBMITTED if kind == "FORM_RESPONSE" else kind


def _roots(body: object, type: str) -> dict[str, object]:
    data = block(dig(body, "data"))
    fields = [block(field) for field in listing(data.get("fields"))]
    asked = [field for field in fields if field.get("type") not in _HIDDEN]
    hidden = (field for field in fields if field.get("type") in _HIDDEN)
    return {
        "form": form(data.get("formId"), data.get("formName")),
        "answers": answers(_answers(asked)),
        "hidden": present(
            {name: field.get("value") for field in hidden if (name := text(field.get("label")))}
        ),
        "submission": submission(
            text(data.get("submissionId")) or data.get("responseId"), data.get("createdAt")
        ),
    }


def _answers(fields: list[dict[str, object]]) -> Iterator[Answer]:
    boxes = {text(field.get("key")) for field in fields if field.get("options")} - {None}
    for field in fields:
        key = text(field.get("key"))
        # each box of a question comes once more on its own, as question_<id>_<option id>
        if not field.get("options") and key and key.rpartition("_")[0] in boxes:
            continue
        if field.get("type") == "MATRIX":
            yield from _rows(field, key)
        else:
            yield _answer(field, key, _value(field))


def _answer(field: _Item, key: str | None, value: object, row: str = "") -> Answer:
    label = text(field.get("label"))
    question = f"{label.strip()} [{row}]" if label and row else label
    email = field.get("type") == "INPUT_EMAIL"
    return Answer((key,) if key else (), question, value, email=email)


def _rows(field: _Item, key: str | None) -> Iterator[Answer]:
    columns, chosen = _texts_of(field.get("columns")), block(field.get("value"))
    for id, row in _texts_of(field.get("rows")).items():
        value = _single(_chosen(chosen.get(id), columns))
        yield _answer(field, f"{key}_{id}" if key else None, value, row)


def _value(field: _Item) -> object:
    value, kind = field.get("value"), field.get("type")
    if kind in _FILES:
        return [url for file in listing(value) if (url := text(dig(file, "url")))]
    if not field.get("options"):
        return present(value) if isinstance(value, dict) else value
    found = _chosen(value, _texts_of(field.get("options")))
    return _single(found) if kind in _SINGLE else found


def _single(found: object) -> object:
    return found[0] if isinstance(found, list) and len(found) == 1 else found


def _chosen(value: object, names: Mapping[str, str]) -> object:
    """The texts of the options chosen; an id that is no option stays as it is."""
    if isinstance(value, list):
        ids = (text(item) for item in value)
        return [names.get(id, id) for id in ids if id is not None]
    id = text(value)
    return value if id is None else names.get(id, id)


def _texts_of(options: object) -> dict[str, str]:
    pairs = ((text(dig(item, "id")), text(dig(item, "text"))) for item in listing(options))
    return {id: name for id, name in pairs if id and name}


ADAPTER = Adapter(
    types=frozenset({SUBMITTED}),
    event_type=_event_type,
    roots=_roots,
    catalogue={"*": (*FORM, *ANSWERS, *HIDDEN, *SENT_IN)},
)
