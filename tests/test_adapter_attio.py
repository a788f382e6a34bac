"""Attio's ids, one event each."""

from tests.normal_forms import form_of, identity_of, read_all


def test_each_event_of_a_delivery_stands_with_what_they_share() -> None:
    first, second = read_all("attio-records-updated.http")

    assert (first.type, second.type) == ("record.updated", "list-entry.created")
    assert first.form == {
        "body": {
            "webhook_id": "c4d5e6f7-0819-4a2b-8c3d-4e5f60718293",
            "event": {
                "event_type": "record.updated",
                "id": {
                    "workspace_id": "8f0b6c1e-52a7-4d0e-9b3f-2c7d1e4a5b60",
                    "object_id": "1f9d2c3b-7a41-4e58-b6c0-d92e8f3a4b51",
                    "record_id": "3c5e7a90-1b2d-4f63-8e74-a5b6c7d8e9f0",
                    "attribute_id": "5d4c3b2a-1908-4f7e-8d6c-5b4a39281706",
                },
                "actor": {"type": "workspace-member", "id": "7e6d5c4b-3a29-4180-9f8e-7d6c5b4a3928"},
            },
        },
        "change": {"field": "5d4c3b2a-1908-4f7e-8d6c-5b4a39281706"},
    }
    assert second.form == {
        "body": {
            "webhook_id": "c4d5e6f7-0819-4a2b-8c3d-4e5f60718293",
            "event": {
                "event_type": "list-entry.created",
                "id": {
                    "workspace_id": "8f0b6c1e-52a7-4d0e-9b3f-2c7d1e4a5b60",
                    "list_id": "6a7b8c9d-0e1f-4a2b-9c3d-4e5f6a7b8c9d",
                    "entry_id": "9e8d7c6b-5a49-4837-a625-140312f1e0d9",
                },
                "parent_object_id": "1f9d2c3b-7a41-4e58-b6c0-d92e8f3a4b51",
                "parent_record_id": "3c5e7a90-1b2d-4f63-8e74-a5b6c7d8e9f0",
                "actor": {"type": "api-token", "id": "2a1b0c9d-8e7f-4605-8493-a2b1c0d9e8f7"},
            },
        }
    }


def test_the_key_of_the_delivery_and_the_place_in_it_name_the_event() -> None:
    key = "5b1e8d3a-7c64-4f92-a0e5-d91c2b3f4a68"

    assert [one.identity for one in read_all("attio-records-updated.http")] == [
        f"{key}/0",
        f"{key}/1",
    ]


def test_without_a_key_the_ids_and_the_hash_name_the_event() -> None:
    one, other = (
        {
            "webhook_id": "w",
            "events": [{"event_type": "record.updated", "id": {"record_id": record}}],
        }
        for record in ("r1", "r2")
    )

    assert identity_of("attio", one) == identity_of("attio", one)
    assert identity_of("attio", one).startswith("w/record.updated/r1/sha256:")
    assert identity_of("attio", other) != identity_of("attio", one)


def test_an_event_without_an_attribute_tells_no_change() -> None:
    body = {"event": {"event_type": "record.deleted", "id": {"record_id": "r"}}}

    assert form_of("attio", body) == {"body": body}
