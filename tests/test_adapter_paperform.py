"""Paperform's submissions in the names of the normal form."""

from hypothesis import given

from senders.adapters.paperform import ADAPTER
from tests.adapted import bent_bodies, event, roots, strays, told, uncatalogued

SAMPLE = "paperform-submission.json"


def test_paperform_answers_are_found_by_both_keys_and_by_title() -> None:
    by_key = {
        "full_name": "Mira Sol",
        "ba7ri": "Mira Sol",
        "tgp8": "mira.sol@harbour.example",
        "course": "Safety Basics",
        "5l2kd": "Safety Basics",
        "c91mq": ["First aid", "Fire"],
        "terms": True,
        "2pfq0": True,
    }
    by_title = {
        "Your full name": "Mira Sol",
        "your_full_name": "Mira Sol",
        "Work e-mail": "mira.sol@harbour.example",
        "work_e_mail": "mira.sol@harbour.example",
        "Which course?": "Safety Basics",
        "which_course": "Safety Basics",
        "Topics": ["First aid", "Fire"],
        "topics": ["First aid", "Fire"],
        "I accept the terms": True,
        "i_accept_the_terms": True,
    }

    assert told(SAMPLE) == {
        "form": {"id": "6627c1d58a1b2c3d4e5f6071"},
        "answers": {**by_key, **by_title, "email": "mira.sol@harbour.example"},
        "submission": {
            "id": "6800f2a1b3c4d5e6f7081920",
            "submitted_at": "2026-04-15T10:00:00Z",
        },
    }


def test_a_key_called_email_goes_before_the_question_that_paperform_types_as_one() -> None:
    question = {"title": "Mail", "type": "text", "key": "k", "custom_key": "email", "value": "a@x"}

    answers = told(SAMPLE, {"data[0]": question})["answers"]

    assert isinstance(answers, dict)
    assert answers["email"] == "a@x"


def test_a_paperform_submission_is_known_by_its_id() -> None:
    first, again, other = event(SAMPLE), event(SAMPLE), event(SAMPLE, {"submission_id": "another"})

    assert first.type == "form.submitted"
    assert first.identity == again.identity != other.identity


def test_every_field_of_paperform_is_catalogued() -> None:
    assert uncatalogued(SAMPLE) == set()


@given(bent_bodies("paperform"))
def test_no_paperform_body_makes_the_adapter_fail(body: object) -> None:
    assert strays(roots("paperform", body)) == []
    assert ADAPTER.event_type(body, None) in (None, *ADAPTER.types)
