"""Wufoo's entries in the names of the normal form."""

import json

from tests.normal_forms import read, told

SAMPLE = "wufoo-entry.json"
ODD = "wufoo-odd-fields.http"
BY_FIELD = {
    "Field1": "Mira",
    "Field2": "Sol",
    "Field3": "mira.sol@harbour.example",
    "Field4": "Safety Basics",
    "Field5": "First aid",
    "Field7": "Fire",
}


def test_wufoo_answers_are_found_by_field_by_title_and_in_parts() -> None:
    by_title = {
        "Name": "Mira Sol",
        "name": "Mira Sol",
        "name_first": "Mira",
        "name_last": "Sol",
        "Where do we write to?": "mira.sol@harbour.example",
        "where_do_we_write_to": "mira.sol@harbour.example",
        "Course": "Safety Basics",
        "course": "Safety Basics",
        "Topics": ["First aid", "Fire"],
        "topics": ["First aid", "Fire"],
        "topics_first_aid": "First aid",
        "topics_fire": "Fire",
    }

    assert told(SAMPLE) == {
        "form": {"id": "z1k8pxq0v2w5yt", "title": "Course registration"},
        "answers": {**BY_FIELD, **by_title, "email": "mira.sol@harbour.example"},
        "submission": {"id": "83", "submitted_at": "2026-04-15T10:00:00Z"},
    }


def test_odd_wufoo_fields_are_read_as_they_were_posted() -> None:
    by_field = {
        "Field1": "jörg.weiß@bücher.example",
        "Field2": "chef@bücher.example",
        "Field3": "Gartenweg 3",
        "Field5": "Tübingen",
        "Field9": "Kräuter & Tee",
    }
    by_title = {
        "E-Mail": "jörg.weiß@bücher.example",
        "e_mail": "jörg.weiß@bücher.example",
        "E-Mail der Leitung": "chef@bücher.example",
        "e_mail_der_leitung": "chef@bücher.example",
        "Adresse": "Gartenweg 3, Tübingen",
        "adresse": "Gartenweg 3, Tübingen",
        "adresse_street_address": "Gartenweg 3",
        "adresse_city": "Tübingen",
        "Kurs": "Kräuter & Tee",
        "kurs": "Kräuter & Tee",
    }

    assert told(ODD) == {
        "form": {"id": "q7r2m5n8b1c4", "title": "Anmeldung: Kräuterkunde"},
        "answers": {**by_field, **by_title, "email": "jörg.weiß@bücher.example"},
        "submission": {"id": "84", "submitted_at": "2026-04-15T10:04:00Z"},
    }


def test_without_the_structures_wufoo_answers_have_only_their_fields() -> None:
    form = told(SAMPLE, {"FieldStructure": None, "FormStructure": None})

    assert form == {
        "form": {},
        "answers": BY_FIELD,
        "submission": {"id": "83", "submitted_at": "2026-04-15T10:00:00Z"},
    }


def test_a_wufoo_entry_is_known_by_its_number_and_form() -> None:
    first, again = read(SAMPLE), read(SAMPLE)
    other, elsewhere = (
        read(SAMPLE, {"EntryId": "84"}),
        read(SAMPLE, {"FormStructure.Hash": "another"}),
    )

    assert first.type == "form.submitted"
    assert first.identity == again.identity == "z1k8pxq0v2w5yt/83"
    assert len({first.identity, other.identity, elsewhere.identity}) == 3


def test_without_the_structures_the_content_tells_entries_of_two_forms_apart() -> None:
    bare: dict[str, object] = {"FieldStructure": None, "FormStructure": None}

    first, again = read(SAMPLE, bare), read(SAMPLE, bare)
    other = read(SAMPLE, {**bare, "Field3": "jon.aas@harbour.example"})

    assert first.identity == again.identity != other.identity


def test_the_handshake_key_of_wufoo_is_not_kept() -> None:
    assert "HandshakeKey" not in json.dumps(read(SAMPLE).body)
