"""Cal.com: who booked which meeting, and what the booking form asked.

https://cal.com/docs/developing/guides/automation/webhooks
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.answers import Answer, answers
from senders.adapters.meeting import MEETING, meeting
from senders.adapters.record import present
from senders.adapters.submission import ANSWERS, FORM, SUBMITTED, form, joined
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
    "FORM_SUBMITTED": SUBMITTED,
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
    contact = _contact(block(dig(payload, "attendees[0]")))
    return {
        **({"contact": contact} if contact else {}),
        "form": form(
            payload.get("eventTypeId") or payload.get("formId"),
            payload.get("eventTitle") or payload.get("formName"),
        ),
        "answers": answers(_asked(payload)),
        "hidden": present(block(payload.get("metadata"))),
        "submission": meeting(
            payload.get("uid") or payload.get("bookingUid"),
            payload.get("status"),
            payload.get("startTime"),
            payload.get("endTime"),
        ),
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
    name = joined((parts.get("firstName"), parts.get("lastName")), " ")
    return name or text(parts.get("optionValue")) or text(parts.get("value"))


_LANGUAGE = Field("contact.language", "language of who booked", "de", Presence.SOMETIMES)

ADAPTER = Adapter(
    types=frozenset({*_TYPES.values(), _NO_SHOW_REMOVED, *_OTHERS}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        **dict.fromkeys((*_MEETINGS.values(), _NO_SHOW_REMOVED), (*MEETING, _LANGUAGE)),
        **dict.fromkeys(_FORMS.values(), (*FORM, *ANSWERS)),
        **dict.fromkeys(_OTHERS, ()),
    },
)
