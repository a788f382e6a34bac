"""Typeform's responses in the names of the normal form."""

import pytest
from hypothesis import given

from senders.adapters.typeform import ADAPTER
from tests.json_values import json_values
from tests.normal_forms import form_of, read, told, well_formed


def test_typeform_answers_are_found_by_reference_and_by_question() -> None:
    form = told("typeform-response.json")

    by_ref = {
        "email": "ada.lindt@meadow.example",
        "first_name": "Ada",
        "last_name": "Lindt",
        "course": "Safety Basics",
        "days": ["Monday", "Tuesday", "any evening"],
        "terms": True,
        "years": 4,
    }
    by_question = {
        "What is your e-mail address?": "ada.lindt@meadow.example",
        "First name": "Ada",
        "Last name": "Lindt",
        "Which course would you like to take?": "Safety Basics",
        "On which days?": ["Monday", "Tuesday", "any evening"],
        "Do you accept the terms?": True,
        "How many years have you been working?": 4,
    }
    by_simple_key = {
        "what_is_your_e_mail_address": "ada.lindt@meadow.example",
        "which_course_would_you_like_to_take": "Safety Basics",
        "on_which_days": ["Monday", "Tuesday", "any evening"],
        "do_you_accept_the_terms": True,
        "how_many_years_have_you_been_working": 4,
    }
    assert form == {
        "form": {"id": "lT4Z3j", "title": "Sign up for a course"},
        "answers": by_ref | by_question | by_simple_key,
        "hidden": {"campaign": "spring", "voucher": "LEARN-24"},
        "submission": {
            "id": "a3a12ec67a1365927098a606107fac15",
            "submitted_at": "2026-04-15T10:00:00Z",
            "landed_at": "2026-04-15T09:58:12Z",
        },
    }


def test_a_partial_typeform_response_has_no_time_and_finds_the_address_by_its_kind() -> None:
    body = read("typeform-partial.json").body

    assert ADAPTER.event_type(body, None) == "form.partial"
    assert form_of("typeform", body) == {
        "form": {"id": "u6nXL7", "title": "Schnupperkurs: Anmeldung"},
        "answers": {
            "email": "jörg.weiß@bücher.example",
            "8f1c0d2e-5b7a-4c3d-9e6f-0a1b2c3d4e5f": "jörg.weiß@bücher.example",
            "Ihre Adresse?": "jörg.weiß@bücher.example",
            "ihre_adresse": "jörg.weiß@bücher.example",
            "2b9d4f6a-1c3e-4d5f-8a7b-9c0d1e2f3a4b": "Etwas Süßes",
            "Welcher Kurs? 🎓": "Etwas Süßes",
            "welcher_kurs": "Etwas Süßes",
        },
        "hidden": {"score": 3, "name": "Jörg"},
        "submission": {
            "id": "5d8c1e7f2a9b4c6d8e0f1a2b3c4d5e6f",
            "landed_at": "2026-04-15T09:58:12Z",
        },
    }


def typeform_answers(*answers: object, fields: object = ()) -> object:
    response = {"answers": list(answers), "definition": {"fields": list(fields)}}  # type: ignore[call-overload]
    return form_of("typeform", {"form_response": response})["answers"]


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ({"type": "choice", "choice": {"other": "Something else"}}, "Something else"),
        ({"type": "choices", "choices": {"labels": ["A", 5, ""]}}, ["A"]),
        ({"type": "boolean", "boolean": False}, False),
        ({"type": "number", "number": 0}, 0),
        ({"type": "date", "date": "2026-05-01"}, "2026-05-01"),
        ({"type": "phone_number", "phone_number": "+4930"}, "+4930"),
        ({"type": "file_url", "file_url": "https://f.example/1"}, "https://f.example/1"),
        (
            {"type": "payment", "payment": {"amount": "5", "last4": "0001", "name": None}},
            {"amount": "5", "last4": "0001"},
        ),
    ],
    ids=lambda part: str(part)[:40],
)
def test_each_kind_of_typeform_answer_has_its_value(
    answer: dict[str, object], value: object
) -> None:
    assert typeform_answers({**answer, "field": {"ref": "q"}}) == {"q": value}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "x",
        [],
        {},
        {"type": "text"},
        {"type": "text", "text": ""},
        {"type": 5},
        {"type": "choice", "choice": "x"},
        {"type": "choices", "choices": {}},
        {"type": []},
    ],
    ids=str,
)
def test_an_answer_of_another_shape_is_absent(answer: object) -> None:
    with_field = {**answer, "field": {"ref": "q"}} if isinstance(answer, dict) else answer

    assert typeform_answers(with_field) == {}


def test_a_question_text_never_hides_a_reference_and_the_first_of_two_equal_texts_counts() -> None:
    fields = [
        {"id": "1", "ref": "a", "title": "b"},
        {"id": "2", "ref": "b", "title": "Name"},
        {"id": "3", "ref": "c", "title": " Name "},
        {"id": "4", "title": "No reference"},
    ]
    answers = [
        {
            "type": "text",
            "text": f"answer {field['id']}",
            "field": {"id": field["id"], "ref": field.get("ref")},
        }
        for field in fields
    ]

    assert typeform_answers(*answers, fields=fields) == {
        "a": "answer 1",
        "b": "answer 2",
        "c": "answer 3",
        "Name": "answer 2",
        "name": "answer 2",
        "4": "answer 4",
        "No reference": "answer 4",
        "no_reference": "answer 4",
    }


def test_an_answer_that_only_names_its_id_is_found_by_the_questions_reference() -> None:
    fields = [{"id": "1", "ref": "course", "title": "Course"}]
    answer = {"type": "text", "text": "Excel", "field": {"id": "1"}}

    assert typeform_answers(answer, fields=fields) == {
        "course": "Excel",
        "Course": "Excel",
        "1": "Excel",
    }


def test_the_address_of_a_question_left_open_is_not_taken_from_the_next() -> None:
    fields = [
        {"id": "1", "ref": "a", "type": "email", "title": "Yours"},
        {"id": "2", "ref": "b", "type": "email", "title": "Your manager's"},
    ]
    answer = {"type": "email", "email": "boss@x.example", "field": {"id": "2", "ref": "b"}}

    found = typeform_answers(answer, fields=fields)

    assert isinstance(found, dict)
    assert found["b"] == "boss@x.example"
    assert "email" not in found


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ({"event_type": "form_response"}, "form.submitted"),
        ({"event_type": "form_response_partial"}, "form.partial"),
        ({"event_type": "form_opened"}, "form_opened"),
        ({"event_type": ["form_response"]}, None),
        ([], None),
    ],
    ids=str,
)
def test_typeforms_event_types(body: object, type: str | None) -> None:
    assert ADAPTER.event_type(body, None) == type


@given(response=json_values, inner=json_values)
def test_any_typeform_response_is_read_without_null(response: object, inner: object) -> None:
    shapes = [response, {"answers": inner, "variables": [inner], "hidden": inner}]
    shapes.append({"answers": [{"type": "a", "a": inner, "field": {"ref": "q"}}]})
    for shape in shapes:
        assert well_formed("typeform", {"form_response": shape})
