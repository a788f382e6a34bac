"""Google Forms, as the script of docs/google-forms.gs posts a response.

Answers by the question's title, and by the item's number. A row "Monday" of a grid "When?" is the
question "When? [Monday]". `answers.respondent_email` is the address that Google collected; it is
`answers.email` as well where no question is called so.
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter, Field
from senders.adapters.answers import Answer, answers
from senders.adapters.submission import ANSWERS, FORM, SENT_IN, SUBMITTED, form, submission, texts
from senders.shapes import block, dig, listing, text

_RESPONDENT = "respondent_email"


def _event_type(body: object, said: str | None) -> str | None:
    return said


def _roots(body: object, type: str) -> dict[str, object]:
    response = block(dig(body, "data.response"))
    return {
        "form": form(dig(body, "data.form.id"), dig(body, "data.form.title")),
        "answers": answers(_answers(response)),
        "submission": submission(response.get("id"), response.get("submitted_at")),
    }


def _answers(response: Mapping[str, object]) -> Iterator[Answer]:
    for item in listing(response.get("answers")):
        title, value = text(dig(item, "title")), dig(item, "value")
        number = text(dig(item, "id"))
        references = () if number is None else (number,)
        if isinstance(value, dict):
            yield from _rows(title or "", value)
        else:
            yield Answer(references, title, texts(value) if isinstance(value, list) else value)
    yield Answer((_RESPONDENT,), None, text(response.get(_RESPONDENT)), email=True)


def _rows(title: str, rows: Mapping[str, object]) -> Iterator[Answer]:
    for row, value in rows.items():
        cell = texts(value) if isinstance(value, list) else text(value)
        yield Answer((), f"{title.strip()} [{row}]", cell)


ADAPTER = Adapter(
    types=frozenset({SUBMITTED}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "*": (
            *FORM,
            *ANSWERS,
            Field(
                f"answers.{_RESPONDENT}",
                "the address that Google collected",
                "ada@meadow.example",
            ),
            *SENT_IN,
        )
    },
)
