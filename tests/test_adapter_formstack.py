"""Formstack's submissions in the names of the normal form."""

import json

import pytest

from tests.normal_forms import form_of, read, told

SAMPLE = "formstack-submission.json"


def test_formstack_answers_are_found_by_label_and_in_parts() -> None:
    by_label = {
        "Full Name": "Mira Sol",
        "full_name": "Mira Sol",
        "Where do we write to?": "mira.sol@harbour.example",
        "where_do_we_write_to": "mira.sol@harbour.example",
        "Course": "Safety Basics",
        "course": "Safety Basics",
        "Topics": ["First aid", "Fire"],
        "topics": ["First aid", "Fire"],
        "Company address": "Quay 4, Rostock, 18147, Germany",
        "company_address": "Quay 4, Rostock, 18147, Germany",
    }
    in_parts = {
        "full_name_first": "Mira",
        "full_name_last": "Sol",
        "company_address_address": "Quay 4",
        "company_address_city": "Rostock",
        "company_address_zip": "18147",
        "company_address_country": "Germany",
    }

    assert told(SAMPLE) == {
        "form": {"id": "5164087"},
        "answers": {**by_label, **in_parts, "email": "mira.sol@harbour.example"},
        "submission": {"id": "1288810467"},
    }


def test_a_formstack_form_body_says_the_same_in_lines() -> None:
    assert told("formstack-form.http") == {
        "form": {"id": "5164087"},
        "answers": {
            "Full Name": "Mira Sol",
            "full_name": "Mira Sol",
            "full_name_first": "Mira",
            "full_name_last": "Sol",
            "Email": "mira.sol@harbour.example",
            "email": "mira.sol@harbour.example",
            "Course": "Safety Basics",
            "course": "Safety Basics",
            "Remarks": "2 + 2 = 4",
            "remarks": "2 + 2 = 4",
        },
        "submission": {"id": "1288810468"},
    }


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        pytest.param("Safety Basics", "Safety Basics", id="flat"),
        pytest.param({"value": "Fire", "field_type": "select"}, "Fire", id="with its type"),
        pytest.param({"value": "a\nb", "field_type": "checkbox"}, ["a", "b"], id="ticked lines"),
        pytest.param("value = Fire\n\nfield_type = select", "Fire", id="with its type, in lines"),
        pytest.param("first = Ada\nmiddle name", "first = Ada\nmiddle name", id="a text of lines"),
        pytest.param({"value": None, "field_type": "text"}, None, id="unanswered"),
    ],
)
def test_an_answer_is_read_in_every_shape_that_formstack_has(
    given_value: object, expected: object
) -> None:
    answers = form_of("formstack", {"Q": given_value})["answers"]

    assert answers == ({} if expected is None else {"Q": expected, "q": expected})


def test_a_formstack_submission_is_known_by_its_id() -> None:
    first, again, other = read(SAMPLE), read(SAMPLE), read(SAMPLE, {"UniqueID": "another"})

    assert first.type == "form.submitted"
    assert first.identity == again.identity != other.identity


def test_the_old_shared_word_of_formstack_is_not_kept() -> None:
    assert "HandshakeKey" not in json.dumps(read(SAMPLE).body)
