"""Webflow: what a site's form sent, by the names of its fields.

https://developers.webflow.com/data/reference/webhooks/events/form-submission
Events other than forms keep Webflow's own names, such as `ecomm_new_order`, and stand only in
`raw`.
"""

from senders.adapters.adapter import Adapter
from senders.adapters.answers import Answer, answers
from senders.adapters.submission import ANSWERS, FORM, SENT_IN, SUBMITTED, form, submission
from senders.shapes import block, dig, text

_TRIGGER = "form_submission"
_OTHERS = (
    *("site_publish", "page_created", "page_metadata_updated", "page_deleted"),
    *("ecomm_new_order", "ecomm_order_changed", "ecomm_inventory_changed"),
    *("collection_item_created", "collection_item_changed", "collection_item_deleted"),
    *("collection_item_published", "collection_item_unpublished", "comment_created"),
)


def _event_type(body: object, said: str | None) -> str | None:
    trigger = text(dig(body, "triggerType"))
    return SUBMITTED if trigger == _TRIGGER else trigger


def _roots(body: object, type: str) -> dict[str, object]:
    if dig(body, "triggerType") != _TRIGGER:
        return {}
    payload = block(dig(body, "payload"))
    given = block(payload.get("data")).items()
    return {
        "form": form(payload.get("formId"), payload.get("name")),
        "answers": answers(Answer((), name, value, parts=block(value)) for name, value in given),
        "submission": submission(payload.get("id"), payload.get("submittedAt")),
    }


ADAPTER = Adapter(
    types=frozenset({SUBMITTED, *_OTHERS}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        SUBMITTED: (*FORM, *ANSWERS, *SENT_IN),
        **dict.fromkeys(_OTHERS, ()),
    },
)
