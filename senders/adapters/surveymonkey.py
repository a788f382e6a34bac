"""SurveyMonkey: which response it is about; the answers only where somebody has added them.

https://api.surveymonkey.com/v3/docs#webhooks
https://api.surveymonkey.com/v3/docs#api-endpoints-get-surveys-id-responses-id-details
SurveyMonkey's own webhook tells that a response is complete and nothing of what was answered. A
body to which the response's details were added is read with them: at its top or under `response`
or `details`. Texts of questions and choices are there if the details were asked for with
`simple=true`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.answers import Answer, answers, is_blank
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

_RESPONSES = {
    "response_completed": SUBMITTED,
    "response_updated": "form.updated",
    "response_created": "form.started",
    "response_deleted": "form.deleted",
    "response_disqualified": "form.disqualified",
    "response_overquota": "form.over_quota",
}
_OTHERS = {
    f"{thing}_{verb}": f"{thing}.{verb}"
    for thing in ("collector", "survey")
    for verb in ("created", "updated", "deleted")
}
_TYPES = {**_RESPONSES, **_OTHERS}
_CONTACT = {"first_name": "first_name", "last_name": "last_name", "email": "email_address"}


def _event_type(body: object, said: str | None) -> str | None:
    event = text(dig(body, "event_type"))
    return _TYPES.get(event, event) if event else None


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    survey = dig(whole, "resources.survey_id")
    if whole.get("object_type", "response") != "response":
        return {"form": form(survey)}
    details = block(whole.get("response")) or block(whole.get("details")) or whole
    completed = whole.get("event_datetime") if type == SUBMITTED else None
    title = details.get("survey_title") or details.get("title")
    sent = submission(
        whole.get("object_id") or details.get("id"),
        completed or details.get("date_modified"),
        details.get("date_created"),
    )
    contact = _contact(details)
    return {
        "form": form(survey or details.get("survey_id"), title),
        "answers": answers(_asked(details)),
        "hidden": present(block(details.get("custom_variables"))),
        "submission": {**sent, **present({"status": text(details.get("response_status"))})},
        **({"contact": contact} if contact else {}),
    }


def _contact(details: Mapping[str, object]) -> dict[str, object]:
    """Whom the invitation went to, where the survey was sent by e-mail."""
    known = block(dig(details, "metadata.contact"))
    return present(
        {
            ours: text(details.get(theirs)) or text(dig(known.get(ours), "value"))
            for ours, theirs in _CONTACT.items()
        }
    )


def _asked(details: Mapping[str, object]) -> Iterator[Answer]:
    for page in listing(details.get("pages")):
        for question in map(block, listing(dig(page, "questions"))):
            given = [block(item) for item in listing(question.get("answers"))]
            identifier = text(question.get("id"))
            yield Answer(
                references=(identifier,) if identifier else (),
                question=text(question.get("heading")),
                value=_value(text(question.get("family")), given),
                parts=_rows(given),
            )


def _value(family: str | None, given: list[dict[str, object]]) -> object:
    texts = [found for found in map(_text, given) if found]
    return texts if family == "multiple_choice" or len(texts) > 1 else next(iter(texts), None)


def _text(answer: Mapping[str, object]) -> str | None:
    named = (text(answer.get(name)) for name in ("text", "simple_text", "choice_id"))
    return next((value for value in named if not is_blank(value)), None)


def _rows(given: list[dict[str, object]]) -> dict[str, object]:
    """The answers of a question with several fields, by the number of the field."""
    rows = ((text(answer.get("row_id")), _text(answer)) for answer in given)
    return {row: value for row, value in rows if row}


_INVITED = "whom the invitation went to"
_ANSWERED = (
    *FORM,
    *(replace(field, present=Presence.SOMETIMES) for field in ANSWERS),
    *HIDDEN,
    *SENT_IN,
    LANDED_AT,
    Field("submission.status", "the response's status", "completed", Presence.SOMETIMES),
    Field("contact.email", _INVITED, "ada@meadow.example", Presence.SOMETIMES),
    Field("contact.first_name", _INVITED, "Ada", Presence.SOMETIMES),
    Field("contact.last_name", _INVITED, "Lindt", Presence.SOMETIMES),
)

ADAPTER = Adapter(
    types=frozenset({*_RESPONSES.values(), *_OTHERS.values()}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        **dict.fromkeys(_RESPONSES.values(), _ANSWERED),
        **dict.fromkeys(_OTHERS.values(), FORM[:1]),
    },
)
