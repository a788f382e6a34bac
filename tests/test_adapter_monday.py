"""monday.com's items as deals, and its column values without their wrapping."""

import pytest

from tests.normal_forms import becomes_won, form_of, identity_of, read, type_of


def test_an_edit_of_another_column_wins_nothing() -> None:
    form = read("monday-deal-later.json").form

    assert form == {
        "deal": {
            "id": 1483920571,
            "name": "Harbour Ltd: Safety Basics",
            "pipeline": 5092817364,
            "custom": {"text_mkq1": "Safety Basics"},
        },
        "change": {"field": "text_mkq1", "value": "Safety Basics"},
        "changed": ["deal.custom.text_mkq1"],
        "previous": {"deal": {}},
    }
    assert not becomes_won(form)


def test_the_winning_edit_is_read_whole() -> None:
    assert read("monday-deal-won.json").form == {
        "deal": {
            "id": 1483920571,
            "name": "Harbour Ltd: Safety Basics",
            "pipeline": 5092817364,
            "custom": {"deal_stage": "Won"},
            "stage": "Won",
            "status": "won",
        },
        "change": {"field": "deal_stage", "value": "Won"},
        "changed": ["deal.custom.deal_stage", "deal.stage", "deal.status"],
        "previous": {
            "deal": {
                "custom": {"deal_stage": "Negotiation"},
                "stage": "Negotiation",
                "status": "open",
            }
        },
    }


def test_a_stage_that_leaves_the_status_as_it_was_does_not_list_it() -> None:
    assert read("monday-deal-open.json").form["changed"] == ["deal.custom.deal_stage", "deal.stage"]


def test_a_new_item_has_the_values_of_its_columns() -> None:
    found = read("monday-item-created.json")

    assert found.type == "item.created"
    assert found.form == {
        "deal": {
            "id": 1483920571,
            "name": "Harbour Ltd: Safety Basics",
            "pipeline": 5092817364,
            "custom": {
                "deal_stage": "New",
                "email_mkq7": "mira.sol@harbour.example",
                "numbers_mkq2": 1490,
                "date_mkq3": "2026-05-04",
                "people_mkq4": [40112233],
                "dropdown_mkq5": ["Berlin", "Kiel"],
                "check_mkq6": True,
            },
            "stage": "New",
            "status": "open",
        },
        "contact": {"email": "mira.sol@harbour.example"},
    }


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"label": {"text": "Won"}}, "Won"),
        ({"label": "Won"}, "Won"),
        ({"label": {"text": ""}}, None),
        ({"chosenValues": [{"name": "A"}, {}, 5]}, ["A"]),
        ({"linkedPulseIds": [{"linkedPulseId": 7}]}, [7]),
        ({"date": "2026-05-04", "time": "10:00:00"}, "2026-05-04T10:00:00Z"),
        ({"date": None}, None),
        ({"url": "https://x.example", "text": "X"}, "https://x.example"),
        ({"phone": "+4930", "countryShortName": "DE"}, "+4930"),
        ({"checked": False}, False),
        ({"rating": 4}, 4),
        ({"text": "long"}, "long"),
        ({"from": "2026-05-04", "to": "2026-05-06"}, {"from": "2026-05-04", "to": "2026-05-06"}),
        (12, 12),
        (None, None),
    ],
    ids=str,
)
def test_each_kind_of_column_has_its_value(value: object, plain: object) -> None:
    body = {"event": {"type": "update_column_value", "pulseId": 1, "columnId": "c", "value": value}}

    form = form_of("monday", body)

    assert form["deal"] == ({"id": 1} | ({"custom": {"c": plain}} if plain is not None else {}))


@pytest.mark.parametrize(
    ("column", "label", "status"),
    [
        ("status", "Won", "won"),
        ("status", " lost ", "lost"),
        ("status", "Done", None),
        ("deal_stage", "Lost", "lost"),
        ("deal_stage", "New", "open"),
        ("color_1", "Won", None),
    ],
)
def test_only_the_stage_columns_tell_a_status(column: str, label: str, status: str | None) -> None:
    value = {"label": {"text": label}}
    form = form_of(
        "monday", {"event": {"type": "update_column_value", "columnId": column, "value": value}}
    )

    assert form["deal"].get("status") == status  # type: ignore[attr-defined]


def test_a_new_name_is_a_change_of_the_name() -> None:
    body = {
        "event": {
            "type": "update_name",
            "pulseId": 1,
            "value": {"name": "New"},
            "previousValue": {"name": "Old"},
        }
    }

    assert form_of("monday", body) == {
        "deal": {"id": 1, "name": "New"},
        "change": {"field": "name", "value": "New"},
        "changed": ["deal.name"],
        "previous": {"deal": {"name": "Old"}},
    }


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ({"event": {"type": "delete_pulse"}}, "item.deleted"),
        ({"event": {"type": "create_pulse", "parentItemId": "5"}}, "subitem.created"),
        ({"event": {"type": "create_column"}}, "create_column"),
        ({"payload": {"inputFields": {}}, "runtimeMetadata": {"actionUuid": "a"}}, "action.run"),
        ({}, None),
    ],
    ids=str,
)
def test_types_are_named_by_item_or_as_monday_does(body: object, type: str | None) -> None:
    assert type_of("monday", body) == type


def test_the_same_trigger_on_two_items_is_two_events() -> None:
    body = read("monday-deal-won.json").body
    assert isinstance(body, dict)
    other = {"event": {**body["event"], "pulseId": 2}}

    assert identity_of("monday", other) != identity_of("monday", body)
