"""Zoho CRM's notifications in the names of the normal form."""

import pytest
from hypothesis import given

from senders.adapters.zoho import ADAPTER
from senders.reading import read_events
from tests.json_values import json_values
from tests.normal_forms import form_of, read, read_all, root, sample, well_formed
from tests.samples import TEXT_SECRET, delivered, source_of

PRESET = "zoho"


def notification(module: str = "Deals", operation: str = "update", **values: object) -> object:
    return {
        "module": module,
        "operation": operation,
        "id": "7",
        "affected_values": [{"record_id": "7", "values": values}],
        "affected_fields": [{"7": list(values)}],
    }


def test_each_record_of_a_notification_is_an_event_with_its_own_values() -> None:
    won, other = read_all("zoho-deals-updated")

    assert (won.type, other.type) == ("deal.updated", "deal.updated")
    assert won.identity == "1000000068001/1776247200417/4876876000000731012/update"
    assert other.identity == "1000000068001/1776247200417/4876876000000731044/update"
    assert str(won.occurred_at) == "2026-04-15 10:00:00.417000+00:00"
    assert won.form == {
        "deal": {
            "id": "4876876000000731012",
            "stage": "Closed Won",
            "status": "won",
            "closed_at": "2026-04-15T00:00:00Z",
            "custom": {"Probability": 100},
        },
        "changed": [
            "deal.stage",
            "deal.custom.Probability",
            "deal.closed_at",
            "deal.custom.Next_Step",
            "deal.status",
        ],
    }
    assert other.form == {
        "deal": {
            "id": "4876876000000731044",
            "amount": 2400,
            "owner_id": "4876876000000327001",
        },
        "changed": ["deal.amount", "deal.owner_id"],
    }


def test_a_notification_that_is_posted_again_is_the_same_events() -> None:
    first, again = (read_all("zoho-deals-updated") for _ in range(2))

    assert [event.identity for event in first] == [event.identity for event in again]


def test_a_new_person_has_name_address_and_own_fields() -> None:
    event = read("zoho-contact-created")

    assert event.type == "contact.created"
    assert event.form == {
        "contact": {
            "id": "4876876000000624007",
            "name": "Mira Sol",
            "first_name": "Mira",
            "last_name": "Sol",
            "email": "mira.sol@harbour.example",
            "company_id": "4876876000000624001",
            "custom": {"Course": "Safety Basics", "Interests": ["First aid", "Fire safety"]},
        }
    }


def test_without_values_the_names_of_the_fields_still_say_what_changed() -> None:
    event = read("zoho-lead-names-only")

    assert event.type == "lead.updated"
    assert event.form == {
        "contact": {"id": "4876876000000802031"},
        "changed": ["contact.email", "contact.custom.Course"],
    }


def test_the_token_is_not_kept() -> None:
    found = sample("zoho-contact-created")
    source = source_of(found.preset)
    delivery = delivered(found, source)

    [event] = read_events(source, delivery)

    assert TEXT_SECRET.encode() in delivery.body
    assert TEXT_SECRET not in event.body


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("Closed Won", "won"),
        ("Closed Lost", "lost"),
        ("Closed Lost to Competition", "lost"),
        ("Negotiation/Review", "open"),
        ("In Klärung", None),
        (None, None),
        (["Closed Won"], None),
    ],
    ids=str,
)
def test_a_deals_status_is_only_given_where_the_stage_is_zohos_own(
    stage: object, status: str | None
) -> None:
    form = form_of(PRESET, notification(Stage=stage))

    assert root(form, "deal").get("status") == status
    assert form["changed"] == ["deal.stage", "deal.status"]


def test_a_deleted_deal_has_its_id_and_an_account_its_domain() -> None:
    deleted = {"module": "Deals", "operation": "delete", "id": "7"}
    account = notification(
        "Accounts", "insert", Account_Name="Harbour Ltd", Website="www.harbour.example"
    )

    assert ADAPTER.event_type(deleted, None) == "deal.deleted"
    assert form_of(PRESET, deleted) == {"deal": {"id": "7"}}
    assert form_of(PRESET, account) == {
        "company": {"id": "7", "name": "Harbour Ltd", "domain": "harbour.example"}
    }


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ({"module": "Deals", "operation": "edit"}, "deal.updated"),
        ({"module": "Sales_Orders", "operation": "insert"}, "sales_orders.created"),
        ({"module": "Deals", "operation": "restore"}, "deal.restore"),
        ({"module": "Deals"}, None),
        ({"operation": "insert"}, None),
        (None, None),
    ],
    ids=str,
)
def test_every_operation_on_every_module_has_a_name(body: object, type: str | None) -> None:
    assert ADAPTER.event_type(body, None) == type


def test_modules_of_your_own_stand_only_in_raw() -> None:
    assert form_of(PRESET, notification("Training_Seats", Name="x")) == {}


@given(json_values)
def test_a_field_that_holds_anything_is_read(value: object) -> None:
    body = notification(Stage=value, Owner=value, Account_Name={"id": value}, X=[value])

    assert well_formed(PRESET, body)
