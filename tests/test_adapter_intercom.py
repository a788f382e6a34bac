"""Intercom's people and companies in the names of the normal form."""

import pytest

from tests.normal_forms import form_of, read, type_of


def test_a_new_contact_is_read_whole() -> None:
    found = read("intercom-contact-created.json")

    assert found.type == "contact.created"
    assert found.identity == "notif_2b9f0c47-6a1d-4e83-95c2-7d30e1f4a8b6"
    assert found.form == {
        "contact": {
            "id": "65f1c2d3e4a5b6c7d8e9f001",
            "name": "Mira Sol",
            "email": "mira.sol@harbour.example",
            "phone": "+49301234567",
            "country": "Germany",
            "language": "de",
            "tags": ["learner"],
            "company_id": "65f1c2d3e4a5b6c7d8e9f002",
            "owner_id": 814860,
            "custom": {
                "external_id": "4711",
                "role": "user",
                "unsubscribed_from_emails": False,
                "plan": "pro",
                "seats": 12,
            },
        }
    }


def test_a_tag_says_which_and_whose() -> None:
    found = read("intercom-contact-tagged.json")

    assert found.type == "contact.tagged"
    assert found.form["change"] == {"field": "tags", "value": "learner"}
    assert found.form["contact"] == read("intercom-contact-created.json").form["contact"]


@pytest.mark.parametrize(
    ("topic", "type"),
    [
        ("contact.user.updated", "contact.updated"),
        ("contact.lead.created", "contact.created"),
        ("contact.lead.signed_up", "contact.signed_up"),
        ("contact.lead.tag.deleted", "contact.untagged"),
        ("contact.deleted", "contact.deleted"),
        ("contact.email.updated", "contact.email.updated"),
        ("user.created", "contact.created"),
        ("company.created", "company.created"),
        ("conversation.user.replied", "conversation.user.replied"),
        ("ping", "ping"),
        (None, None),
        ([], None),
    ],
    ids=str,
)
def test_users_and_leads_are_contacts(topic: object, type: str | None) -> None:
    assert type_of("intercom", {"topic": topic}) == type


def test_a_company_and_its_attributes() -> None:
    item = {
        "type": "company",
        "id": "1",
        "company_id": "7",
        "name": "Harbour Ltd",
        "website": "https://www.harbour.example/",
        "custom_attributes": {"tier": "gold"},
    }

    assert form_of("intercom", {"topic": "company.created", "data": {"item": item}}) == {
        "company": {
            "id": "1",
            "name": "Harbour Ltd",
            "domain": "harbour.example",
            "custom": {"company_id": "7", "tier": "gold"},
        }
    }


def test_who_began_a_conversation_is_its_contact() -> None:
    item = {
        "type": "conversation",
        "id": "c",
        "source": {
            "author": {"type": "user", "id": "1", "name": "Mira Sol", "email": "m@x.example"}
        },
    }

    assert form_of("intercom", {"data": {"item": item}}) == {
        "contact": {"id": "1", "name": "Mira Sol", "email": "m@x.example"}
    }


@pytest.mark.parametrize(
    "author", [{"type": "admin", "email": "a@x.example"}, {}, None, []], ids=str
)
def test_a_conversation_that_no_customer_began_has_no_contact(author: object) -> None:
    assert (
        form_of(
            "intercom", {"data": {"item": {"type": "conversation", "source": {"author": author}}}}
        )
        == {}
    )
