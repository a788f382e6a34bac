"""Cal.com: who booked which meeting, and what the booking form asked.

https://cal.com/docs/developing/guides/automation/webhooks
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.answers import Answer, answers
from senders.adapters.form_fields import ANSWERS, MEETING, form, submission
from senders.adapters.record import present, when
from senders.shapes import block, dig, text

_MEETINGS = {
    "BOOKING_CREATED": "meeting.booked",
    "BOOKING_RESCHEDULED": "meeting.rescheduled",
    "BOOKING_CANCELLED": "meeting.cancelled",
    "BOOKING_REQUESTED": "meeting.requested",
    "BOOKING_REJECTED": "meeting.rejected",
    "BOOKING_PAYMENT_INITIATED": "meeting.payment_started",
    "BOOKING_PAID": "meeting.paid",
    "BOOKING_NO_SHOW_UPDATED": "meeting.no_show",
    "MEETING_STARTED": "meeting.started",
    "MEETING_ENDED": "meeting.ended",
}
_FORMS = {
    "FORM_SUBMITTED": "form.submitted",
    "FORM_SUBMITTED_NO_EVENT": "form.submitted_without_booking",
}
_TYPES = {**_MEETINGS, **_FORMS}
_OTHERS = (
    *("recording.ready", "recording.transcription_generated", "instant.meeting", "ooo.created"),
    *("after.hosts_cal_video_no_show", "after.guests_cal_video_no_show", "wrong.assignment_report"),
    *("routing.form_fallback_hit", "delegation.credential_error", "ping"),
)
_NO_SHOW_REMOVED = "meeting.no_show_removed"


def _event_type(body: object, said: str | None) -> str | None:
    trigger = text(dig(body, "triggerEvent"))
    if trigger == "BOOKING_NO_SHOW_UPDATED" and dig(_payload(body), "attendees[0].noShow") is False:
        return _NO_SHOW_REMOVED
    if trigger is None or trigger in _TYPES:
        return _TYPES.get(trigger or "")
    # OOO_CREATED -> ooo.created
    return trigger.lower().replace("_", ".", 1)


def _roots(body: object, type: str) -> dict[str, object]:
    trigger = text(dig(body, "triggerEvent"))
    if trigger not in _TYPES:
        return {}
    payload = _payload(body)
    booked = {
        "id": payload.get("uid") or payload.get("bookingUid"),
        "status": payload.get("status"),
        "starts_at": when(payload.get("startTime")),
        "ends_at": when(payload.get("endTime")),
    }
    kind = {
        "id": payload.get("eventTypeId") or payload.get("formId"),
        "title": payload.get("eventTitle") or payload.get("formName"),
    }
    contact = _contact(block(dig(payload, "attendees[0]")))
    return {
        **({"contact": contact} if contact else {}),
        "form": present(kind),
        "answers": answers(_asked(payload)),
        "hidden": present(block(payload.get("metadata"))),
        "submission": present(booked),
    }


def _payload(body: object) -> dict[str, object]:
    # meetings that start or end have been posted with the booking's fields at the top
    return block(dig(body, "payload")) or block(body)


def _contact(attendee: Mapping[str, object]) -> dict[str, object]:
    found = {
        "name": attendee.get("name"),
        "first_name": attendee.get("firstName"),
        "last_name": attendee.get("lastName"),
        "email": attendee.get("email"),
        "phone": attendee.get("phoneNumber"),
        "language": dig(attendee, "language.locale"),
    }
    return present({name: text(value) for name, value in found.items()})


def _asked(payload: Mapping[str, object]) -> Iterator[Answer]:
    for slug, given in block(payload.get("responses")).items():
        answer = block(given)
        value = answer.get("value") if answer else given
        parts = block(value)
        yield Answer(
            references=(slug,),
            question=text(answer.get("label")),
            value=_whole(parts) if parts else value,
            email=slug == "email",
            parts=parts,
        )
    email = text(dig(payload, "attendees[0].email"))
    yield Answer((), None, email, email=True)


def _whole(parts: Mapping[str, object]) -> object:
    """The text of an answer in parts: a name, or a place with what the booker added to it."""
    texts = (text(parts.get(name)) for name in ("firstName", "lastName"))
    name = " ".join(filter(None, texts))
    return name or text(parts.get("optionValue")) or text(parts.get("value"))


_MEETING = (
    *MEETING,
    Field("contact.language", "language of who booked", "de", Presence.SOMETIMES),
    *form(741202, "Course advice"),
    *submission("bFJeNb2uX8ANpT3JL5EfXw", "starts_at", "ends_at"),
    Field("submission.status", "the booking's status", "ACCEPTED"),
)
_FORM = (*ANSWERS, *form("2d6c1f0e-3a0f-4c1b-9a7d-1b5f6f0f2a11", "Which course?"))

ADAPTER = Adapter(
    types=frozenset({*_TYPES.values(), _NO_SHOW_REMOVED, *_OTHERS}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        **dict.fromkeys((*_MEETINGS.values(), _NO_SHOW_REMOVED), _MEETING),
        **dict.fromkeys(_FORMS.values(), _FORM),
        **dict.fromkeys(_OTHERS, ()),
    },
)
