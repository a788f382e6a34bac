"""HubSpot's events and workflow webhooks in the names of the normal form."""

import pytest

from senders.adapters.hubspot import ADAPTER
from senders.presets import PRESETS
from tests.normal_forms import form_of, read, read_all, root


def test_the_versions_differ_in_nothing_but_the_proof() -> None:
    newest, *older = (PRESETS[name] for name in ("hubspot", "hubspot-v1", "hubspot-v2"))

    for row in older:
        assert (row.id, row.batch, row.adapter) == (newest.id, newest.batch, newest.adapter)


def test_an_event_that_is_posted_again_is_the_same_whatever_the_attempt() -> None:
    first, again = (read_all("hubspot-batch") for _ in range(2))
    older = read_all("hubspot-v1-batch")

    assert [event.identity for event in first] == [event.identity for event in again]
    assert older[0].identity == first[0].identity
    assert len({event.identity for event in first}) == 3


def test_a_hubspot_stage_change_stands_in_change_deal_and_changed() -> None:
    event = read_all("hubspot-batch")[0]

    assert event.type == "deal.updated"
    assert event.form == {
        "change": {"field": "dealstage", "value": "closedwon"},
        "deal": {"id": 90210001, "stage": "closedwon", "status": "won"},
        "changed": ["deal.stage", "deal.status"],
    }


@pytest.mark.parametrize(
    ("kind", "name", "value", "fields", "changed"),
    [
        pytest.param(
            "deal",
            "learner_email",
            "a@x.example",
            {"custom": {"learner_email": "a@x.example"}},
            ["deal.custom.learner_email"],
            id="own property",
        ),
        pytest.param(
            "deal",
            "dealstage",
            "94351021",
            {"stage": "94351021"},
            ["deal.stage"],
            id="stage of another pipeline",
        ),
        pytest.param(
            "deal",
            "hs_is_closed_won",
            "true",
            {"custom": {"hs_is_closed_won": "true"}, "status": "won"},
            ["deal.custom.hs_is_closed_won", "deal.status"],
            id="closed won",
        ),
        pytest.param(
            "deal",
            "hs_is_closed",
            "true",
            {"custom": {"hs_is_closed": "true"}},
            ["deal.custom.hs_is_closed"],
            id="closed, who knows how",
        ),
        pytest.param("deal", "amount", None, {}, ["deal.amount"], id="emptied"),
        pytest.param(
            "deal",
            "closedate",
            "1776247200000",
            {"closed_at": "2026-04-15T10:00:00Z"},
            ["deal.closed_at"],
            id="time",
        ),
        pytest.param(
            "contact",
            "firstname",
            "Mira",
            {"first_name": "Mira"},
            ["contact.first_name"],
            id="contact",
        ),
        pytest.param(
            "company",
            "domain",
            "x.example",
            {"domain": "x.example"},
            ["company.domain"],
            id="company",
        ),
    ],
)
def test_hubspot_properties_have_the_names_of_the_normal_form(
    kind: str, name: str, value: str | None, fields: dict[str, object], changed: list[str]
) -> None:
    body = {
        "subscriptionType": f"{kind}.propertyChange",
        "objectId": 5,
        "propertyName": name,
        "propertyValue": value,
    }

    form = form_of("hubspot", body)

    assert root(form, kind) == {"id": 5, **fields}
    assert form["changed"] == changed


def test_the_newer_hubspot_spelling_gives_the_same_roots() -> None:
    older = {"subscriptionType": "contact.propertyChange", "objectId": 5}
    newer = {"subscriptionType": "object.propertyChange", "objectTypeId": "0-1", "objectId": 5}
    change = {"propertyName": "email", "propertyValue": "a@x.example"}

    assert form_of("hubspot", {**older, **change}) == form_of("hubspot", {**newer, **change})


def test_a_hubspot_workflow_deal_comes_with_everything_a_rule_needs() -> None:
    assert read("hubspot-deal-workflow").form == {
        "deal": {
            "id": 90210001,
            "name": "Harbour Ltd: Safety Basics",
            "stage": "closedwon",
            "status": "won",
            "amount": "1490.00",
            "currency": "EUR",
            "pipeline": "default",
            "product": "Safety Basics",
            "owner_id": "76023669",
            "owner_email": "olga.berg@training.example",
            "contact_id": 70110002,
            "company_id": 50440004,
            "closed_at": "2026-04-15T10:00:00Z",
            "custom": {
                "hs_is_closed": "true",
                "hs_is_closed_won": "true",
                "hs_lastmodifieddate": "1776247201000",
                "learner_email": "mira.sol@harbour.example",
                "learner_first_name": "Mira",
                "learner_last_name": "Sol",
                "product_name": "Safety Basics",
            },
        }
    }


def test_a_hubspot_workflow_contact_has_its_name_and_address() -> None:
    properties = {"email": {"value": "a@x.example"}, "firstname": "Ada", "lastname": "Lindt"}

    assert form_of("hubspot", {"vid": 9, "portal-id": 1, "properties": properties}) == {
        "contact": {
            "id": 9,
            "email": "a@x.example",
            "first_name": "Ada",
            "last_name": "Lindt",
            "name": "Ada Lindt",
        }
    }


@pytest.mark.parametrize(
    ("properties", "status"),
    [
        ({"hs_is_closed_won": "true", "hs_is_closed": "true", "dealstage": "77"}, "won"),
        ({"hs_is_closed_won": "false", "hs_is_closed": "true", "dealstage": "78"}, "lost"),
        ({"hs_is_closed": "false", "dealstage": "79"}, "open"),
        ({"dealstage": "closedlost"}, "lost"),
        ({"dealstage": "qualifiedtobuy"}, None),
        ({"hs_is_closed_won": True}, "won"),
        ({"dealstage": ["closedwon"]}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_hubspot_deals_status_is_only_given_where_hubspot_tells(
    properties: dict[str, object], status: str | None
) -> None:
    form = form_of("hubspot", {"objectType": "DEAL", "objectId": 1, "properties": properties})

    assert root(form, "deal").get("status") == status


def test_a_hubspot_contact_of_a_workflow_has_its_owner() -> None:
    event = read("hubspot-contact-workflow")

    assert event.type == "contact.workflow"
    assert event.form == {
        "contact": {
            "id": 70110002,
            "name": "Mira Sol",
            "first_name": "Mira",
            "last_name": "Sol",
            "email": "mira.sol@harbour.example",
            "phone": "+49 40 555 0101",
            "company_name": "Harbour Ltd",
            "owner_email": "olga.berg@training.example",
            "custom": {"course": "Safety Basics", "lastmodifieddate": "1776247201000"},
        }
    }


def test_a_deal_won_in_a_pipeline_of_your_own_is_won() -> None:
    event = read("hubspot-v2-deal")

    assert event.type == "deal.workflow"
    assert event.root("deal")["stage"] == "94351021"
    assert event.root("deal")["status"] == "won"


def test_the_fields_of_every_event_type_are_known() -> None:
    assert set(ADAPTER.catalogue) == ADAPTER.types
