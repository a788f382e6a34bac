"""One set of names for every sender, whatever the shape of the body."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.normal import FIELDS, Facts, event_types, normalise
from senders.presets import PRESETS

SAMPLES = {
    path.stem: json.loads(path.read_bytes()) for path in Path("tests/samples").glob("*.json")
}
RECEIVED = datetime(2026, 4, 15, 10, 5, tzinfo=UTC)
FACTS = Facts("id-1", "some-source", "some.type", RECEIVED, datetime(2026, 4, 15, 10, tzinfo=UTC))
PRESET_OF = {
    "hubspot-deal-workflow": "hubspot",
    "pipedrive-deal-won": "pipedrive",
    "typeform-response": "typeform",
    "standard-webhooks": "standard-webhooks",
    "shop-order": "hmac",
    "shop-refund": "hmac",
}


def normal(preset: str, body: object) -> dict[str, object]:
    """The roots that come out of the body."""
    form = normalise(preset, body, FACTS)
    assert form.pop("raw") == body
    del form["event"]
    return form


def test_every_event_says_what_it_is_and_keeps_the_original() -> None:
    body = {"any": "thing"}

    form = normalise("hmac", body, FACTS)

    assert form["event"] == {
        "id": "id-1",
        "source": "some-source",
        "type": "some.type",
        "received_at": "2026-04-15T10:05:00Z",
        "occurred_at": "2026-04-15T10:00:00Z",
    }
    assert form["raw"] is body
    assert form["body"] is body


def test_without_a_time_of_its_own_an_event_happened_when_it_came() -> None:
    form = normalise("hmac", {}, Facts("i", "s", "t", RECEIVED))

    assert form["event"] == {
        "id": "i",
        "source": "s",
        "type": "t",
        "received_at": "2026-04-15T10:05:00Z",
        "occurred_at": "2026-04-15T10:05:00Z",
    }


def test_an_unknown_preset_is_read_as_a_generic_one() -> None:
    assert normal("not-yet-there", {"a": 1}) == {"body": {"a": 1}}
    assert event_types("not-yet-there") == frozenset()


# --- Pipedrive ------------------------------------------------------------------------------------


def test_a_pipedrive_deal_won_says_what_changed_and_what_was_before() -> None:
    form = normal("pipedrive", SAMPLES["pipedrive-deal-won"])

    deal = form["deal"]
    assert isinstance(deal, dict)
    custom = deal.pop("custom")
    assert deal == {
        "id": 7712,
        "name": "Lakeside Clinic: First Aid",
        "stage": 5,
        "status": "won",
        "amount": 980,
        "currency": "EUR",
        "pipeline": 1,
        "owner_id": 12597982,
        "contact_id": 179,
        "company_id": 130,
        "closed_at": "2026-04-15T10:00:00Z",
    }
    assert custom["3f1c0a7be54d9281c6f0aa12d7e85b3390cc41fe"] == "jon.vale@lakeside.example"
    assert custom["c2d87f3e1a0b4695d8e7f6a5b4c3d2e1f0a9b8c7"] == 41
    assert custom["e7b6a5948372615041f0e9d8c7b6a5948372615f"] == [51, 53]
    assert custom["0b1c2d3e4f5a69788796a5b4c3d2e1f001122334"] == 120
    assert "94a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5" not in custom
    assert form["previous"] == {
        "deal": {
            "status": "open",
            "stage": 4,
            "custom": {"update_time": "2026-04-14T16:20:00Z"},
        }
    }
    assert form["changed"] == [
        "deal.status",
        "deal.stage",
        "deal.closed_at",
        "deal.custom.won_time",
        "deal.custom.update_time",
    ]


def test_a_changed_custom_field_of_pipedrive_is_in_changed_and_previous() -> None:
    def field(value: str) -> dict[str, object]:
        return {"custom_fields": {"abc": {"type": "varchar", "value": value}, "same": 1}}

    body = {
        "meta": {"action": "change", "entity": "deal"},
        "data": {"id": 1, **field("new")},
        "previous": field("old"),
    }

    form = normal("pipedrive", body)

    assert form["deal"] == {"id": 1, "custom": {"abc": "new", "same": 1}}
    assert form["previous"] == {"deal": {"custom": {"abc": "old"}}}
    assert form["changed"] == ["deal.custom.abc"]


def test_a_pipedrive_person_is_a_contact_with_the_primary_address() -> None:
    emails = [
        {"value": "old@x.example", "primary": False},
        {"value": "jon@x.example", "primary": True},
    ]
    data = {
        "id": 179,
        "name": "Jon Vale",
        "first_name": "Jon",
        "last_name": "Vale",
        "emails": emails,
        "phones": [{"value": "+49 30 1"}],
        "org_id": 130,
    }

    form = normal(
        "pipedrive",
        {"meta": {"action": "create", "entity": "person"}, "data": data, "previous": None},
    )

    assert form == {
        "contact": {
            "id": 179,
            "name": "Jon Vale",
            "first_name": "Jon",
            "last_name": "Vale",
            "email": "jon@x.example",
            "phone": "+49 30 1",
            "company_id": 130,
        }
    }


def test_a_deleted_pipedrive_deal_is_what_it_was_before() -> None:
    body = {
        "meta": {"action": "delete", "entity": "deal", "entity_id": "7"},
        "data": None,
        "previous": {"id": 7, "status": "won"},
    }

    assert normal("pipedrive", body) == {"deal": {"id": 7, "status": "won"}}


def test_the_first_version_of_pipedrive_bodies_gives_the_same_names() -> None:
    before = {"id": 7, "title": "A", "status": "open", "person_id": {"name": "J", "value": 3}}
    body = {
        "v": 1,
        "event": "updated.deal",
        "meta": {"action": "updated", "object": "deal", "id": 7},
        "current": {**before, "status": "won"},
        "previous": before,
    }

    assert normal("pipedrive", body) == {
        "deal": {"id": 7, "name": "A", "status": "won", "contact_id": 3},
        "previous": {"deal": {"status": "open"}},
        "changed": ["deal.status"],
    }


def test_other_pipedrive_objects_stand_only_in_raw() -> None:
    body = {"meta": {"action": "change", "entity": "lead"}, "data": {"id": "x"}, "previous": {}}

    assert normal("pipedrive", body) == {}


# --- for all --------------------------------------------------------------------------------------


def test_the_types_of_the_catalogue_are_those_that_rules_name() -> None:
    assert {"deal.updated", "deal.workflow", "contact.created"} <= event_types("hubspot")
    assert {"deal.updated", "person.updated", "deal.deleted"} <= event_types("pipedrive")
    assert event_types("typeform") == {"form.submitted", "form.partial"}
    assert event_types("standard-webhooks") == event_types("hmac") == frozenset()


def nodes(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, child in inner:
        yield from nodes(child, (*path, key))


def replaced(value: object, path: tuple[str | int, ...], new: object) -> object:
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: replaced(value[path[0]], path[1:], new)}
    assert isinstance(value, list)
    return [
        replaced(item, path[1:], new) if place == path[0] else item
        for place, item in enumerate(value)
    ]


def only_documented(form: dict[str, object]) -> bool:
    def known(root: str, fields: object) -> bool:
        names = FIELDS[root]
        return not names or (isinstance(fields, dict) and set(fields) <= set(names))

    previous = form.get("previous", {})
    assert isinstance(previous, dict)
    return all(known(root, fields) for root, fields in (form | previous).items())


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_give_only_fields_that_are_documented(name: str) -> None:
    parts = SAMPLES[name] if name == "hubspot-batch" else [SAMPLES[name]]

    for part in parts:
        assert only_documented(normalise(PRESET_OF.get(name, "hubspot"), part, FACTS))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(preset=st.sampled_from([*PRESETS, "unknown"]), body=JSON)
def test_any_json_value_is_normalised(preset: str, body: object) -> None:
    form = normalise(preset, body, FACTS)

    assert form["raw"] == body
    assert only_documented(form)
    json.dumps(form)


@given(data=st.data(), name=st.sampled_from(sorted(SAMPLES)), new=JSON)
def test_a_sample_with_anything_put_anywhere_is_normalised(
    data: st.DataObject, name: str, new: object
) -> None:
    body = SAMPLES[name][0] if name == "hubspot-batch" else SAMPLES[name]
    path = data.draw(st.sampled_from(list(nodes(body))))

    form = normalise(PRESET_OF.get(name, "hubspot"), replaced(body, path, new), FACTS)

    assert only_documented(form)
    json.dumps(form)


@given(
    keys=st.lists(st.sampled_from(["id", "values", "value", "primary", "x"]), max_size=3), new=JSON
)
def test_a_pipedrive_value_wrapped_in_anything_is_normalised(keys: list[str], new: object) -> None:
    wrapped = dict.fromkeys(keys, new)
    data = {"id": wrapped, "emails": [wrapped], "won_time": new, "custom_fields": {"h": wrapped}}
    body = {"meta": {"entity": "deal", "action": "change"}, "data": data, "previous": {"h": new}}

    json.dumps(normalise("pipedrive", body, FACTS))
