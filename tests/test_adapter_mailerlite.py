"""MailerLite's subscriber events in the names of the normal form."""

import pytest

from tests.normal_forms import form_of, read, read_all, told

CREATED = "mailerlite-created.json"
BATCH = "mailerlite-group-batch.json"
WHO = {
    "id": "73940285618304772",
    "email": "mira.sol@harbour.example",
    "first_name": "Mira",
    "last_name": "Sol",
    "name": "Mira Sol",
}
STATE = {"status": "active", "source": "api"}


def test_a_new_subscriber_is_a_contact_with_its_fields() -> None:
    assert read(CREATED).type == "contact.created"
    assert told(CREATED) == {
        "contact": {
            **WHO,
            "company_name": "Harbour Ltd",
            "country": "Germany",
            "custom": {**STATE, "course": "Safety Basics"},
        }
    }


def test_each_event_of_a_batch_says_which_group_or_automation() -> None:
    group = {"group": "Course buyers", "group_id": "54201175883383850"}
    automation = {"automation": "Welcome", "automation_id": "88120175883383850"}

    assert [found.type for found in read_all(BATCH)] == [
        "contact.added_to_group",
        "contact.automation_completed",
    ]
    assert told(BATCH, place=0) == {"contact": {**WHO, "custom": {**STATE, **group}}}
    assert told(BATCH, place=1) == {"contact": {**WHO, "custom": {**STATE, **automation}}}


def test_the_names_of_all_groups_are_tags() -> None:
    body = {"email": "a@x.example", "groups": [{"id": "1", "name": "A"}, {"id": "2"}, "odd"]}

    assert form_of("mailerlite", body) == {"contact": {"email": "a@x.example", "tags": ["A"]}}


@pytest.mark.parametrize(
    ("vendors", "kind"),
    [
        ("subscriber.created", "contact.created"),
        ("subscriber.updated", "contact.updated"),
        ("subscriber.unsubscribed", "contact.unsubscribed"),
        ("subscriber.active", "contact.activated"),
        ("subscriber.brand_new", "contact.brand_new"),
        ("campaign.sent", "campaign.sent"),
        (None, "received"),
    ],
)
def test_mailerlite_events_have_the_names_that_rules_use(vendors: str | None, kind: str) -> None:
    assert read(CREATED, {"event": vendors}).type == kind


def test_a_campaign_of_mailerlite_is_no_contact() -> None:
    campaign = {"event": "campaign.sent", "id": "1", "name": "News", "total_recipients": 5}

    assert form_of("mailerlite", campaign) == {}


def test_a_mailerlite_event_is_known_by_its_content() -> None:
    first, again = read(CREATED), read(CREATED)
    other = read(CREATED, {"email": "jon.aas@harbour.example"})

    assert first.identity == again.identity != other.identity
    assert len({found.identity for found in read_all(BATCH)}) == 2
