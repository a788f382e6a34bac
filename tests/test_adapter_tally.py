"""Tally's responses in the names of the normal form."""

import pytest
from hypothesis import given

from senders.adapters.tally import ADAPTER
from tests.json_values import json_values
from tests.normal_forms import form_of, told, well_formed


def test_tally_answers_are_found_by_label_and_key_with_the_texts_of_the_options() -> None:
    form = told("tally-response.json")

    by_label = {
        "Your name": "Ada Lindt",
        "Where do we write to?": "ada.lindt@meadow.example",
        "Course": "Safety Basics",
        "On which days?": ["Monday", "Tuesday"],
        "How many years have you been working?": 4,
        "First day": "2026-05-04",
        "Certificate": ["https://storage.tally.example/private/first-aid.pdf?id=bEo3Kd"],
    }
    by_key = {
        "question_3EKz4n": "Ada Lindt",
        "question_nGDr1A": "ada.lindt@meadow.example",
        "question_3jZaa3": "Safety Basics",
        "question_w2XM2M": ["Monday", "Tuesday"],
        "question_3NYoq2": 4,
        "question_wzRqKn": "2026-05-04",
        "question_3xLpGz": ["https://storage.tally.example/private/first-aid.pdf?id=bEo3Kd"],
    }
    by_simple_key = {
        "email": "ada.lindt@meadow.example",
        "your_name": "Ada Lindt",
        "where_do_we_write_to": "ada.lindt@meadow.example",
        "course": "Safety Basics",
        "on_which_days": ["Monday", "Tuesday"],
        "how_many_years_have_you_been_working": 4,
        "first_day": "2026-05-04",
        "certificate": ["https://storage.tally.example/private/first-aid.pdf?id=bEo3Kd"],
    }
    assert form == {
        "form": {"id": "VwbNEw", "title": "Sign up for a course"},
        "answers": by_label | by_key | by_simple_key,
        "hidden": {"campaign": "spring", "total": 120},
        "submission": {"id": "2wgx4n", "submitted_at": "2026-04-15T10:00:00Z"},
    }


def test_odd_tally_questions_have_their_texts_too() -> None:
    form = told("tally-odd-questions.json")

    by_label = {
        "Email": "jörg.weiß@bücher.example",
        "E-mail of your manager": "chef@bücher.example",
        "Kurs": "Kräuter für Anfänger",
        "Rang": ["Salbei", "Minze"],
        "Wie gut? [Minze]": "trocken",
        "Wie gut? [Salbei]": ["frisch", "trocken"],
    }
    by_key = {
        "question_aaaaaa": "jörg.weiß@bücher.example",
        "question_bbbbbb": "chef@bücher.example",
        "question_cccccc": "Ich freue mich 🌿",
        "question_dddddd": "Kräuter für Anfänger",
        "question_eeeeee": ["Zwei", "a text of one's own"],
        "question_ffffff": ["Salbei", "Minze"],
        "question_hhhhhh_r1": "trocken",
        "question_hhhhhh_r2": ["frisch", "trocken"],
    }
    by_simple_key = {
        "email": "jörg.weiß@bücher.example",
        "e_mail_of_your_manager": "chef@bücher.example",
        "kurs": "Kräuter für Anfänger",
        "rang": ["Salbei", "Minze"],
        "wie_gut_minze": "trocken",
        "wie_gut_salbei": ["frisch", "trocken"],
    }
    assert form == {
        "form": {"id": "mBZ8rk", "title": "Anmeldung: Kräuterkunde"},
        "answers": by_label | by_key | by_simple_key,
        "hidden": {},
        "submission": {"id": "9dPq2L", "submitted_at": "2026-04-15T10:03:58Z"},
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "MULTIPLE_CHOICE", "value": "o1"}, "One"),
        ({"type": "MULTIPLE_CHOICE", "value": ["o1", "o2"]}, ["One", "Two"]),
        ({"type": "CHECKBOXES", "value": ["o1"]}, ["One"]),
        ({"type": "DROPDOWN", "value": ["not an option"]}, "not an option"),
        ({"type": "DROPDOWN", "value": None}, None),
        ({"type": "CHECKBOXES", "value": [None, {}, "o2"]}, ["Two"]),
    ],
    ids=lambda part: str(part)[:50],
)
def test_options_are_their_texts(field: dict[str, object], value: object) -> None:
    options = [{"id": "o1", "text": "One"}, {"id": "o2", "text": "Two"}, None, {"id": "o3"}]
    body = {"data": {"fields": [{"key": "q", **field, "options": options}]}}

    assert form_of("tally", body)["answers"] == ({} if value is None else {"q": value})


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ({"eventType": "FORM_RESPONSE"}, "form.submitted"),
        ({"eventType": "FORM_CLOSED"}, "FORM_CLOSED"),
        ({"eventType": {}}, None),
        (None, None),
    ],
    ids=str,
)
def test_tallys_event_types(body: object, type: str | None) -> None:
    assert ADAPTER.event_type(body, None) == type


@given(value=json_values, other=json_values)
def test_any_tally_response_is_read_without_null(value: object, other: object) -> None:
    for kind in ("MATRIX", "FILE_UPLOAD", "DROPDOWN", "CHECKBOXES", "HIDDEN_FIELDS", value):
        field = {"type": kind, "key": value, "label": other, "value": value, "options": other}
        matrix = {"rows": [{"id": "a", "text": "A"}, other], "columns": other}
        fields = [{**field, **matrix}, {"key": "q", "type": kind, "value": other}, value]
        assert well_formed("tally", {"data": {"fields": fields, "formName": value}})
    assert well_formed("tally", {"data": value})
