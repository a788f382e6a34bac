"""WPForms: the answers under the keys that the author of the webhook gave them.

The keys entry_id, form_id, form_name and entry_date are no answers: they become `submission` and
`form`. https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-with-wpforms/
"""

from collections.abc import Iterator, Mapping

from senders.adapters.answers import Answer, answers
from senders.adapters.record import present
from senders.adapters.submission import (
    ANSWERS,
    FORM_IF_NAMED,
    SENT_IN,
    form,
    form_tool,
    submission,
    texts,
)
from senders.shapes import block

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


ADAPTER = form_tool(_roots, *FORM_IF_NAMED, *ANSWERS, *SENT_IN)
