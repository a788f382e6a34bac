"""Elementor Pro forms: with "Advanced Data" by the fields' ids, without it by their labels only.

A ticked "acceptance" is true, tick boxes are a list of texts, hidden fields stand under `hidden`.
https://elementor.com/help/form-submission-integrations/
"""

import re
from collections.abc import Iterator, Mapping

from senders.adapters.answers import Answer, answers
from senders.adapters.record import present
from senders.adapters.submission import ANSWERS, FORM, HIDDEN, form, form_tool, texts
from senders.shapes import block, dig, text

# how a field without a label is called where labels are all that is sent
_NO_LABEL = "No Label "
_NO_QUESTION = frozenset({"step", "html", "honeypot", "recaptcha", "recaptcha_v3"})
# without "Advanced Data" these stand among the answers
_OF_THE_EVENT = frozenset(
    {"form_id", "form_name", "Page URL", "User Agent", "Remote IP", "Powered by"}
)
_COMMA = re.compile(r" ?, ")

_Item = Mapping[str, object]


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    fields = {id: block(field) for id, field in block(whole.get("fields")).items()}
    if not fields:
        return {
            "form": form(whole.get("form_id"), whole.get("form_name")),
            "answers": answers(_labelled(whole)),
            "hidden": {},
        }
    hidden = {id: field.get("value") for id, field in fields.items() if _kind(field) == "hidden"}
    return {
        "form": form(dig(body, "form.id"), dig(body, "form.name")),
        "answers": answers(_answers(fields)),
        "hidden": present(hidden),
    }


def _labelled(whole: _Item) -> Iterator[Answer]:
    for label, value in whole.items():
        if label in _OF_THE_EVENT:
            continue
        answer = texts(value) if isinstance(value, list) else text(value)
        if label.startswith(_NO_LABEL):
            yield Answer((label.removeprefix(_NO_LABEL),), None, answer)
        else:
            yield Answer((), label, answer)


def _answers(fields: Mapping[str, dict[str, object]]) -> Iterator[Answer]:
    for id, field in fields.items():
        kind = _kind(field)
        if kind != "hidden" and kind not in _NO_QUESTION:
            yield Answer((id,), text(field.get("title")), _value(field), email=kind == "email")


def _kind(field: _Item) -> str | None:
    return text(field.get("type"))


def _value(field: _Item) -> object:
    kind, value, raw = _kind(field), field.get("value"), field.get("raw_value")
    if kind == "acceptance":
        return True if text(value) or text(raw) else None
    if isinstance(raw, dict | list):
        return texts(raw)
    if isinstance(value, dict | list):
        return texts(value)
    if kind in ("checkbox", "upload") and isinstance(value, str):
        return [part.strip() for part in _COMMA.split(value) if part.strip()]
    return value


ADAPTER = form_tool(_roots, *FORM, *ANSWERS, *HIDDEN)
