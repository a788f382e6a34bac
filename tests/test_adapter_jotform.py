"""Jotform's submissions in the names of the normal form."""

import json

import pytest
from hypothesis import given

from tests.json_values import json_values
from tests.normal_forms import form_of, read, told, well_formed


def test_jotform_answers_are_found_by_name_and_number_and_in_parts() -> None:
    form = told("jotform-submission.json")

    by_number = {
        "3": "ada.lindt@meadow.example",
        "4": "Ada Lindt",
        "5": "Safety Basics",
        "6": ["Monday", "Tuesday", "any evening"],
        "7": "(030) 123-4567",
        "8": "Meadow Lane 7, Oxbow, 40221, Germany",
        "9": "1991-04-09",
        "10": "4",
        "11": ["I accept the terms"],
    }
    by_name = {
        "email": "ada.lindt@meadow.example",
        "name": "Ada Lindt",
        "course": "Safety Basics",
        "days": ["Monday", "Tuesday", "any evening"],
        "phone": "(030) 123-4567",
        "address": "Meadow Lane 7, Oxbow, 40221, Germany",
        "birthDate": "1991-04-09",
        "years": "4",
        "terms": ["I accept the terms"],
        "certificate": [
            "https://www.jotform.example/uploads/meadow_school/261034567890123/6210445512398765432/first-aid.pdf"
        ],
    }
    answers = form.pop("answers")
    assert isinstance(answers, dict)
    parts = {key: answers.pop(key) for key in list(answers) if key not in by_number | by_name}
    assert answers == by_number | by_name
    assert {key: part for key, part in parts.items() if not key[0].isdigit()} == {
        "name_first": "Ada",
        "name_last": "Lindt",
        "phone_full": "(030) 123-4567",
        "address_addr_line1": "Meadow Lane 7",
        "address_city": "Oxbow",
        "address_postal": "40221",
        "address_country": "Germany",
        "birthDate_month": "4",
        "birthDate_day": "9",
        "birthDate_year": "1991",
    }
    assert (parts["4_first"], parts["4_last"]) == ("Ada", "Lindt")
    assert form == {
        "form": {"id": "261034567890123", "title": "Sign up for a course"},
        "submission": {"id": "6210445512398765432"},
    }


def test_odd_fields_of_jotform_are_texts_too() -> None:
    form = told("jotform-odd-fields.http")

    answers = form.pop("answers")
    assert isinstance(answers, dict)
    assert {key: value for key, value in answers.items() if key.isdigit()} == {
        "2": "jörg.weiß@bücher.example",
        "5": "2026-05-04 10:00",
        "6": "2026-05-04 01:29 PM",
        "7": "10:30 AM",
        "8": "49 030 1234567",
        "9": ["Montag", "Dienstag", "abends 🌙"],
        "10": {"Leitern": "gut", "Seile": ""},
        "13": "zwei_Unter_Striche",
    }
    assert answers["email"] == "jörg.weiß@bücher.example"
    assert answers["name_2"] == "zwei_Unter_Striche"
    assert answers["fertigkeiten_Leitern"] == "gut"
    assert "fertigkeiten_Seile" not in answers
    assert form == {
        "form": {"id": "261098765432109", "title": 'Kräuterkunde: "Anmeldung"'},
        "submission": {"id": "6210445599911122233"},
    }


@pytest.mark.parametrize("file", ["jotform-submission.json", "jotform-odd-fields.http"])
def test_the_address_with_its_secret_is_not_kept(file: str) -> None:
    kept = json.dumps(read(file).body)

    assert "webhookURL" not in kept
    assert "a-long-part-of-the-path" not in kept


def test_an_edited_submission_is_another_event_and_the_same_one_is_not() -> None:
    event = read("jotform-submission.json")

    assert event.identity.startswith("6210445512398765432/sha256:")
    assert read("jotform-submission.json").identity == event.identity
    assert event.type == "form.submitted"
    # no clock but the visitor's is in the body
    assert event.occurred_at is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"first": "Ada", "middle": " M. ", "last": "Lindt", "prefix": "Dr."}, "Dr. Ada M. Lindt"),
        ({"first": "", "last": ""}, None),
        ({"area": "030", "phone": "123"}, "030 123"),
        ({"year": "2026", "month": "", "day": "4"}, None),
        ({"year": "2026", "month": "5", "day": "4", "hour": "9", "min": "05"}, "2026-05-04 9:05"),
        ({"other": "my own"}, ["my own"]),
        ({"implementation": "new", "date": ""}, None),
        (["", None, {"a": 1}, "B"], ["B"]),
        (None, None),
        ({}, None),
        (False, False),
    ],
    ids=str,
)
def test_a_value_in_parts_is_one_text(value: object, written: object) -> None:
    found = form_of("jotform", {"rawRequest": {"q1_f": value}})["answers"]

    assert isinstance(found, dict)
    assert found.get("f") == written


def test_what_has_no_number_is_no_answer_but_for_a_list_of_addresses() -> None:
    fields = {
        "slug": "submit/1",
        "uploadServerUrl": "https://upload.jotform.example",
        "resume": ["https://www.jotform.example/uploads/a/1/2/cv.pdf"],
        "notes": ["https://a.example", "text"],
        "none": [],
        "q_1": "x",
    }

    assert form_of("jotform", {"rawRequest": fields})["answers"] == {
        "resume": ["https://www.jotform.example/uploads/a/1/2/cv.pdf"]
    }


def test_a_list_of_addresses_never_hides_a_field_of_the_form() -> None:
    fields = {"email": ["https://a.example"], "q3_email": "ada@meadow.example"}

    assert form_of("jotform", {"rawRequest": fields})["answers"] == {
        "email": "ada@meadow.example",
        "3": "ada@meadow.example",
    }


@given(value=json_values, other=json_values)
def test_any_submission_is_read_without_null(value: object, other: object) -> None:
    parts = dict.fromkeys(("first", "full", "year", "month", "day", "hour", "ampm"), value)
    fields = {"q1_a": value, "q2_b": parts, "q3_c": {"date": other}, "q4_d": {"0": value}}
    for body in (value, {"rawRequest": value}, {"rawRequest": fields, "formTitle": other}):
        assert well_formed("jotform", body)
