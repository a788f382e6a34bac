"""Cognito Forms' entries in the names of the normal form."""

import pytest

from tests.normal_forms import form_of, read, told

SAMPLE = "cognito-forms-submit.json"
UPDATE = "cognito-forms-update.json"


def test_cognito_fields_are_found_by_name_by_words_and_in_parts() -> None:
    by_name = {
        "Name": "Mira Sol",
        "Email": "mira.sol@harbour.example",
        "CourseChoice": "Safety Basics",
        "Topics": ["First aid", "Fire"],
        "Terms": True,
        "Seats": 2,
        "CompanyName": "Harbour Ltd",
        "Address": "Quay 4, Rostock 18147",
    }
    by_words = {
        "name": "Mira Sol",
        "email": "mira.sol@harbour.example",
        "Course Choice": "Safety Basics",
        "course_choice": "Safety Basics",
        "topics": ["First aid", "Fire"],
        "terms": True,
        "seats": 2,
        "Company Name": "Harbour Ltd",
        "company_name": "Harbour Ltd",
        "address": "Quay 4, Rostock 18147",
    }
    in_parts = {
        "Name_First": "Mira",
        "Name_FirstAndLast": "Mira Sol",
        "Name_Last": "Sol",
        "Address_City": "Rostock",
        "Address_CityStatePostalCode": "Rostock 18147",
        "Address_Country": "Germany",
        "Address_CountryCode": "DE",
        "Address_FullAddress": "Quay 4, Rostock 18147",
        "Address_Line1": "Quay 4",
        "Address_PostalCode": "18147",
        "Address_StreetAddress": "Quay 4",
        "Address_Type": "Work",
    }

    assert told(SAMPLE) == {
        "form": {"id": "12", "title": "Course registration"},
        "answers": {**by_name, **by_words, **in_parts},
        "submission": {
            "id": "12-83",
            "status": "Submitted",
            "submitted_at": "2026-04-15T10:00:00.512000Z",
            "landed_at": "2026-04-15T09:57:41.090000Z",
        },
    }


def test_an_entry_let_in_by_its_author_is_an_update() -> None:
    file = {
        "ContentType": "application/pdf",
        "File": "https://files.cognitoforms.example/F-1",
        "Id": "F-1",
        "Name": "Erste Hilfe.pdf",
        "Size": 48213,
    }

    assert read(UPDATE).type == "form.updated"
    assert told(UPDATE) == {
        "form": {"id": "14", "title": "Anmeldung: Kräuterkunde"},
        "answers": {
            "Name": "Jörg Weiß",
            "name": "Jörg Weiß",
            "Name_First": "Jörg",
            "Name_FirstAndLast": "Jörg Weiß",
            "Name_Last": "Weiß",
            "Name_Prefix": "Dr.",
            "Email": "jörg.weiß@bücher.example",
            "email": "jörg.weiß@bücher.example",
            "Kurs": "Kräuter & Tee",
            "kurs": "Kräuter & Tee",
            "Zustimmung": False,
            "zustimmung": False,
            "Zertifikate": [file],
            "zertifikate": [file],
            "Bemerkungen": "Ich freue mich 🌿",
            "bemerkungen": "Ich freue mich 🌿",
        },
        "submission": {
            "id": "14-2",
            "status": "Zugelassen",
            "submitted_at": "2026-04-14T16:25:11Z",
            "landed_at": "2026-04-14T16:20:00Z",
        },
    }


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("Submit", "form.submitted"),
        ("Update", "form.updated"),
        ("Delete", "form.deleted"),
        ("Approve", "form.updated"),
        (None, "received"),
    ],
)
def test_the_action_of_an_entry_is_the_type(action: str | None, kind: str) -> None:
    assert read(SAMPLE, {"Entry.Action": action}).type == kind


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"Id": "12-84"}, id="another entry"),
        pytest.param({"Entry.Action": "Update"}, id="updated"),
        pytest.param({"Entry.Version": 2}, id="updated again"),
        pytest.param({"Entry.Version": None}, id="no version"),
    ],
)
def test_an_entry_is_known_by_what_was_done_to_it(changes: dict[str, object]) -> None:
    assert read(SAMPLE).identity == read(SAMPLE).identity != read(SAMPLE, changes).identity


def test_without_a_version_the_content_tells_updates_apart() -> None:
    old = {"Entry.Version": None, "Entry.Action": "Update"}
    new = {**old, "CourseChoice": "First Aid"}

    assert read(SAMPLE, old).identity == read(SAMPLE, old).identity
    assert read(SAMPLE, old).identity != read(SAMPLE, new).identity


def test_sections_within_sections_are_read_however_deep() -> None:
    body: object = {"Email": "a@x.example"}
    for _ in range(5_000):
        body = {"Section": body}

    answers = form_of("cognito-forms", body)["answers"]

    assert answers == {"Email": "a@x.example", "email": "a@x.example"}
