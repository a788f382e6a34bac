"""Calendly's bookings in the names of the normal form."""

import pytest

from tests.normal_forms import read, told

BOOKED = "calendly-booked.json"
CANCELLED = "calendly-cancelled.json"
MOVED = "calendly-rescheduled.json"
INVITEE = "https://api.calendly.com/scheduled_events/GBGBDCAADAEDCRZ2/invitees/AAAC3NZ4XQ2M7T1"
MEETING = {
    "id": INVITEE,
    "submitted_at": "2026-04-15T10:00:00Z",
    "starts_at": "2026-04-20T08:30:00Z",
    "ends_at": "2026-04-20T09:00:00Z",
}
FORM = {
    "id": "https://api.calendly.com/event_types/BCEG4XQ2M7T1KD5S",
    "title": "Course advice",
}
WHO = {
    "name": "Mira Sol",
    "first_name": "Mira",
    "last_name": "Sol",
    "email": "mira.sol@harbour.example",
}


def test_a_calendly_booking_says_who_and_when_and_what_was_asked() -> None:
    assert told(BOOKED) == {
        "contact": {**WHO, "phone": "+49 30 901820"},
        "form": FORM,
        "answers": {
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "Which course is it about?": "Safety Basics",
            "which_course_is_it_about": "Safety Basics",
        },
        "hidden": {"utm_campaign": "spring", "utm_source": "newsletter"},
        "submission": {**MEETING, "status": "active"},
    }


def test_a_cancellation_says_the_same_without_what_is_empty() -> None:
    assert read(CANCELLED).type == "meeting.cancelled"
    assert told(CANCELLED) == {
        "contact": WHO,
        "form": FORM,
        "answers": {"name": "Mira Sol", "email": "mira.sol@harbour.example"},
        "hidden": {},
        "submission": {**MEETING, "status": "canceled"},
    }


def test_a_meeting_that_was_moved_says_when_it_is_now() -> None:
    assert read(MOVED).type == "meeting.rescheduled"
    assert told(MOVED) == {
        "contact": {
            "name": "Jörg Weiß",
            "email": "jörg.weiß@bücher.example",
            "phone": "+49 30 901820",
        },
        "form": FORM,
        "answers": {
            "name": "Jörg Weiß",
            "email": "jörg.weiß@bücher.example",
            "Which course is it about?": "Safety Basics",
            "which_course_is_it_about": "Safety Basics",
        },
        "hidden": {"utm_campaign": "spring", "utm_source": "newsletter"},
        "submission": {
            "id": "https://api.calendly.com/scheduled_events/HCHCEDBBEBFEDSA3/"
            "invitees/BBBD4OA5YR3N8U2",
            "status": "active",
            "submitted_at": "2026-04-17T14:00:00Z",
            "starts_at": "2026-04-22T08:30:00Z",
            "ends_at": "2026-04-22T09:00:00Z",
        },
    }


def test_a_question_called_email_does_not_hide_who_booked() -> None:
    question = {"question": "email", "answer": "somebody.else@harbour.example"}

    answers = told(BOOKED, {"payload.questions_and_answers": [question]})["answers"]

    assert answers == {"name": "Mira Sol", "email": "mira.sol@harbour.example"}


@pytest.mark.parametrize(
    ("name", "changes", "kind"),
    [
        pytest.param(BOOKED, {}, "meeting.booked", id="booked"),
        pytest.param(
            BOOKED, {"payload.old_invitee": INVITEE}, "meeting.rescheduled", id="moved to"
        ),
        pytest.param(CANCELLED, {"payload.rescheduled": True}, "meeting.replaced", id="moved from"),
        pytest.param(BOOKED, {"event": "invitee_no_show.created"}, "meeting.no_show", id="absent"),
        pytest.param(
            BOOKED,
            {"event": "invitee_no_show.deleted"},
            "meeting.no_show_removed",
            id="not absent after all",
        ),
        pytest.param(BOOKED, {"event": "event_type.created"}, "event_type.created", id="other"),
        pytest.param(BOOKED, {"event": "brand.new"}, "brand.new", id="unknown"),
        pytest.param(BOOKED, {"event": None}, "received", id="none"),
    ],
)
def test_calendly_events_have_the_names_that_rules_use(
    name: str, changes: dict[str, object], kind: str
) -> None:
    assert read(name, changes).type == kind


def test_a_routing_form_is_a_form() -> None:
    payload = {
        "uri": "https://api.calendly.com/routing_form_submissions/S1",
        "routing_form": "https://api.calendly.com/routing_forms/R1",
        "questions_and_answers": [
            {"question_uuid": "q1", "question": "Email", "answer": "mira.sol@harbour.example"}
        ],
        "tracking": {"utm_source": "newsletter"},
        "created_at": "2026-04-15T10:00:00Z",
    }
    changes = {"event": "routing_form_submission.created", "payload": payload}

    assert read(BOOKED, changes).type == "form.submitted"
    assert told(BOOKED, changes) == {
        "form": {"id": "https://api.calendly.com/routing_forms/R1"},
        "answers": {
            "q1": "mira.sol@harbour.example",
            "Email": "mira.sol@harbour.example",
            "email": "mira.sol@harbour.example",
        },
        "hidden": {"utm_source": "newsletter"},
        "submission": {
            "id": "https://api.calendly.com/routing_form_submissions/S1",
            "submitted_at": "2026-04-15T10:00:00Z",
        },
    }


def test_events_that_are_no_bookings_stand_in_raw_only() -> None:
    assert told(BOOKED, {"event": "event_type.created"}) == {}


@pytest.mark.parametrize("path", ["event", "payload.uri"])
def test_a_booking_and_its_cancellation_are_two_events(path: str) -> None:
    first, again, other = read(BOOKED), read(BOOKED), read(BOOKED, {path: "another"})

    assert first.identity == again.identity != other.identity


def test_somebody_marked_as_absent_twice_is_two_events() -> None:
    def mark(at: str) -> str:
        changes = {"event": "invitee_no_show.created", "payload.no_show": {"created_at": at}}
        return read(BOOKED, changes).identity

    assert mark("2026-04-20T09:00:00Z") == mark("2026-04-20T09:00:00Z")
    assert mark("2026-04-20T09:00:00Z") != mark("2026-04-20T09:05:00Z")


def test_a_contact_that_is_changed_twice_is_two_events() -> None:
    def changed(name: str) -> str:
        payload = {"uri": "https://api.calendly.com/contacts/C1", "name": name}
        return read(BOOKED, {"event": "contact.updated", "payload": payload}).identity

    assert changed("Ada") == changed("Ada") != changed("Ada Lindt")
