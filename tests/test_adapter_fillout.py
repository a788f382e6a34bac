"""Fillout's submissions in the names of the normal form."""

import pytest

from tests.normal_forms import read, told


def test_fillout_answers_are_found_by_id_and_by_question() -> None:
    address = "Quay 4, Rostock, 18147, Germany"
    by_id = {
        "5AtgG35AAZVcrSVfRubvp1": "Mira Sol",
        "kc8Pq2": "mira.sol@harbour.example",
        "dW7uVt": "Safety Basics",
        "mT4sXe": ["First aid", "Fire"],
        "rN9yLb": "olga.berg@harbour.example",
        "gJ1oKz": address,
        "gJ1oKz_address": "Quay 4",
        "gJ1oKz_city": "Rostock",
        "gJ1oKz_zipCode": "18147",
        "gJ1oKz_country": "Germany",
    }
    by_question = {
        "What is your name?": "Mira Sol",
        "what_is_your_name": "Mira Sol",
        "Where do we write to?": "mira.sol@harbour.example",
        "where_do_we_write_to": "mira.sol@harbour.example",
        "Course": "Safety Basics",
        "course": "Safety Basics",
        "Topics": ["First aid", "Fire"],
        "topics": ["First aid", "Fire"],
        "Your manager's e-mail": "olga.berg@harbour.example",
        "your_manager_s_e_mail": "olga.berg@harbour.example",
        "Company address": address,
        "company_address": address,
    }

    assert told("fillout-submission.json") == {
        "form": {"id": "8kXqB2mTus", "title": "Course registration"},
        "answers": {**by_id, **by_question, "email": "mira.sol@harbour.example"},
        "hidden": {"campaign": "spring", "price": "149", "aBc12": "149"},
        "submission": {
            "id": "7e1b9d52-0c3f-4a86-9f0e-5d2c8b41a6f3",
            "submitted_at": "2026-04-15T10:00:00.512000Z",
            "landed_at": "2026-04-15T09:57:41.090000Z",
        },
    }


def test_a_fillout_body_without_submission_says_the_same() -> None:
    assert told("fillout-flat.json") == {
        "form": {"id": "8kXqB2mTus", "title": "Course registration"},
        "answers": {
            "kc8Pq2": "jon.aas@harbour.example",
            "dW7uVt": "First Aid",
            "Email": "jon.aas@harbour.example",
            "email": "jon.aas@harbour.example",
            "Course": "First Aid",
            "course": "First Aid",
        },
        "hidden": {},
        "submission": {
            "id": "9f2c4b60-41d7-4f4e-8f0b-7ac6be2d90e1",
            "submitted_at": "2026-04-15T10:04:12Z",
        },
    }


def test_a_parameter_of_the_link_cannot_pass_for_a_calculation() -> None:
    form = told(
        "fillout-submission.json",
        {"submission.urlParameters": [{"id": "x", "name": "aBc12", "value": "0"}]},
    )

    assert form["hidden"] == {"x": "0", "aBc12": "149", "price": "149"}


@pytest.mark.parametrize(
    ("name", "path"),
    [("fillout-submission.json", "submission.submissionId"), ("fillout-flat.json", "submissionId")],
)
def test_a_fillout_submission_is_known_by_its_id(name: str, path: str) -> None:
    first, again, other = read(name), read(name), read(name, {path: "another"})

    assert first.type == "form.submitted"
    assert first.identity == again.identity != other.identity
