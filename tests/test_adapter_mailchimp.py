"""Mailchimp's audience events in the names of the normal form."""

import pytest

from tests.normal_forms import read, told

SUBSCRIBE = "mailchimp-subscribe.http"
UNSUBSCRIBE = "mailchimp-unsubscribe.json"
UPEMAIL = "mailchimp-upemail.json"
MEMBER = {
    "id": "8a25ff1d98",
    "email": "mira.sol@harbour.example",
    "first_name": "Mira",
    "last_name": "Sol",
    "name": "Mira Sol",
}


def test_who_subscribes_is_a_contact_with_the_merge_fields() -> None:
    assert read(SUBSCRIBE).type == "contact.subscribed"
    assert told(SUBSCRIBE) == {
        "contact": {
            **MEMBER,
            "custom": {
                "COURSE": "Safety Basics",
                "INTERESTS": "Courses, News",
                "list_id": "a6b5da1054",
                "web_id": "3375995",
                "email_type": "html",
            },
        }
    }


def test_who_leaves_has_a_reason() -> None:
    assert read(UNSUBSCRIBE).type == "contact.unsubscribed"
    assert told(UNSUBSCRIBE) == {
        "contact": {
            **MEMBER,
            "custom": {
                "INTERESTS": "Courses, News",
                "list_id": "a6b5da1054",
                "email_type": "html",
                "action": "unsub",
                "reason": "manual",
                "campaign_id": "cb398d21d2",
            },
        }
    }


def test_a_new_address_stands_beside_the_old_one() -> None:
    assert read(UPEMAIL).type == "contact.email_changed"
    assert told(UPEMAIL) == {
        "contact": {
            "id": "51da8c3259",
            "email": "mira.berg@harbour.example",
            "custom": {"list_id": "a6b5da1054"},
        },
        "changed": ["contact.email"],
        "previous": {"contact": {"email": "mira.sol@harbour.example"}},
    }


@pytest.mark.parametrize(
    ("vendors", "kind"),
    [
        ("subscribe", "contact.subscribed"),
        ("unsubscribe", "contact.unsubscribed"),
        ("profile", "contact.updated"),
        ("cleaned", "contact.cleaned"),
        ("pending", "contact.pending"),
        ("campaign", "campaign.updated"),
        ("", "received"),
    ],
)
def test_mailchimp_events_have_the_names_that_rules_use(vendors: str, kind: str) -> None:
    assert read(UNSUBSCRIBE, {"type": vendors}).type == kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [("sent", "campaign.sent"), ("canceled", "campaign.cancelled"), ("odd", "campaign.updated")],
)
def test_a_campaign_is_no_contact(status: str, kind: str) -> None:
    changes = {
        "type": "campaign",
        "data": {"id": "5aa2102003", "subject": "News", "status": status, "list_id": "a6b5da1054"},
    }

    assert read(UNSUBSCRIBE, changes).type == kind
    assert told(UNSUBSCRIBE, changes) == {}


def test_an_address_that_was_cleaned_has_no_id_and_is_still_known() -> None:
    def cleaned(email: str) -> str:
        data = {"list_id": "a6b5da1054", "email": email, "reason": "hard", "campaign_id": "4fjk2"}
        return read(UNSUBSCRIBE, {"type": "cleaned", "data": data}).identity

    assert cleaned("a@x.example") == cleaned("a@x.example") != cleaned("b@x.example")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (UNSUBSCRIBE, "type"),
        (UNSUBSCRIBE, "fired_at"),
        (UNSUBSCRIBE, "data.id"),
        (UPEMAIL, "data.new_id"),
    ],
)
def test_a_mailchimp_event_is_known_by_type_time_and_member(name: str, path: str) -> None:
    first, again, other = read(name), read(name), read(name, {path: "another"})

    assert first.identity == again.identity != other.identity


def test_one_person_in_two_audiences_is_heard_twice() -> None:
    one, other = (read(UNSUBSCRIBE, {"data.list_id": audience}) for audience in ("a", "b"))

    assert one.identity != other.identity
