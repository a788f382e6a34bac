"""Gravity Forms: the names that the author gave the fields in the webhook, or the fields' numbers.

With "Select Fields" the answers stand under the names chosen there. With "All Fields" they stand
under the fields' numbers, `answers.2`, and a field in several parts, such as a name or tick boxes,
under each part's number, `answers["1.3"]`, and as a list of all its texts under its own,
`answers.1`. https://docs.gravityforms.com/triggering-webhooks-on-form-submissions/
"""

import re
from collections.abc import Iterator, Mapping

from senders.adapters.answers import Answer, answers
from senders.adapters.submission import ANSWERS, FORM, SENT_IN, form, form_tool, submission, texts
from senders.delivery import Malformed
from senders.shapes import block, listing
from senders.strict_json import parse

_PART = re.compile(r"([0-9]+)\.[0-9]+")
_NUMBER = re.compile(r"[0-9.]+")
_OF_THE_EVENT = frozenset({"id", "form_id", "form_title", "date_created", "date_updated"})
# no author would choose these names: with them, the body is a whole entry
_ALL_FIELDS = frozenset({"is_starred", "is_read"})
_OF_THE_ENTRY = frozenset(
    {
        *(*_OF_THE_EVENT, *_ALL_FIELDS, "post_id", "ip", "source_url", "source_id"),
        *("user_agent", "currency", "created_by", "status", "transaction_id", "transaction_type"),
        *("payment_status", "payment_date", "payment_amount", "payment_method", "is_fulfilled"),
    }
)


def _roots(body: object, type: str) -> dict[str, object]:
    entry = block(body)
    return {
        "form": form(entry.get("form_id"), entry.get("form_title")),
        "answers": answers(_answers(entry)),
        "submission": submission(entry.get("id"), entry.get("date_created")),
    }


def _answers(entry: Mapping[str, object]) -> Iterator[Answer]:
    own = _OF_THE_ENTRY if entry.keys() >= _ALL_FIELDS else _OF_THE_EVENT
    parts: dict[str, list[object]] = {}
    for key, value in entry.items():
        if key in own:
            continue
        yield Answer((key,), None if _NUMBER.fullmatch(key) else key, _value(value))
        part = _PART.fullmatch(key)
        if part is not None:
            parts.setdefault(part[1], []).append(value)
    for number, values in parts.items():
        yield Answer((number,), None, texts(values))


def _value(value: object) -> object:
    """Several choices of one field, and several files, come as a JSON list in a text."""
    if isinstance(value, list):
        return texts(value)
    if not isinstance(value, str) or not (value.startswith('["') and value.endswith('"]')):
        return value
    try:
        found = listing(parse(value.encode("utf-8")))
    except (Malformed, UnicodeEncodeError):
        return value
    return found if all(isinstance(item, str) for item in found) else value


ADAPTER = form_tool(_roots, *FORM, *ANSWERS, *SENT_IN)
