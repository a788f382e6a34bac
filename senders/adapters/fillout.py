"""Fillout: the answers by question, with the parameters of the form's address.

https://www.fillout.com/help/webhook
A body that has the submission's fields at its top, without `submission`, is read as well.
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter
from senders.adapters.answers import Answer, answers, is_blank
from senders.adapters.submission import (
    ANSWERS,
    FORM,
    HIDDEN,
    LANDED_AT,
    SUBMISSION_ID,
    SUBMITTED,
    SUBMITTED_AT,
    form,
    joined,
    submission,
    submitted,
)
from senders.shapes import block, listing, text


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    response = block(whole.get("submission")) or whole
    return {
        "form": form(whole.get("formId"), whole.get("formName")),
        "answers": answers(_asked(response)),
        "hidden": _hidden(response),
        "submission": submission(
            response.get("submissionId"),
            response.get("submissionTime"),
            response.get("startedAt"),
        ),
    }


def _asked(response: Mapping[str, object]) -> Iterator[Answer]:
    for question in map(block, listing(response.get("questions"))):
        identifier = text(question.get("id"))
        value = question.get("value")
        parts = block(value)
        yield Answer(
            references=(identifier,) if identifier else (),
            question=text(question.get("name")),
            value=joined(parts.values()) if question.get("type") == "Address" and parts else value,
            email=question.get("type") == "EmailInput",
            parts=parts,
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
    types=frozenset({SUBMITTED}),
    event_type=submitted,
    roots=_roots,
    catalogue={"*": (*FORM, *ANSWERS, *HIDDEN, SUBMISSION_ID, SUBMITTED_AT, LANDED_AT)},
)
