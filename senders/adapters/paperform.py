"""Paperform: the answers by the key of each question, the author's own key first.

https://paperform.co/help/articles/how-to-use-webhooks
"""

from collections.abc import Iterator, Mapping

from senders.adapters.answers import Answer, answers
from senders.adapters.submission import ANSWERS, FORM, SENT_IN, form, form_tool, submission
from senders.shapes import block, listing, text


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    return {
        "form": form(whole.get("form_id")),
        "answers": answers(_asked(whole)),
        "submission": submission(whole.get("submission_id"), whole.get("created_at")),
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


# the form's name is not sent
ADAPTER = form_tool(_roots, *FORM[:1], *ANSWERS, *SENT_IN)
