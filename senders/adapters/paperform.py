"""Paperform: the answers by the key of each question, the author's own key first.

https://paperform.co/help/articles/how-to-use-webhooks
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter
from senders.adapters.answers import Answer, answers
from senders.adapters.form_fields import ANSWERS, form, submission
from senders.adapters.record import present, when
from senders.shapes import block, listing, text

_SUBMITTED = "form.submitted"


def _event_type(body: object, said: str | None) -> str | None:
    return _SUBMITTED if isinstance(body, dict) else None


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    sent = {"id": whole.get("submission_id"), "submitted_at": when(whole.get("created_at"))}
    return {
        "form": present({"id": whole.get("form_id")}),
        "answers": answers(_asked(whole)),
        "submission": present(sent),
    }


def _asked(whole: Mapping[str, object]) -> Iterator[Answer]:
    for question in map(block, listing(whole.get("data"))):
        keys = (text(question.get("custom_key")), text(question.get("key")))
        yield Answer(
            references=tuple(key for key in keys if key),
            question=text(question.get("title")),
            value=question.get("value"),
            email=question.get("type") == "email",
            parts=block(question.get("value")),
        )


ADAPTER = Adapter(
    types=frozenset({_SUBMITTED}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        _SUBMITTED: (
            *form("6627c1d58a1b2c3d4e5f6071"),
            *ANSWERS,
            *submission("6800f2a1b3c4d5e6f7081920", "submitted_at"),
        )
    },
)
