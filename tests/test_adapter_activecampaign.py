"""ActiveCampaign's forms in the names of the normal form."""

import pytest

from senders.adapters.activecampaign import ADAPTER
from senders.presets import PRESETS
from tests.normal_forms import form_of, read, root

PRESET = "activecampaign"
MIRA = {
    "id": "27",
    "name": "Mira Sol",
    "first_name": "Mira",
    "last_name": "Sol",
    "email": "mira.sol@harbour.example",
    "company_name": "Harbour Ltd",
}


def test_a_deal_won_comes_with_its_person_and_everything_a_rule_needs() -> None:
    event = read("activecampaign-deal-won")

    assert event.type == "deal.updated"
    assert str(event.occurred_at) == "2026-04-15 10:00:00+00:00"
    custom = event.root("deal").pop("custom")
    assert event.form == {
        "deal": {
            "id": "412",
            "name": "Harbour Ltd: Safety Basics",
            "stage": "Contract",
            "status": "won",
            "amount": "1490",
            "currency": "EUR",
            "pipeline": "Course sales",
            "owner_id": "3",
            "contact_id": "27",
        },
        "contact": {
            **MIRA,
            "phone": "+49 40 555 0101",
            "tags": ["customer", "safety"],
            "custom": {"ip": "203.0.113.7", "3": "Safety Basics"},
        },
    }
    assert custom == {
        "Course": "Safety Basics",
        "Start": "2026-05-04",
        "stageid": "8",
        "pipelineid": "2",
        "status": "1",
        "value": "1,490.00",
        "currency": "eur",
        "currency_symbol": "€",
        "create_date": "2026-04-01 10:12:30",
        "create_date_iso": "2026-04-01T10:12:30+02:00",
        "owner_firstname": "Olga",
        "owner_lastname": "Berg",
        "contact_email": "mira.sol@harbour.example",
        "contact_firstname": "Mira",
        "contact_lastname": "Sol",
    }


def test_three_edits_of_one_deal_are_open_then_won_then_won() -> None:
    edits = [read(f"activecampaign-deal-{edit}") for edit in ("open", "won", "later")]

    assert [edit.root("deal")["status"] for edit in edits] == ["open", "won", "won"]
    assert [edit.root("deal")["amount"] for edit in edits] == ["1490", "1490", "1590"]
    assert {edit.root("deal")["id"] for edit in edits} == {"412"}
    assert [edit.type for edit in edits] == ["deal.created", "deal.updated", "deal.updated"]
    assert len({edit.identity for edit in edits}) == 3
    assert PRESETS[PRESET].remembers


def test_a_form_that_is_posted_again_is_the_same_event() -> None:
    first, again = (read("activecampaign-deal-won") for _ in range(2))

    assert first.identity == again.identity


def test_a_tag_that_was_added_is_the_change() -> None:
    event = read("activecampaign-tag-added")

    assert event.type == "contact.tag_added"
    assert event.form == {
        "contact": {
            **MIRA,
            "tags": ["customer", "safety", "bought safety basics"],
            "custom": {"ip": "203.0.113.7", "3": "Safety Basics"},
        },
        "change": {"field": "tag", "value": "bought safety basics"},
    }


def test_a_subscription_says_to_which_list() -> None:
    event = read("activecampaign-subscribed")

    assert event.type == "contact.subscribed"
    assert event.form == {
        "contact": {
            "id": "31",
            "name": "Ada Lindt",
            "first_name": "Ada",
            "last_name": "Lindt",
            "email": "ada.lindt@meadow.example",
            "custom": {"ip": "203.0.113.7", "list": "5", "3": "First Aid"},
        }
    }


def test_an_account_is_a_company() -> None:
    event = read("activecampaign-account-added")

    assert event.type == "company.created"
    assert event.form == {
        "company": {
            "id": "9",
            "name": "Harbour Ltd",
            "domain": "harbour.example",
            "custom": {
                "created_timestamp": "2026-04-15 11:00:00",
                "updated_timestamp": "2026-04-15 11:00:00",
                "1": "25",
            },
        }
    }


def test_a_deal_without_its_person_brings_the_copy_it_has() -> None:
    deal = {"id": "412", "contactid": "27", "contact_email": "mira.sol@harbour.example"}

    form = form_of(PRESET, {"type": "deal_update", "deal": deal})

    assert form["contact"] == {"id": "27", "email": "mira.sol@harbour.example"}
    assert root(form, "deal")["contact_id"] == "27"


def test_a_field_of_your_own_never_takes_the_place_of_one_of_ours() -> None:
    fields = {"0": {"key": "title", "value": "Doctor"}, "1": {"id": "8", "value": "x"}}

    form = form_of(PRESET, {"deal": {"id": "412", "title": "Safety", "fields": fields}})

    assert form["deal"] == {"id": "412", "name": "Safety", "custom": {"title": "Doctor", "8": "x"}}


@pytest.mark.parametrize(
    ("said", "status"), [("0", "open"), ("1", "won"), ("2", "lost"), ("3", None), ("", None)]
)
def test_the_number_of_a_status_is_read_as_far_as_it_is_known(
    said: str, status: str | None
) -> None:
    form = form_of(PRESET, {"type": "deal_update", "deal": {"id": "412", "status": said}})

    assert root(form, "deal").get("status") == status


@pytest.mark.parametrize(
    ("deal", "amount", "stage"),
    [
        ({"value": "100.00", "stageid": "7"}, "100.00", "7"),
        ({"value": "1,490.00", "value_raw": "1490", "stageid": "7", "stage_title": "Offer"}, "1490",
         "Offer"),
        ({}, None, None),
    ],
    ids=["formatted", "both", "neither"],
)  # fmt: skip
def test_the_plain_amount_and_the_stages_name_go_first(
    deal: dict[str, object], amount: str | None, stage: str | None
) -> None:
    form = form_of(PRESET, {"type": "deal_add", "deal": {"id": "412", **deal}})

    assert root(form, "deal").get("amount") == amount
    assert root(form, "deal").get("stage") == stage


@pytest.mark.parametrize(
    ("said", "type"),
    [
        ("deal_add", "deal.created"),
        ("unsubscribe", "contact.unsubscribed"),
        ("update", "contact.updated"),
        ("open", "email.opened"),
        ("deal_archive", "deal.archive"),
        ("somethingnew", "somethingnew"),
        ("", None),
        (None, None),
    ],
)
def test_every_event_has_a_name(said: str | None, type: str | None) -> None:
    assert ADAPTER.event_type({"type": said}, None) == type


def test_the_fields_of_every_event_type_are_known() -> None:
    assert set(ADAPTER.catalogue) == ADAPTER.types
