"""Cognito Forms: an entry, its fields beside `Form` and `Entry`, by the names of the form's fields.

https://www.cognitoforms.com/support/66/data-integration/webhooks
A field's name is its label without the spaces: `EmailAddress` is also `answers.email_address` and
`answers["Email Address"]`. Names and addresses come in parts; fields of a section stand beside the
others.
"""

import re
from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter, Field
from senders.adapters.answers import Answer, answers
from senders.adapters.record import present
from senders.adapters.submission import (
    ANSWERS,
    FORM,
    LANDED_AT,
    SUBMISSION_ID,
    SUBMITTED,
    SUBMITTED_AT,
    form,
    submission,
)
from senders.shapes import block, dig, text

_TYPES = {"Submit": SUBMITTED, "Update": "form.updated", "Delete": "form.deleted"}
# an entry can be changed by actions that the form's author has named
_OTHER_ACTION = "form.updated"
_NOT_FIELDS = ("Form", "Entry", "Id")
_WORD_END = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# the whole of what comes in parts: of a name, an address
_WHOLES = ("FirstAndLast", "FullAddress", "FullInternationalAddress")


def _event_type(body: object, said: str | None) -> str | None:
    action = text(dig(body, "Entry.Action"))
    return _TYPES.get(action, _OTHER_ACTION) if action else None


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    entry = block(whole.get("Entry"))
    sent = submission(whole.get("Id"), entry.get("DateSubmitted"), entry.get("DateCreated"))
    fields = {name: value for name, value in whole.items() if name not in _NOT_FIELDS}
    return {
        "form": form(dig(whole, "Form.Id"), dig(whole, "Form.Name")),
        "answers": answers(_asked(fields)),
        "submission": {**sent, **present({"status": text(entry.get("Status"))})},
    }


def _asked(fields: Mapping[str, object]) -> Iterator[Answer]:
    waiting = list(reversed(list(fields.items())))
    while waiting:
        name, value = waiting.pop()
        # $version and $etag are Cognito's own
        if name.startswith("$"):
            continue
        parts = block(value)
        whole = next((part for part in _WHOLES if text(parts.get(part))), None)
        if parts and whole is None:
            waiting.extend(reversed(list(parts.items())))
        else:
            value = parts[whole] if whole else value
            yield Answer((name,), _WORD_END.sub(" ", name), value, parts=parts)


_STATUS = Field("submission.status", "the entry's status in the form's workflow", "Submitted")

ADAPTER = Adapter(
    types=frozenset(_TYPES.values()),
    event_type=_event_type,
    roots=_roots,
    catalogue={"*": (*FORM, *ANSWERS, SUBMISSION_ID, _STATUS, SUBMITTED_AT, LANDED_AT)},
)
