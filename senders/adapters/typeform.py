"""Typeform: the answers by question, as text, number, true or false, or list of texts.

https://www.typeform.com/developers/webhooks/example-payload/
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter
from senders.moments import iso, read_moment
from senders.shapes import block, dig, listing, text

_TYPES = {"form_response": "form.submitted", "form_response_partial": "form.partial"}


def _event_type(body: object, said: str | None) -> str | None:
    return _TYPES.get(text(dig(body, "event_type")) or "")


def _roots(body: object, type: str) -> dict[str, object]:
    response = block(dig(body, "form_response"))
    form = {"id": response.get("form_id"), "title": dig(response, "definition.title")}
    submission = {
        "id": response.get("token"),
        "submitted_at": _time(response.get("submitted_at")),
        "landed_at": _time(response.get("landed_at")),
    }
    return {
        "form": _present(form),
        "answers": _answers(response),
        "hidden": _present(block(response.get("hidden"))),
        "submission": _present(submission),
    }


def _answers(response: Mapping[str, object]) -> dict[str, object]:
    titles = _titles(response)
    by_ref: dict[str, object] = {}
    by_title: dict[str, object] = {}
    for answer in listing(response.get("answers")):
        value = _value(block(answer))
        if value is None:
            continue
        ref, identifier = text(dig(answer, "field.ref")), text(dig(answer, "field.id"))
        key = ref or identifier
        if key is not None:
            by_ref.setdefault(key, value)
        title = titles.get(ref or "") or titles.get(identifier or "")
        if title is not None:
            by_title.setdefault(title, value)
    # a question's text never hides another question's reference
    return {**by_title, **by_ref}


def _titles(response: Mapping[str, object]) -> dict[str, str]:
    titles: dict[str, str] = {}
    for field in _questions(listing(dig(response, "definition.fields"))):
        title = (text(dig(field, "title")) or "").strip()
        for key in (text(dig(field, "ref")), text(dig(field, "id"))):
            if key is not None and title:
                titles.setdefault(key, title)
    return titles


def _questions(fields: list[object]) -> Iterator[object]:
    """All questions, those inside groups included."""
    waiting = list(reversed(fields))
    while waiting:
        field = waiting.pop()
        yield field
        waiting.extend(reversed(listing(dig(field, "properties.fields"))))


def _value(answer: Mapping[str, object]) -> object:
    kind = text(answer.get("type"))
    value = answer.get(kind) if kind is not None else None
    if kind == "choice":
        return _choice(value)
    if kind == "choices":
        return _choices(block(value))
    return value


def _choice(value: object) -> object:
    return text(dig(value, "label")) or text(dig(value, "other"))


def _choices(value: Mapping[str, object]) -> object:
    labels = [*listing(value.get("labels")), value.get("other")]
    return [label for label in labels if isinstance(label, str) and label]


def _time(value: object) -> object:
    moment = read_moment(value)
    return value if moment is None else iso(moment)


def _present(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


ADAPTER = Adapter(
    types=frozenset(_TYPES.values()),
    event_type=_event_type,
    roots=_roots,
)
