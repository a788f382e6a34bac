"""Fillout: the answers by question, with the parameters of the form's address.

https://www.fillout.com/help/webhook
A body that has the submission's fields at its top, without `submission`, is read as well.
"""

from collections.abc import Iterator, Mapping

from senders.adapters.answers import Answer, answers, is_blank
from senders.adapters.submission import (
    ANSWERS,
    FORM,
    HIDDEN,
    LANDED_AT,
    SENT_IN,
    form,
    form_tool,
    joined,
    submission,
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


ADAPTER = form_tool(_roots, *FORM, *ANSWERS, *HIDDEN, *SENT_IN, LANDED_AT)
