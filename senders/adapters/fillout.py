"""Fillout: the answers by question, with the parameters of the form's address.

https://www.fillout.com/help/webhook
A body that has the submission's fields at its top, without `submission`, is read as well.
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter
from senders.adapters.answers import Answer, answers, is_blank
from senders.adapters.form_fields import ANSWERS, HIDDEN, form, submission
from senders.adapters.record import present, when
from senders.shapes import block, listing, text

_SUBMITTED = "form.submitted"


def _event_type(body: object, said: str | None) -> str | None:
    return _SUBMITTED if isinstance(body, dict) else None


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    response = block(whole.get("submission")) or whole
    sent = {
        "id": response.get("submissionId"),
        "submitted_at": when(response.get("submissionTime")),
        "landed_at": when(response.get("startedAt")),
    }
    return {
        "form": present({"id": whole.get("formId"), "title": whole.get("formName")}),
        "answers": answers(_asked(response)),
        "hidden": _hidden(response),
        "submission": present(sent),
    }


def _asked(response: Mapping[str, object]) -> Iterator[Answer]:
    for question in map(block, listing(response.get("questions"))):
        identifier = text(question.get("id"))
        yield Answer(
            references=(identifier,) if identifier else (),
            question=text(question.get("name")),
            value=question.get("value"),
            email=question.get("type") == "EmailInput",
            parts=block(question.get("value")),
        )


def _hidden(response: Mapping[str, object]) -> dict[str, object]:
    # a calculation comes from the form's author, a parameter from whoever wrote the link: it must
    # not take a calculation's name
    return {
        **_by_name(response.get("urlParameters")),
        **_by_name(response.get("calculations")),
    }


def _by_name(given: object) -> dict[str, object]:
    found = {}
    for item in map(block, listing(given)):
        value = item.get("value")
        for name in (text(item.get("id")), text(item.get("name"))):
            if name and not is_blank(value):
                found[name] = value
    return found


ADAPTER = Adapter(
    types=frozenset({_SUBMITTED}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        _SUBMITTED: (
            *form("8kXqB2mTus", "Course registration"),
            *ANSWERS,
            HIDDEN,
            *submission("7e1b9d52-0c3f-4a86-9f0e-5d2c8b41a6f3", "submitted_at", "landed_at"),
        )
    },
)
