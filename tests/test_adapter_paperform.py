"""Paperform's submissions in the names of the normal form."""

from tests.normal_forms import read, told

SAMPLE = "paperform-submission.json"
ODD = "paperform-odd-questions.json"


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


def test_odd_paperform_questions_keep_their_own_names() -> None:
    by_key = {
        "email": "jörg.weiß@bücher.example",
        "a1b2c": "jörg.weiß@bücher.example",
        "d3e4f": "chef@bücher.example",
        "g5h6i": ["Kräuter & Tee"],
        "j7k8l": "Nachtrag",
        "m9n0o": "Ich freue mich 🌿",
        "seats": 2,
        "p1q2r": 2,
    }
    by_title = {
        "E-Mail-Adresse": "jörg.weiß@bücher.example",
        "e_mail_adresse": "jörg.weiß@bücher.example",
        "E-Mail der Leitung": "chef@bücher.example",
        "e_mail_der_leitung": "chef@bücher.example",
        "Kurs": ["Kräuter & Tee"],
        "kurs": ["Kräuter & Tee"],
        "Plätze": 2,
        "plätze": 2,
    }

    assert told(ODD) == {
        "form": {"id": "6627c1d58a1b2c3d4e5f6072"},
        "answers": {**by_key, **by_title},
        "submission": {
            "id": "6800f2a1b3c4d5e6f7081921",
            "submitted_at": "2026-04-15T10:04:00Z",
        },
    }


def test_a_key_called_email_goes_before_the_question_that_paperform_types_as_one() -> None:
    question = {"title": "Mail", "type": "text", "key": "k", "custom_key": "email", "value": "a@x"}

    answers = told(SAMPLE, {"data[0]": question})["answers"]

    assert isinstance(answers, dict)
    assert answers["email"] == "a@x"


def test_a_paperform_submission_is_known_by_its_id() -> None:
    first, again, other = read(SAMPLE), read(SAMPLE), read(SAMPLE, {"submission_id": "another"})

    assert first.type == "form.submitted"
    assert first.identity == again.identity != other.identity
