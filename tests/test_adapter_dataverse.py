"""Dataverse's execution contexts in the names of the normal form."""

import pytest
from hypothesis import given

from senders.adapters.dataverse import ADAPTER
from senders.delivery import Delivery
from senders.identity import identity
from senders.presets import PRESETS
from tests.json_values import json_values
from tests.normal_forms import form_of, read, root, well_formed

PRESET = "dataverse"
DEAL = "9a3e7c2b-a1c4-ee11-9079-000d3a2b4c5d"
OLGA = "2b8d1c6a-5d70-ee11-9ae7-000d3a2b4c5d"
SAME = {
    "id": DEAL,
    "name": "Harbour Ltd: Safety Basics",
    "amount": 1490.0,
    "owner_id": OLGA,
    "contact_id": "7f1c5a0e-90b3-ee11-a569-000d3a2b4c5d",
    "company_id": "5e0b4f9d-8fa2-ee11-a569-000d3a2b4c5d",
}
OWN = {
    "transactioncurrencyid": "0c7d4a9d-5d70-ee11-9ae7-000d3a2b4c5d",
    "new_learneremail": "mira.sol@harbour.example",
    "new_course": 100000001,
    "estimatedclosedate": "2026-04-15T00:00:00Z",
    "createdon": "2026-04-01T08:12:30Z",
}


def context(
    message: str = "Update",
    table: str = "opportunity",
    before: dict[str, object] | None = None,
    **columns: object,
) -> dict[str, object]:
    """A step's context in which these columns were written."""
    return {
        "MessageName": message,
        "PrimaryEntityName": table,
        "PrimaryEntityId": DEAL,
        "InputParameters": [{"key": "Target", "value": entity(columns)}],
        "PreEntityImages": [{"key": "before", "value": entity(before)}] if before else [],
    }


def entity(columns: dict[str, object]) -> dict[str, object]:
    return {"Attributes": [{"key": key, "value": value} for key, value in columns.items()]}


def test_a_new_opportunity_is_an_open_deal_with_plain_values() -> None:
    event = read("dataverse-deal-open")

    assert event.type == "deal.created"
    assert str(event.occurred_at) == "2026-04-01 08:12:30+00:00"
    assert event.form == {
        "deal": {
            **SAME,
            "stage": "3-Propose",
            "status": "open",
            "custom": {**OWN, "statecode": 0, "statuscode": 1, "modifiedon": OWN["createdon"]},
        }
    }


def test_an_opportunity_won_says_what_changed_and_what_was_before() -> None:
    event = read("dataverse-deal-won")

    assert event.type == "deal.updated"
    assert event.form == {
        "deal": {
            **SAME,
            "stage": "4-Close",
            "status": "won",
            "closed_at": "2026-04-15T00:00:00Z",
            "custom": {
                **OWN,
                "statecode": 1,
                "statuscode": 3,
                "actualvalue": 1490.0,
                "modifiedon": "2026-04-15T10:00:00Z",
                "modifiedby": OLGA,
            },
        },
        "changed": [
            "deal.custom.statecode",
            "deal.custom.statuscode",
            "deal.stage",
            "deal.custom.actualvalue",
            "deal.closed_at",
            "deal.custom.modifiedon",
            "deal.custom.modifiedby",
            "deal.custom.modifiedonbehalfby",
            "deal.status",
        ],
        "previous": {
            "deal": {
                "stage": "3-Propose",
                "status": "open",
                "custom": {"statecode": 0, "statuscode": 1, "modifiedon": OWN["createdon"]},
            }
        },
    }


def test_a_later_edit_does_not_win_the_deal_again_though_it_writes_the_same_state() -> None:
    event = read("dataverse-deal-later")

    assert event.root("deal")["status"] == "won"
    assert event.form["changed"] == ["deal.custom.description", "deal.custom.modifiedon"]
    assert event.form["previous"] == {"deal": {"custom": {"modifiedon": "2026-04-15T10:00:00Z"}}}


def test_three_edits_of_one_deal_are_three_events_and_the_same_again_is_none() -> None:
    names = [f"dataverse-deal-{edit}" for edit in ("open", "won", "later")]

    first, again = ([read(name).identity for name in names] for _ in range(2))

    assert len(set(first)) == 3
    assert first == again


@pytest.mark.parametrize("name", ["PrimaryEntityId", "CorrelationId", "OperationCreatedOn"])
def test_steps_without_a_job_of_their_own_are_told_apart(name: str) -> None:
    posted = Delivery("POST", "/hooks/dataverse", (), b"")
    body = read("dataverse-deal-won").body
    assert isinstance(body, dict)
    one = {**body, "OperationId": "00000000-0000-0000-0000-000000000000"}
    other = {**one, name: "another"}

    first, second = (identity(PRESETS[PRESET], posted, each, None) for each in (one, other))

    assert first != second


def test_a_new_lead_is_a_person_and_choices_are_numbers() -> None:
    event = read("dataverse-lead-created")

    assert event.type == "lead.created"
    assert event.form == {
        "contact": {
            "id": "c04d9f1a-77c1-ee11-9079-000d3a2b4c5d",
            "name": "Ada Lindt",
            "first_name": "Ada",
            "last_name": "Lindt",
            "email": "ada.lindt@meadow.example",
            "phone": "+49 30 555 0117",
            "country": "Germany",
            "company_name": "Meadow & Sons",
            "owner_id": OLGA,
            "custom": {
                "subject": "First Aid for ten people",
                "donotemail": False,
                "new_topics": [1, 4],
                "statecode": 0,
            },
        }
    }


def test_a_deleted_person_is_what_the_image_says_it_was() -> None:
    event = read("dataverse-contact-deleted")

    assert event.type == "contact.deleted"
    assert event.form == {
        "contact": {
            "id": "7f1c5a0e-90b3-ee11-a569-000d3a2b4c5d",
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "company_id": "5e0b4f9d-8fa2-ee11-a569-000d3a2b4c5d",
        }
    }


def test_a_context_that_was_too_large_still_says_which_deal() -> None:
    event = read("dataverse-deal-too-large")

    assert event.type == "deal.updated"
    assert event.form == {"deal": {"id": DEAL}}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"Value": 0}, "open"),
        ({"Value": 1}, "won"),
        ({"Value": 2}, "lost"),
        (1, "won"),
        ({"Value": 7}, None),
        (None, None),
    ],
    ids=str,
)
def test_the_state_of_an_opportunity_is_its_status(state: object, status: str | None) -> None:
    form = form_of(PRESET, context(statecode=state))

    assert root(form, "deal").get("status") == status
    assert "deal.status" in form["changed"]  # type: ignore[operator]


def test_without_an_image_every_column_that_was_written_counts_as_changed() -> None:
    form = form_of(
        PRESET, context(opportunityid=DEAL, name="Safety", estimatedvalue={"Value": 5.5})
    )

    assert form == {
        "deal": {"id": DEAL, "name": "Safety", "amount": 5.5},
        "changed": ["deal.name", "deal.amount"],
    }


def test_a_column_that_was_emptied_is_changed_and_absent() -> None:
    form = form_of(PRESET, context(before={"name": "Safety", "stepname": "1-Qualify"}, name=None))

    assert form == {
        "deal": {"id": DEAL, "stage": "1-Qualify"},
        "changed": ["deal.name"],
        "previous": {"deal": {"name": "Safety"}},
    }


def test_an_image_of_the_row_after_the_step_completes_it() -> None:
    after = entity({"contactid": "7", "firstname": "Mira", "lastname": "Sol", "statecode": 0})
    body = context(table="contact", emailaddress1="mira.sol@harbour.example")

    form = form_of(PRESET, {**body, "PostEntityImages": [{"key": "after", "value": after}]})

    assert form == {
        "contact": {
            "id": "7",
            "name": "Mira Sol",
            "first_name": "Mira",
            "last_name": "Sol",
            "email": "mira.sol@harbour.example",
            "custom": {"statecode": 0},
        },
        "changed": ["contact.email"],
    }


def test_an_account_is_a_company_with_the_domain_of_its_web_site() -> None:
    form = form_of(
        PRESET,
        context("Create", "account", accountid="7", websiteurl="https://www.harbour.example/"),
    )

    assert form == {"company": {"id": "7", "domain": "harbour.example"}}


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ({"PrimaryEntityName": "opportunity", "MessageName": "Win"}, "deal.win"),
        ({"PrimaryEntityName": "new_seat", "MessageName": "Update"}, "new_seat.updated"),
        ({"PrimaryEntityName": "opportunity"}, None),
        ({"MessageName": "Update"}, None),
        ([], None),
    ],
    ids=str,
)
def test_every_message_of_every_table_has_a_name(body: object, type: str | None) -> None:
    assert ADAPTER.event_type(body, None) == type


def test_tables_of_your_own_stand_only_in_raw() -> None:
    assert form_of(PRESET, context(table="new_seat", new_name="x")) == {}


@given(json_values)
def test_a_column_that_holds_anything_is_read(value: object) -> None:
    body = context(before={"name": value, "x": [value]}, name=value, statecode=value, x=value)

    assert well_formed(PRESET, body)
