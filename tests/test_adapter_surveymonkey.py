"""SurveyMonkey's webhooks, with and without a response's details, in the normal form."""

import json

import pytest

from tests.normal_forms import form_of, read, sample, told

THIN = "surveymonkey-completed.http"
WITH_ANSWERS = "surveymonkey-with-answers.json"


def test_surveymonkeys_own_webhook_says_which_response_and_no_answer() -> None:
    assert told(THIN) == {
        "form": {"id": "518290471"},
        "answers": {},
        "hidden": {},
        "submission": {"id": "118273645501", "submitted_at": "2026-04-15T10:00:00.512613Z"},
    }


def test_added_details_give_the_answers_by_id_and_by_heading() -> None:
    by_id = {
        "790001": "mira.sol@harbour.example",
        "790002": "Safety Basics",
        "790003": ["First aid", "Ropes"],
        "790004": ["Mira Sol", "Harbour Ltd"],
        "790004_6001": "Mira Sol",
        "790004_6002": "Harbour Ltd",
    }
    by_heading = {
        "Email": "mira.sol@harbour.example",
        "email": "mira.sol@harbour.example",
        "Which course?": "Safety Basics",
        "which_course": "Safety Basics",
        "Topics": ["First aid", "Ropes"],
        "topics": ["First aid", "Ropes"],
        "About you": ["Mira Sol", "Harbour Ltd"],
        "about_you": ["Mira Sol", "Harbour Ltd"],
    }

    assert told(WITH_ANSWERS) == {
        "form": {"id": "518290471"},
        "answers": {**by_id, **by_heading},
        "hidden": {"campaign": "spring"},
        "submission": {
            "id": "118273645502",
            "status": "completed",
            "submitted_at": "2026-04-15T10:00:00.512613Z",
            "landed_at": "2026-04-15T09:57:41Z",
        },
        "contact": {"first_name": "Mira", "email": "m.sol@harbour.example"},
    }


def test_details_are_read_at_the_top_and_under_either_name() -> None:
    webhook = json.loads(sample(WITH_ANSWERS).recorded().body)
    details = webhook.pop("response")

    under_details = form_of("surveymonkey", {**webhook, "details": details})
    at_the_top = form_of("surveymonkey", {**details, **webhook})

    assert under_details == at_the_top == told(WITH_ANSWERS)


def test_a_choice_without_its_text_is_its_number() -> None:
    answers = form_of(
        "surveymonkey",
        {"pages": [{"questions": [{"id": "1", "answers": [{"choice_id": "5001"}]}]}]},
    )["answers"]

    assert answers == {"1": "5001"}


@pytest.mark.parametrize(
    ("vendors", "kind"),
    [
        ("response_completed", "form.submitted"),
        ("response_updated", "form.updated"),
        ("response_created", "form.started"),
        ("response_deleted", "form.deleted"),
        ("response_disqualified", "form.disqualified"),
        ("response_overquota", "form.over_quota"),
        ("collector_created", "collector.created"),
        ("survey_updated", "survey.updated"),
        ("brand_new", "brand_new"),
        (None, "received"),
    ],
)
def test_surveymonkey_events_have_the_names_that_rules_use(vendors: str | None, kind: str) -> None:
    assert read(THIN, {"event_type": vendors}).type == kind


def test_only_a_completed_response_was_submitted_then() -> None:
    submission = told(THIN, {"event_type": "response_created"})["submission"]

    assert submission == {"id": "118273645501"}


def test_a_survey_that_was_changed_is_no_response() -> None:
    changes = {"event_type": "survey_updated", "object_type": "survey"}

    assert told(THIN, changes) == {"form": {"id": "518290471"}}


@pytest.mark.parametrize("path", ["event_id", "object_id", "event_type"])
def test_a_surveymonkey_event_is_known_by_its_id_and_what_it_is_about(path: str) -> None:
    first, again, other = read(THIN), read(THIN), read(THIN, {path: "another"})

    assert first.identity == again.identity != other.identity
