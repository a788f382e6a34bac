"""Entries of Gravity Forms in the names of the normal form."""

import pytest
from hypothesis import given

from tests.json_values import json_values
from tests.normal_forms import form_of, read, told, well_formed

FILES = ["gravity-forms-selected-fields.json", "gravity-forms-form-body.http"]

# what "All Fields" posts: the author of the webhook chose no names
ENTRY = {
    "id": "1285",
    "form_id": "7",
    "post_id": "",
    "date_created": "2026-04-15 10:04:00",
    "date_updated": "2026-04-15 10:09:30",
    "is_starred": "0",
    "is_read": "0",
    "ip": "203.0.113.9",
    "source_url": "https://school.example/kurse/",
    "user_agent": "Mozilla/5.0",
    "currency": "EUR",
    "payment_status": "",
    "payment_date": "",
    "payment_amount": "",
    "payment_method": "",
    "transaction_id": "",
    "is_fulfilled": "",
    "created_by": "",
    "transaction_type": "",
    "status": "active",
    "source_id": "12",
    "1.3": "Jörg",
    "1.6": "Weiß",
    "2": "jörg.weiß@bücher.example",
    "5.1": "Montag",
    "5.2": "",
    "5.3": "abends 🌙",
    "6": '["Minze","Salbei"]',
    "7": "",
    "8": "[kein JSON]",
}


def test_selected_fields_of_gravity_forms_have_the_names_of_their_author() -> None:
    assert told(FILES[0]) == {
        "form": {"id": "7", "title": "Sign up for a course"},
        "answers": {
            "email": "ada.lindt@meadow.example",
            "first_name": "Ada",
            "last_name": "Lindt",
            "course": "Safety Basics",
            "days": "Monday, Tuesday",
            "status": "employed",
        },
        "submission": {"id": "1284", "submitted_at": "2026-04-15T10:00:00Z"},
    }


def test_a_body_in_the_format_form_gives_the_same_names() -> None:
    assert told(FILES[1]) == {
        "form": {"id": "9"},
        "answers": {
            "email": "jörg.weiß@bücher.example",
            "Ihr Kurs": "Kräuter & Tee",
            "ihr_kurs": "Kräuter & Tee",
            "days": ["Montag", "abends 🌙"],
        },
        "submission": {"id": "1286", "submitted_at": "2026-04-15T10:04:00Z"},
    }


def test_all_fields_of_gravity_forms_have_their_numbers_and_nothing_of_the_entry() -> None:
    assert form_of("gravity-forms", ENTRY) == {
        "form": {"id": "7"},
        "answers": {
            "1.3": "Jörg",
            "1.6": "Weiß",
            "1": ["Jörg", "Weiß"],
            "2": "jörg.weiß@bücher.example",
            "5.1": "Montag",
            "5.3": "abends 🌙",
            "5": ["Montag", "abends 🌙"],
            "6": ["Minze", "Salbei"],
            "8": "[kein JSON]",
        },
        "submission": {"id": "1285", "submitted_at": "2026-04-15T10:04:00Z"},
    }


def test_an_entry_is_known_by_its_number_and_what_it_says_and_by_its_last_change() -> None:
    new, changed = read(FILES[0]), read(FILES[1])

    assert new.identity.startswith("1284/sha256:")
    assert str(new.occurred_at) == "2026-04-15 10:00:00+00:00"
    assert str(changed.occurred_at) == "2026-04-15 10:09:30+00:00"
    assert new.type == changed.type == "form.submitted"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('["A","B"]', ["A", "B"]),
        ('["A",{"B":1},""]', '["A",{"B":1},""]'),
        ('["A",null,"B"]', '["A",null,"B"]'),
        ('["A" "B"]', '["A" "B"]'),
        (r'["A\ud800"]', r'["A\ud800"]'),
        (["A", None], ["A"]),
        (5, 5),
    ],
    ids=str,
)
def test_several_choices_in_one_text_are_a_list(value: object, read: object) -> None:
    assert form_of("gravity-forms", {"days": value})["answers"] == {"days": read}


@given(value=json_values, other=json_values)
def test_any_entry_is_read_without_null(value: object, other: object) -> None:
    entry = {"id": value, "form_id": other, "date_created": value, "1.1": other, "1.2": value}
    for body in (value, entry, {"a": value, "1": other}):
        assert well_formed("gravity-forms", body)
