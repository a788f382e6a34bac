"""Entries of WPForms in the names of the normal form."""

from hypothesis import given

from tests.json_values import json_values
from tests.normal_forms import read, told, well_formed

FILES = ["wpforms-entry.json", "wpforms-own-keys.json"]


def test_wpforms_answers_have_the_keys_of_their_author() -> None:
    assert told(FILES[0]) == {
        "form": {"id": "318", "title": "Sign up for a course"},
        "answers": {
            "email": "ada.lindt@meadow.example",
            "first_name": "Ada",
            "last_name": "Lindt",
            "course": "Safety Basics",
            "days": "Monday\nTuesday",
            "years": 4,
        },
        "submission": {"id": "5120", "submitted_at": "2026-04-15T10:00:00Z"},
    }


def test_keys_of_any_kind_are_names_and_simple_names_too() -> None:
    assert told(FILES[1]) == {
        "form": {},
        "answers": {
            "Email": "jörg.weiß@bücher.example",
            "email": "jörg.weiß@bücher.example",
            "Name": {"first": "Jörg", "last": "Weiß"},
            "name": {"first": "Jörg", "last": "Weiß"},
            "Tage": ["Montag", "abends 🌙"],
            "tage": ["Montag", "abends 🌙"],
            "Zustimmung": True,
            "zustimmung": True,
        },
        "submission": {},
    }


def test_an_entry_is_known_by_its_number_or_else_by_what_it_says() -> None:
    numbered, without = read(FILES[0]), read(FILES[1])

    assert numbered.identity.startswith("5120/sha256:")
    assert without.identity.startswith("sha256:")
    assert str(numbered.occurred_at) == "2026-04-15 10:00:00+00:00"
    assert without.occurred_at is None


@given(value=json_values, other=json_values)
def test_any_entry_is_read_without_null(value: object, other: object) -> None:
    for body in (value, {"a": value, "entry_id": other, "form_name": value, "b": {"c": other}}):
        assert well_formed("wpforms", body)
