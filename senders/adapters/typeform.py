"""Typeform: the answers by question, as text, number, true or false, or list of texts.

`hidden` has the hidden fields and, where no hidden field is called so, the form's variables and
its score. https://www.typeform.com/developers/webhooks/example-payload/
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.answers import Answer, answers
from senders.adapters.record import present
from senders.adapters.submission import (
    ANSWERS,
    FORM,
    HIDDEN,
    LANDED_AT,
    SENT_IN,
    SUBMITTED,
    form,
    submission,
)
from senders.shapes import block, dig, listing, text

_TYPES = {"form_response": SUBMITTED, "form_response_partial": "form.partial"}


def _event_type(body: object, said: str | None) -> str | None:
    kind = text(dig(body, "event_type"))
    return _TYPES.get(kind, kind) if kind is not None else None


def _roots(body: object, type: str) -> dict[str, object]:
    response = block(dig(body, "form_response"))
    return {
        "form": form(response.get("form_id"), dig(response, "definition.title")),
        "answers": answers(_asked(response)),
        "hidden": _hidden(response),
        "submission": submission(
            response.get("token"), response.get("submitted_at"), response.get("landed_at")
        ),
    }


def _hidden(response: Mapping[str, object]) -> dict[str, object]:
    named = ((text(dig(item, "key")), _value(block(item))) for item in _variables(response))
    variables = {name: value for name, value in named if name is not None}
    score, given = block(response.get("calculated")), block(response.get("hidden"))
    return present({**score, **variables, **given})


def _variables(response: Mapping[str, object]) -> list[object]:
    return listing(response.get("variables"))


def _asked(response: Mapping[str, object]) -> Iterator[Answer]:
    """The form's questions in its order, then answers to questions that it does not tell of."""
    given = [block(answer) for answer in listing(response.get("answers"))]
    by_ref = _by("field.ref", given)
    by_id = _by("field.id", given)
    for field in _questions(listing(dig(response, "definition.fields"))):
        ref, identifier = text(dig(field, "ref")), text(dig(field, "id"))
        answer = by_ref.get(ref or "") or by_id.get(identifier or "") or {}
        yield _answer(ref or identifier, text(dig(field, "title")), answer, dig(field, "type"))
    for answer in given:
        yield _answer(text(dig(answer, "field.ref")) or text(dig(answer, "field.id")), None, answer)


def _by(path: str, given: list[dict[str, object]]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for answer in given:
        key = text(dig(answer, path))
        if key is not None and _value(answer) is not None:
            found.setdefault(key, answer)
    return found


def _answer(
    key: str | None, question: str | None, answer: Mapping[str, object], kind: object = None
) -> Answer:
    references = () if key is None else (key,)
    email = "email" in (kind, answer.get("type"))
    return Answer(references, question, _value(answer), email=email)


def _questions(fields: list[object]) -> Iterator[object]:
    """All questions, those inside groups included, without the groups."""
    waiting = list(reversed(fields))
    while waiting:
        field = waiting.pop()
        inner = listing(dig(field, "properties.fields"))
        waiting.extend(reversed(inner))
        if not inner:
            yield field


def _value(answer: Mapping[str, object]) -> object:
    kind = text(answer.get("type"))
    value = answer.get(kind) if kind is not None else None
    if kind == "choice":
        return text(dig(value, "label")) or text(dig(value, "other"))
    if kind == "choices":
        return _choices(block(value))
    return present(value) if isinstance(value, dict) else value


def _choices(value: Mapping[str, object]) -> object:
    labels = [*listing(value.get("labels")), value.get("other")]
    return [label for label in labels if isinstance(label, str) and label]


ADAPTER = Adapter(
    types=frozenset(_TYPES.values()),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "*": (
            *FORM,
            *ANSWERS,
            *HIDDEN,
            Field("hidden.score", "the form's score, where it has one", 9, Presence.SOMETIMES),
            *SENT_IN,
            LANDED_AT,
        )
    },
)
