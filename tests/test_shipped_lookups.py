"""The look-ups that come with Usher, against a server that answers as each vendor documents."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.crm_server import SHIPPED, Crm, Reply, crm, shipped
from workers.lookups import LookUpFailed, lookup_problems, read_definitions

VARIABLES = {
    "HUBSPOT_ACCESS_TOKEN": "pat-eu1-b7d1c0de",
    "PIPEDRIVE_API_TOKEN": "b7d1c0de0b7d1c0de",
    "CLOSE_API_KEY_BASIC": "api_b7d1c0de:",
    "ATTIO_API_KEY": "attio-b7d1c0de",
    "ZOHO_API_HOST": "www.zohoapis.example",
    "ZOHO_ACCESS_TOKEN": "1000.b7d1c0de",
    "SALESFORCE_HOST": "meadow.my.salesforce.example",
    "SALESFORCE_ACCESS_TOKEN": "00Db7d1c0de",
}
CONTACTS = "properties=email,firstname,lastname,phone,company"
DEAL = (
    "/crm/v3/objects/deals/90210001?properties=dealname,dealstage,amount,deal_currency_code,"
    "pipeline,closedate,hubspot_owner_id,product_name"
)
CLOSE_CONTACT: Mapping[str, Any] = {
    "id": "cont_1",
    "lead_id": "lead_7",
    "name": "Mira Sol",
    "title": "Safety officer",
    "emails": [
        {"email": "mira.sol@harbour.example", "type": "office"},
        {"email": "mira@home.example", "type": "home"},
    ],
    "phones": [{"phone": "+4930123456", "type": "mobile"}],
    "date_created": "2026-01-15T10:30:00.000000+00:00",
}


@pytest.fixture
def server() -> Iterator[Crm]:
    with crm() as known:
        yield known


def look_up(server: Crm, name: str, **params: object) -> Any:
    with shipped(server, **VARIABLES) as lookups:
        return lookups(name, params)


def contact(number: int) -> dict[str, Any]:
    """A contact as HubSpot gives one: every value is text, what is empty is null."""
    return {
        "id": str(number),
        "properties": {
            "createdate": "2026-01-15T10:30:00.000Z",
            "email": f"learner-{number}@harbour.example",
            "firstname": f"Learner {number}",
            "hs_object_id": str(number),
            "lastname": "Sol",
            "phone": None,
            "company": "Harbour",
        },
        "createdAt": "2026-01-15T10:30:00.000Z",
        "updatedAt": "2026-04-15T10:00:00.000Z",
        "archived": False,
    }


def test_no_key_stands_in_the_file_and_every_look_up_says_what_it_needs() -> None:
    definitions = read_definitions(SHIPPED.read_text(encoding="utf-8"))

    assert set(lookup_problems(definitions, {})) == set(definitions)
    assert lookup_problems(definitions, VARIABLES) == {}


def test_a_deal_of_hubspot_is_given_under_the_names_of_events(server: Crm) -> None:
    server.replies[DEAL] = {
        "id": "90210001",
        "properties": {
            "dealname": "Harbour: Safety Basics",
            "dealstage": "closedwon",
            "amount": "1500.00",
            "deal_currency_code": "EUR",
            "pipeline": "default",
            "closedate": "2026-04-15T10:00:00Z",
            "hubspot_owner_id": "71",
            "product_name": "Safety Basics",
        },
        "archived": False,
    }

    deal = look_up(server, "hubspot.deal", deal_id=90210001)

    assert deal["stage"] == "closedwon"
    assert deal["amount"] == "1500.00"
    assert deal["custom"]["product_name"] == "Safety Basics"
    assert server.headers[0]["authorization"] == "Bearer pat-eu1-b7d1c0de"


def test_the_contacts_of_a_hubspot_deal_are_found_over_pages_and_looked_up_one_by_one(
    server: Crm,
) -> None:
    ids = "/crm/v4/objects/deals/90210001/associations/contacts?limit=100"
    types = [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}]
    server.replies = {
        ids: {
            "results": [{"toObjectId": 501, "associationTypes": types}],
            "paging": {"next": {"after": "NTAx", "link": "https://api.hubapi.com/not-followed"}},
        },
        f"{ids}&after=NTAx": {"results": [{"toObjectId": "502", "associationTypes": types}]},
        f"/crm/v3/objects/contacts/501?{CONTACTS}": contact(501),
        f"/crm/v3/objects/contacts/502?{CONTACTS}": contact(502),
    }

    contacts = look_up(server, "hubspot.deal_contacts", deal_id="90210001")

    assert [each["email"] for each in contacts] == [
        "learner-501@harbour.example",
        "learner-502@harbour.example",
    ]
    assert contacts[0]["first_name"] == "Learner 501"


def test_a_contact_that_was_deleted_meanwhile_is_left_out(server: Crm) -> None:
    ids = "/crm/v4/objects/deals/1/associations/contacts?limit=100"
    server.replies = {
        ids: {"results": [{"toObjectId": 501}, {"toObjectId": 502}]},
        f"/crm/v3/objects/contacts/502?{CONTACTS}": contact(502),
    }

    contacts = look_up(server, "hubspot.deal_contacts", deal_id=1)

    assert [each["id"] for each in contacts] == ["502"]


def test_a_hubspot_deal_that_is_gone_has_no_contacts(server: Crm) -> None:
    assert look_up(server, "hubspot.deal_contacts", deal_id=1) == []
    assert look_up(server, "hubspot.deal", deal_id=1) is None


def test_a_deal_with_too_many_contacts_is_refused_and_not_cut(server: Crm) -> None:
    ids = "/crm/v4/objects/deals/1/associations/contacts?limit=100"
    server.replies[ids] = {"results": [{"toObjectId": number} for number in range(51)]}

    with pytest.raises(LookUpFailed, match="51 items, and each allows 50") as failed:
        look_up(server, "hubspot.deal_contacts", deal_id=1)

    assert failed.value.decision == "give_up"
    assert len(server.asked) == 1


def test_deal_and_person_of_pipedrive(server: Crm) -> None:
    server.replies = {
        "/api/v2/deals/12": {
            "success": True,
            "data": {
                "id": 12,
                "title": "Harbour: Safety Basics",
                "status": "won",
                "stage_id": 4,
                "value": 1500,
                "currency": "EUR",
                "pipeline_id": 1,
                "person_id": 31,
                "org_id": None,
                "won_time": "2026-04-15T10:00:00Z",
                "custom_fields": {"d4de1c1518b4531717c676029a45911c340390a6": "Safety Basics"},
            },
        },
        "/api/v2/persons/31": {
            "success": True,
            "data": {
                "id": 31,
                "name": "Mira Sol",
                "first_name": "Mira",
                "last_name": "Sol",
                "emails": [
                    {"value": "mira.sol@harbour.example", "primary": True, "label": "work"},
                    {"value": "mira@home.example", "primary": False, "label": "home"},
                ],
                "phones": [{"value": "+4930123456", "primary": True, "label": "work"}],
                "org_id": 7,
            },
        },
    }

    deal = look_up(server, "pipedrive.deal", deal_id="12")
    person = look_up(server, "pipedrive.person", person_id=deal["contact_id"])

    assert (deal["status"], deal["contact_id"]) == ("won", 31)
    assert person["email"] == "mira.sol@harbour.example"
    assert person["emails"] == ["mira.sol@harbour.example", "mira@home.example"]
    assert {each["x-api-token"] for each in server.headers} == {"b7d1c0de0b7d1c0de"}


def test_the_contacts_of_a_lead_in_close_are_found_over_pages(server: Crm) -> None:
    first = [{**CLOSE_CONTACT, "id": f"cont_{number}"} for number in range(100)]
    pages = "/api/v1/contact/?lead_id=lead_7&_limit=100&_skip="
    server.replies = {
        f"{pages}0": {"has_more": True, "data": first},
        f"{pages}100": {"has_more": False, "data": [CLOSE_CONTACT]},
    }

    contacts = look_up(server, "close.lead_contacts", lead_id="lead_7")

    assert len(contacts) == 101
    assert contacts[0]["email"] == "mira.sol@harbour.example"
    proof = base64.b64encode(b"api_b7d1c0de:").decode()
    assert server.headers[0]["authorization"] == f"Basic {proof}"


def test_a_contact_of_close(server: Crm) -> None:
    server.replies["/api/v1/contact/cont_1/"] = CLOSE_CONTACT

    found = look_up(server, "close.contact", contact_id="cont_1")

    assert found == {
        "id": "cont_1",
        "name": "Mira Sol",
        "email": "mira.sol@harbour.example",
        "emails": ["mira.sol@harbour.example", "mira@home.example"],
        "phone": "+4930123456",
        "lead_id": "lead_7",
    }


def test_a_record_of_attio_is_one_of_people_unless_said_otherwise(server: Crm) -> None:
    person = {
        "id": {"workspace_id": "w", "object_id": "o", "record_id": "891dcbfc"},
        "created_at": "2026-01-15T10:30:00.000000000Z",
        "values": {
            "email_addresses": [
                {
                    "active_from": "2026-01-15T10:30:00.000000000Z",
                    "active_until": None,
                    "original_email_address": "Mira.Sol@harbour.example",
                    "email_address": "mira.sol@harbour.example",
                    "attribute_type": "email-address",
                }
            ],
            "name": [
                {
                    "first_name": "Mira",
                    "last_name": "Sol",
                    "full_name": "Mira Sol",
                    "attribute_type": "personal-name",
                }
            ],
        },
    }
    deal = {"id": {"record_id": "77"}, "values": {"name": [{"value": "Safety Basics"}]}}
    server.replies = {
        "/v2/objects/people/records/891dcbfc": {"data": person},
        "/v2/objects/deals/records/77": {"data": deal},
    }

    found = look_up(server, "attio.record", record_id="891dcbfc")
    other = look_up(server, "attio.record", object="deals", record_id="77")

    assert (found["email"], found["first_name"]) == ("mira.sol@harbour.example", "Mira")
    assert other["values"]["name"][0]["value"] == "Safety Basics"
    assert "email" not in other


def test_a_record_of_zoho_and_one_that_is_not_there(server: Crm) -> None:
    server.replies = {
        "/crm/v8/Deals/3652397000003853095": {
            "data": [
                {
                    "id": "3652397000003853095",
                    "Deal_Name": "Harbour: Safety Basics",
                    "Stage": "Closed Won",
                    "Amount": 1500,
                    "Contact_Name": {"name": "Mira Sol", "id": "3652397000000649013"},
                }
            ]
        },
        "/crm/v8/Deals/1": Reply(status=204),
    }

    deal = look_up(server, "zoho.record", module="Deals", record_id="3652397000003853095")

    assert (deal["stage"], deal["contact_id"]) == ("Closed Won", "3652397000000649013")
    assert deal["fields"]["Deal_Name"] == "Harbour: Safety Basics"
    assert server.headers[0]["authorization"] == "Zoho-oauthtoken 1000.b7d1c0de"
    assert look_up(server, "zoho.record", module="Deals", record_id=1) is None


def test_a_record_of_salesforce_and_a_session_that_has_ended(server: Crm) -> None:
    record = "/services/data/v64.0/sobjects/Contact/003D000000IqhSLIAZ"
    server.replies[record] = {
        "attributes": {"type": "Contact", "url": record},
        "Id": "003D000000IqhSLIAZ",
        "Name": "Mira Sol",
        "FirstName": "Mira",
        "LastName": "Sol",
        "Email": "mira.sol@harbour.example",
        "Course__c": "Safety Basics",
    }

    found = look_up(server, "salesforce.record", object="Contact", record_id="003D000000IqhSLIAZ")
    server.replies[record] = Reply(
        [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401
    )
    with pytest.raises(LookUpFailed) as failed:
        look_up(server, "salesforce.record", object="Contact", record_id="003D000000IqhSLIAZ")

    assert (found["email"], found["fields"]["Course__c"]) == (
        "mira.sol@harbour.example",
        "Safety Basics",
    )
    assert (failed.value.decision, failed.value.destination) == ("hold", "lookup:127.0.0.1")
