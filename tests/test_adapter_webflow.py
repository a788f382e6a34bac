"""Webflow's forms in the names of the normal form."""

import pytest

from tests.normal_forms import read, told

SAMPLE = "webflow-form.json"
ODD = "webflow-odd-fields.json"


def test_webflow_answers_are_found_by_the_names_of_the_fields() -> None:
    assert told(SAMPLE) == {
        "form": {"id": "65429eadebe8a9f3a30f62d0", "title": "Course registration"},
        "answers": {
            "Name": "Mira Sol",
            "name": "Mira Sol",
            "Email": "mira.sol@harbour.example",
            "email": "mira.sol@harbour.example",
            "Which course?": "Safety Basics",
            "which_course": "Safety Basics",
            "I accept the terms": "true",
            "i_accept_the_terms": "true",
        },
        "submission": {
            "id": "6321ca84df3949bfc6752327",
            "submitted_at": "2026-04-15T10:00:00.512000Z",
        },
    }


def test_odd_webflow_fields_keep_their_own_names() -> None:
    assert told(ODD) == {
        "form": {"id": "65429eadebe8a9f3a30f62d1", "title": "Anmeldung: Kräuterkunde"},
        "answers": {
            "E-Mail der Leitung": "chef@bücher.example",
            "e_mail_der_leitung": "chef@bücher.example",
            "email": "jörg.weiß@bücher.example",
            "Kurs": "Kräuter & Tee",
            "kurs": "Kräuter & Tee",
            "Plätze": 2,
            "plätze": 2,
            "Zustimmung": True,
            "zustimmung": True,
            "Bemerkungen": "Ich freue mich 🌿",
            "bemerkungen": "Ich freue mich 🌿",
        },
        "submission": {
            "id": "6321ca84df3949bfc6752328",
            "submitted_at": "2026-04-15T10:04:00Z",
        },
    }


def test_an_order_of_webflow_keeps_its_name_and_stands_in_raw_only() -> None:
    assert read("webflow-order.json").type == "ecomm_new_order"
    assert told("webflow-order.json") == {}


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ("form_submission", "form.submitted"),
        ("site_publish", "site_publish"),
        ("brand_new", "brand_new"),
        (None, "received"),
    ],
)
def test_only_forms_have_a_name_of_ours(trigger: str | None, kind: str) -> None:
    assert read(SAMPLE, {"triggerType": trigger}).type == kind


def test_a_webflow_submission_is_known_by_its_id_and_form() -> None:
    first, again, other = read(SAMPLE), read(SAMPLE), read(SAMPLE, {"payload.id": "another"})

    assert first.identity == again.identity != other.identity
    assert first.identity == "65429eadebe8a9f3a30f62d0/6321ca84df3949bfc6752327"


def test_two_changes_of_a_webflow_item_are_two_events() -> None:
    item = {"triggerType": "collection_item_changed", "payload": {"id": "i", "lastUpdated": "a"}}

    first, again = read(SAMPLE, item), read(SAMPLE, item)
    later = read(SAMPLE, {**item, "payload": {"id": "i", "lastUpdated": "b"}})

    assert first.identity == again.identity != later.identity
