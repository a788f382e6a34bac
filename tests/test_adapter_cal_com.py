"""Cal.com's bookings in the names of the normal form."""

import json

import pytest

from senders.presets import preset_named
from tests.normal_forms import form_of, read, sample, told

BOOKED = "cal-com-booked.json"
CANCELLED = "cal-com-cancelled.json"
ANSWERS = {
    "name": "Mira Sol",
    "your_name": "Mira Sol",
    "email": "mira.sol@harbour.example",
    "email_address": "mira.sol@harbour.example",
    "location": "integrations:daily",
    "location_value": "integrations:daily",
    "course": "Safety Basics",
    "Which course is it about?": "Safety Basics",
    "which_course_is_it_about": "Safety Basics",
}
MEETING = {
    "id": "bFJeNb2uX8ANpT3JL5EfXw",
    "starts_at": "2026-04-20T08:30:00Z",
    "ends_at": "2026-04-20T09:00:00Z",
}


def test_a_cal_com_booking_says_who_and_when_and_what_was_asked() -> None:
    assert told(BOOKED) == {
        "contact": {
            "name": "Mira Sol",
            "first_name": "Mira",
            "last_name": "Sol",
            "email": "mira.sol@harbour.example",
            "language": "de",
        },
        "form": {"id": "741202", "title": "Course advice"},
        "answers": {**ANSWERS, "name_firstName": "Mira", "name_lastName": "Sol"},
        "hidden": {
            "videoCallUrl": "https://cal.training.example/video/bFJeNb2uX8ANpT3JL5EfXw",
            "campaign": "spring",
        },
        "submission": {**MEETING, "status": "ACCEPTED"},
    }


def test_a_cancelled_cal_com_booking_says_the_same() -> None:
    assert told(CANCELLED) == {
        "contact": {
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "language": "de",
        },
        "form": {"id": "741202", "title": "Course advice"},
        "answers": ANSWERS,
        "hidden": {},
        "submission": {**MEETING, "status": "CANCELLED"},
    }


def test_without_a_question_for_it_the_attendees_address_is_the_answer() -> None:
    form = told(BOOKED, {"payload.responses": {"course": {"label": "Course", "value": "A"}}})

    assert form["answers"] == {"course": "A", "Course": "A", "email": "mira.sol@harbour.example"}


def test_a_meeting_with_its_fields_at_the_top_is_read_as_well() -> None:
    booked = json.loads(sample(BOOKED).recorded().body)
    flat = {**booked["payload"], "triggerEvent": "MEETING_ENDED"}

    assert form_of("cal-com", flat) == told(BOOKED)


def test_a_routing_form_of_cal_com_is_a_form() -> None:
    payload = {
        "formId": "f1",
        "formName": "Which course?",
        "responses": {"email": {"value": "mira.sol@harbour.example"}},
    }

    assert told(BOOKED, {"triggerEvent": "FORM_SUBMITTED", "payload": payload}) == {
        "form": {"id": "f1", "title": "Which course?"},
        "answers": {"email": "mira.sol@harbour.example"},
        "hidden": {},
        "submission": {},
    }


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ("BOOKING_CREATED", "meeting.booked"),
        ("BOOKING_RESCHEDULED", "meeting.rescheduled"),
        ("BOOKING_CANCELLED", "meeting.cancelled"),
        ("BOOKING_REQUESTED", "meeting.requested"),
        ("BOOKING_NO_SHOW_UPDATED", "meeting.no_show"),
        ("MEETING_ENDED", "meeting.ended"),
        ("FORM_SUBMITTED", "form.submitted"),
        ("RECORDING_READY", "recording.ready"),
        ("PING", "ping"),
        ("BRAND_NEW_THING", "brand.new_thing"),
        (None, "received"),
    ],
)
def test_cal_com_events_have_the_names_that_rules_use(trigger: str | None, kind: str) -> None:
    assert read(BOOKED, {"triggerEvent": trigger}).type == kind


def test_an_absence_that_was_taken_back_is_none() -> None:
    payload = {"bookingUid": "b1", "attendees": [{"email": "a@x.example", "noShow": False}]}
    changes = {"triggerEvent": "BOOKING_NO_SHOW_UPDATED", "payload": payload}

    assert read(BOOKED, changes).type == "meeting.no_show_removed"


@pytest.mark.parametrize(
    "path",
    ["triggerEvent", "payload.uid", "payload.startTime", "payload.responses.email.value"],
)
def test_a_cal_com_booking_is_known_by_meeting_time_and_booker(path: str) -> None:
    first, other = read(BOOKED), read(BOOKED, {path: "another"})
    again = read(BOOKED, {"createdAt": "2026-04-15T10:09:00.000Z"})

    assert first.identity == again.identity != other.identity


def test_events_of_cal_com_without_a_meeting_are_known_by_their_content() -> None:
    form: dict[str, object] = {"triggerEvent": "FORM_SUBMITTED", "payload": {"formId": "f1"}}

    first, again = read(BOOKED, form), read(BOOKED, dict(form))
    other = read(BOOKED, {**form, "payload": {"formId": "f2"}})
    # the same person may send in the same form twice
    later = read(BOOKED, {**form, "createdAt": "2026-04-15T10:09:00.000Z"})

    assert first.identity == again.identity
    assert len({first.identity, other.identity, later.identity}) == 3


@pytest.mark.parametrize("name", ["cal-com", "calcom", "cal.com"])
def test_cal_com_is_found_by_every_spelling(name: str) -> None:
    row = preset_named(name)

    assert row is not None
    assert row.name == "cal-com"
