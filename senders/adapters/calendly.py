"""Calendly: who booked which meeting, and what the booking form asked.

https://developer.calendly.com/api-docs/calendly-api/webhooks/get-sample-webhook-data
https://developer.calendly.com/docs/api-guides/see-how-webhook-payloads-change-when-invitees-reschedule-events
Calendly posts two events when a meeting is moved. Here the new booking is `meeting.rescheduled`
and the old one `meeting.replaced`, so that neither passes for a first booking or a cancellation.
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter
from senders.adapters.answers import Answer, answers
from senders.adapters.meeting import MEETING, meeting
from senders.adapters.record import present
from senders.adapters.submission import (
    ANSWERS,
    FORM,
    HIDDEN,
    SENT_IN,
    SUBMITTED,
    SUBMITTED_AT,
    form,
)
from senders.shapes import block, dig, listing, text

_BOOKED = "meeting.booked"
_TYPES = {
    "invitee.created": _BOOKED,
    "invitee.canceled": "meeting.cancelled",
    "invitee_no_show.created": "meeting.no_show",
    "invitee_no_show.deleted": "meeting.no_show_removed",
    "routing_form_submission.created": SUBMITTED,
}
_MOVED = ("meeting.rescheduled", "meeting.replaced")
_OTHERS = (
    *("event_type.created", "event_type.updated", "event_type.deleted"),
    *("meeting_recap.created", "meeting_recap.updated", "meeting_recap.deleted"),
    *("contact.created", "contact.updated", "contact.deleted"),
)


def _event_type(body: object, said: str | None) -> str | None:
    event = text(dig(body, "event"))
    if event == "invitee.created" and text(dig(body, "payload.old_invitee")):
        return "meeting.rescheduled"
    if event == "invitee.canceled" and dig(body, "payload.rescheduled") is True:
        return "meeting.replaced"
    return _TYPES.get(event, event) if event else None


def _roots(body: object, type: str) -> dict[str, object]:
    event = text(dig(body, "event")) or ""
    if event not in _TYPES:
        return {}
    payload = block(dig(body, "payload"))
    booked = block(payload.get("scheduled_event"))
    kind = booked.get("event_type") or payload.get("routing_form")
    contact = _contact(payload)
    return {
        **({"contact": contact} if contact else {}),
        "form": form(kind, booked.get("name")),
        "answers": answers(_asked(payload)),
        "hidden": present(block(payload.get("tracking"))),
        "submission": meeting(
            payload.get("uri"),
            payload.get("status"),
            booked.get("start_time"),
            booked.get("end_time"),
            payload.get("created_at"),
        ),
    }


def _contact(payload: Mapping[str, object]) -> dict[str, object]:
    names = ("name", "first_name", "last_name", "email")
    return present(
        {
            **{name: text(payload.get(name)) for name in names},
            "phone": text(payload.get("text_reminder_number")),
        }
    )


def _asked(payload: Mapping[str, object]) -> Iterator[Answer]:
    # every booking form asks these two, and Calendly keeps them apart from the other questions
    for name in ("name", "email"):
        value = text(payload.get(name))
        if value is not None:
            yield Answer((name,), None, value)
    for question in map(block, listing(payload.get("questions_and_answers"))):
        key = text(question.get("question_uuid"))
        references = (key,) if key else ()
        yield Answer(references, text(question.get("question")), question.get("answer"))


ADAPTER = Adapter(
    types=frozenset({*_TYPES.values(), *_MOVED, *_OTHERS}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        **dict.fromkeys((*_TYPES.values(), *_MOVED), (*MEETING, SUBMITTED_AT)),
        SUBMITTED: (*FORM[:1], *ANSWERS, *HIDDEN, *SENT_IN),
        **dict.fromkeys(_OTHERS, ()),
    },
)
