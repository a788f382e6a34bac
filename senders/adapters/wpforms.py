"""WPForms: the answers under the keys that the author of the webhook gave them.

The keys entry_id, form_id, form_name and entry_date are no answers: they become `submission` and
`form`. https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-with-wpforms/
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from senders.adapters.adapter import Adapter, Presence
from senders.adapters.answers import Answer, answers
from senders.adapters.submission import (
    ANSWERS,
    FORM,
    SUBMISSION_ID,
    SUBMITTED,
    SUBMITTED_AT,
    form,
    present,
    submission,
    submitted,
    texts,
)
from senders.shapes import block

# the author of the webhook decides whether the form is named in it
_FORM = tuple(replace(field, present=Presence.USUALLY) for field in FORM)
_OF_THE_EVENT = ("entry_id", "form_id", "form_name", "entry_date")


def _roots(body: object, type: str) -> dict[str, object]:
    entry = block(body)
    return {
        "form": form(entry.get("form_id"), entry.get("form_name")),
        "answers": answers(_answers(entry)),
        "submission": submission(entry.get("entry_id"), entry.get("entry_date")),
    }


def _answers(entry: Mapping[str, object]) -> Iterator[Answer]:
    return (
        Answer((key,), key, _value(value))
        for key, value in entry.items()
        if key not in _OF_THE_EVENT
    )


def _value(value: object) -> object:
    if isinstance(value, list):
        return texts(value)
    return present(value) if isinstance(value, dict) else value


ADAPTER = Adapter(
    types=frozenset({SUBMITTED}),
    event_type=submitted,
    roots=_roots,
    catalogue={"*": (*_FORM, *ANSWERS, SUBMISSION_ID, SUBMITTED_AT)},
)
