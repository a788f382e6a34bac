"""Submissions of Elementor's forms in the names of the normal form."""

import pytest
from hypothesis import given

from senders.presets import PRESETS
from tests.json_values import json_values
from tests.normal_forms import form_of, read, told, well_formed

FILES = ["elementor-advanced.http", "elementor-labels-only.json"]


def test_advanced_data_of_elementor_is_found_by_field_and_label() -> None:
    by_id = {
        "email": "ada.lindt@meadow.example",
        "name": "Ada Lindt",
        "course": "Safety Basics",
        "days": ["Monday", "Tuesday, any evening"],
        "terms": True,
        "certificate": ["https://school.example/u/1.pdf", "https://school.example/u/2.pdf"],
    }
    by_label = {
        "Where do we write to?": by_id["email"],
        "Your name": by_id["name"],
        "Course": by_id["course"],
        "On which days?": by_id["days"],
        "Terms": True,
        "Certificate": by_id["certificate"],
    }
    by_simple_key = {
        "where_do_we_write_to": by_id["email"],
        "your_name": by_id["name"],
        "on_which_days": by_id["days"],
    }
    assert told(FILES[0]) == {
        "form": {"id": "1606c7c4", "title": "Sign up for a course"},
        "answers": by_id | by_label | by_simple_key,
        "hidden": {"campaign": "spring"},
    }


def test_without_advanced_data_the_labels_are_the_names() -> None:
    assert told(FILES[1]) == {
        "form": {"id": "77ab01c", "title": "Kräuterkunde 🌿"},
        "answers": {
            "Ihre E-Mail": "jörg.weiß@bücher.example",
            "ihre_e_mail": "jörg.weiß@bücher.example",
            "email": "jörg.weiß@bücher.example",
            "vorname": "Jörg",
            "Tage": "Montag, Dienstag",
            "tage": "Montag, Dienstag",
        },
        "hidden": {},
    }


def test_a_submission_is_known_by_what_it_says_and_answered_200() -> None:
    event = read(FILES[0])

    assert event.identity.startswith("sha256:")
    assert event.type == "form.submitted"
    assert event.occurred_at is None
    assert PRESETS["elementor"].reply.status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "checkbox", "value": "A, B"}, ["A", "B"]),
        ({"type": "checkbox", "value": "A, B", "raw_value": ["A, B"]}, ["A, B"]),
        ({"type": "select", "value": "A, B", "raw_value": {"0": "A", "1": "B"}}, ["A", "B"]),
        ({"type": "text", "value": "A, B", "raw_value": "A, B"}, "A, B"),
        ({"type": "acceptance", "value": ""}, None),
        ({"type": "recaptcha_v3", "value": "x"}, None),
        ({"value": "typeless"}, "typeless"),
        ({"type": "email", "value": ""}, None),
        ("not a field", None),
    ],
    ids=str,
)
def test_each_kind_of_field_has_its_value(field: object, value: object) -> None:
    body = {"fields": {"q": field, "other": {"type": "number", "value": "4"}}}

    assert form_of("elementor", body)["answers"] == (
        {"other": "4"} if value is None else {"q": value, "other": "4"}
    )


def test_a_field_of_the_kind_email_is_email_whatever_it_is_called() -> None:
    field = {"type": "email", "title": "Contact", "value": "ada@x.example"}

    found = form_of("elementor", {"fields": {"field_7f2b": field}})["answers"]

    assert isinstance(found, dict)
    assert found["email"] == found["field_7f2b"] == found["contact"] == "ada@x.example"


@given(value=json_values, other=json_values)
def test_any_submission_is_read_without_null(value: object, other: object) -> None:
    for kind in ("checkbox", "upload", "acceptance", "hidden", "email", value):
        field = {"type": kind, "title": other, "value": value, "raw_value": other}
        assert well_formed("elementor", {"fields": {"a": field, "b": value}, "form": other})
    assert well_formed("elementor", value)
    assert well_formed("elementor", {"a": value, "No Label": other, "No Label ": value})
