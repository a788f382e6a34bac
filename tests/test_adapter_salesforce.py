"""Salesforce's outbound messages in the names of the normal form."""

import json

import pytest

from senders.adapters.salesforce import ADAPTER
from senders.delivery import Cause, Refused
from senders.knobs import KNOBS
from senders.presets import PRESETS
from senders.reading import read_events
from senders.verify import verify
from tests.normal_forms import form_of, read, read_all, root, sample
from tests.samples import PUBLIC_URL, delivered, source_of

PRESET = "salesforce-outbound"
OWN = {
    "Course__c": "Safety Basics",
    "CreatedDate": "2026-04-01T08:12:30.000Z",
    "Learner_Email__c": "mira.sol@harbour.example",
    "Learner_First_Name__c": "Mira",
    "Learner_Last_Name__c": "Sol",
    "Seats__c": "5.0",
}


def message(kind: str, **fields: object) -> dict[str, object]:
    return {"Notification": {"Id": "04l8d00000ZxCv1AAF", "sObject": {"type": kind, **fields}}}


def test_an_opportunity_won_is_a_deal_won_with_its_own_fields() -> None:
    event = read("salesforce-outbound-deal-won")

    assert event.type == "deal.updated"
    assert event.identity == "04l8d00000ZxCv2AAF"
    assert str(event.occurred_at) == "2026-04-15 10:00:00+00:00"
    assert event.form == {
        "deal": {
            "id": "0068d00000BqK4XAAV",
            "name": "Harbour Ltd: Safety Basics",
            "stage": "Closed Won",
            "status": "won",
            "amount": "1490.0",
            "currency": "EUR",
            "closed_at": "2026-04-15T00:00:00Z",
            "owner_id": "0058d000003AbCdAAK",
            "contact_id": "0038d00000QwErTAAV",
            "company_id": "0018d00000AbCdEAAV",
            "custom": {
                **OWN,
                "IsClosed": "true",
                "IsWon": "true",
                "LastModifiedDate": "2026-04-15T10:00:00.000Z",
            },
        }
    }


def test_three_edits_of_one_deal_are_open_then_won_then_won() -> None:
    edits = [read(f"salesforce-outbound-deal-{edit}") for edit in ("open", "won", "later")]

    assert [edit.root("deal")["status"] for edit in edits] == ["open", "won", "won"]
    assert len({edit.root("deal")["id"] for edit in edits}) == 1
    assert len({edit.identity for edit in edits}) == 3
    assert PRESETS[PRESET].remembers


def test_a_message_that_is_posted_again_is_the_same_event() -> None:
    first, again = (read("salesforce-outbound-deal-won") for _ in range(2))

    assert first.identity == again.identity


def test_each_notification_is_an_event_and_the_newcomer_is_created() -> None:
    ada, joerg = read_all("salesforce-outbound-leads")

    assert (ada.type, joerg.type) == ("lead.created", "lead.updated")
    assert ada.identity != joerg.identity
    assert ada.form == {
        "contact": {
            "id": "00Q8d000001AbCdEAK",
            "name": "Ada Lindt",
            "first_name": "Ada",
            "last_name": "Lindt",
            "email": "ada.lindt@meadow.example",
            "phone": "+49 30 555 0117",
            "country": "Germany",
            "company_name": "Meadow & Sons",
            "owner_id": "0058d000003AbCdAAK",
            "custom": {
                "Course__c": "First Aid",
                "CreatedDate": "2026-04-15T09:41:07.000Z",
                "LastModifiedDate": "2026-04-15T09:41:07.000Z",
                "LeadSource": "Web",
                "Status": "Open - Not Contacted",
            },
        }
    }
    assert joerg.root("contact")["name"] == "Jörg Vale"
    assert "phone" not in joerg.root("contact")


def test_a_session_id_is_not_kept() -> None:
    found = sample("salesforce-outbound-deal-won")
    source = source_of(found.preset)
    delivery = delivered(found, source)

    [event] = read_events(source, delivery)

    assert b"an.invented.session" in delivery.body
    assert "an.invented.session" not in event.body
    assert "SessionId" not in json.loads(event.body)


def test_an_account_of_another_organization_is_turned_away() -> None:
    found = sample("salesforce-outbound-deal-won")
    named = KNOBS["organizations"].turn(found.preset, ("00D8d000000HrBxEAK",))
    other = KNOBS["organizations"].turn(found.preset, ("00D8d000000HrByEAK",))
    delivery = delivered(found, source_of(named))

    verify(source_of(named), delivery, now=0, public_url=PUBLIC_URL)
    with pytest.raises(Refused) as refused:
        verify(source_of(other), delivery, now=0, public_url=PUBLIC_URL)

    assert refused.value.cause is Cause.WRONG_ORGANIZATION


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"IsWon": "true", "StageName": "Gewonnen"}, "won"),
        ({"IsWon": "true", "IsClosed": "true"}, "won"),
        ({"IsWon": "false", "IsClosed": "true", "StageName": "Abgesagt"}, "lost"),
        ({"IsWon": "false", "IsClosed": "false"}, "open"),
        ({"IsClosed": "false", "StageName": "In Klärung"}, "open"),
        ({"IsClosed": "true", "StageName": "Abgesagt"}, None),
        ({"IsClosed": "true", "StageName": "Closed Lost"}, "lost"),
        ({"StageName": "Closed Won"}, "won"),
        ({"StageName": "Closed Lost"}, "lost"),
        ({"StageName": "Proposal/Price Quote"}, "open"),
        ({"StageName": "In Klärung"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_deals_status_is_only_given_where_salesforce_tells(
    fields: dict[str, object], status: str | None
) -> None:
    form = form_of(PRESET, message("Opportunity", Id="0068d00000BqK4XAAV", **fields))

    assert root(form, "deal").get("status") == status


def test_a_contact_and_an_account_have_the_names_of_the_normal_form() -> None:
    contact = message(
        "sf:Contact",
        Id=["0038d00000QwErT", "0038d00000QwErT"],
        Name="Mira Sol-Berg",
        FirstName="Mira",
        LastName="Sol",
        Email="mira.sol@harbour.example",
        MailingCountry="Germany",
        AccountId="0018d00000AbCdE",
        Phone="",
    )
    account = message("Account", Id="0018d00000AbCdE", Name="Harbour Ltd", BillingCountry="Germany")

    assert form_of(PRESET, contact) == {
        "contact": {
            "id": "0038d00000QwErTAAV",
            "name": "Mira Sol-Berg",
            "first_name": "Mira",
            "last_name": "Sol",
            "email": "mira.sol@harbour.example",
            "country": "Germany",
            "company_id": "0018d00000AbCdEAAV",
        }
    }
    assert form_of(PRESET, account) == {
        "company": {"id": "0018d00000AbCdEAAV", "name": "Harbour Ltd", "country": "Germany"}
    }


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("https://www.harbour.example/about", "harbour.example"),
        ("Harbour.example", "harbour.example"),
        ("http://shop.harbour.example:8080", "shop.harbour.example"),
        ("not yet", "not yet"),
    ],
)
def test_a_company_is_known_by_the_domain_of_its_web_site(website: str, domain: str) -> None:
    form = form_of(PRESET, message("Account", Id="0018d00000AbCdEAAV", Website=website))

    assert root(form, "company")["domain"] == domain


def test_objects_of_your_own_have_a_type_and_stand_only_in_raw() -> None:
    body = message("sf:Training_Seat__c", Id="a0B8d000001AbCdEAK", Seat__c="5")

    assert ADAPTER.event_type(body, None) == "training_seat__c.updated"
    assert form_of(PRESET, body) == {}


@pytest.mark.parametrize(
    ("times", "type"),
    [
        ({"CreatedDate": "2026-04-15T10:00:00.000Z"}, "deal.updated"),
        (
            {
                "CreatedDate": "2026-04-15T10:00:00.000Z",
                "SystemModstamp": "2026-04-15T10:00:00.000Z",
            },
            "deal.created",
        ),
        (
            {
                "CreatedDate": "2026-04-15T10:00:00.000Z",
                "LastModifiedDate": "2026-04-15T10:00:01.000Z",
                "SystemModstamp": "2026-04-15T10:00:00.000Z",
            },
            "deal.updated",
        ),
        ({}, "deal.updated"),
    ],
    ids=["created only", "untouched", "touched", "neither"],
)
def test_a_record_that_nobody_touched_since_is_a_new_one(
    times: dict[str, object], type: str
) -> None:
    assert ADAPTER.event_type(message("Opportunity", **times), None) == type
