"""CRMs whose bodies are written by their administrators, and what all CRMs' guides say."""

from dataclasses import replace

import pytest

from senders.delivery import Refused
from senders.memory import compare, record_of, remember
from senders.preset import Preset
from senders.presets import PRESETS, preset_named
from senders.presets.crm_platforms import ROWS as PLATFORMS
from senders.presets.crm_suites import ROWS as SUITES
from senders.reading import read_events
from senders.sources import Source, read_sources
from senders.verify import verify
from tests.normal_forms import read, sample
from tests.samples import PUBLIC_URL, delivered

WRITTEN = ("salesforce-flow", "zoho-workflow", "freshsales")
SECRET = "a-secret-that-the-administrator-made"


def source(preset: str, more: str = "secrets: [SECRET]") -> Source:
    text = f"crm: {{preset: {preset}, {more}}}"
    return read_sources(text, {"SECRET": SECRET, "PATH": SECRET})["crm"]


@pytest.mark.parametrize("preset", WRITTEN)
def test_a_body_in_the_suggested_shape_needs_no_settings(preset: str) -> None:
    event = read(f"{preset}-deal-won")

    assert event.type == "deal.won"
    assert str(event.occurred_at) == "2026-04-15 10:00:00+00:00"
    assert event.form == {"body": event.body}
    assert event.identity == read(f"{preset}-deal-won").identity
    assert event.identity.split("/")[1] == "deal.won"


def test_a_form_with_the_same_names_is_the_same_event() -> None:
    json, form = (read(f"zoho-workflow-{kind}") for kind in ("deal-won", "form"))

    assert form.identity == json.identity
    assert (form.type, form.occurred_at) == (json.type, json.occurred_at)


@pytest.mark.parametrize("preset", WRITTEN)
def test_other_names_are_told_by_the_settings(preset: str) -> None:
    named = source(preset, "secrets: [SECRET], id: email, type: deal.stage, occurred_at: at")
    delivery = delivered(sample(f"{preset}-deal-won"), named)

    [event] = read_events(named, delivery)

    assert event.identity == "mira.sol@harbour.example"
    assert event.type in ("Closed Won", "Won")
    assert event.occurred_at is None


@pytest.mark.parametrize("preset", WRITTEN)
@pytest.mark.parametrize(
    "proof",
    [
        "secrets: [SECRET]",
        'secrets: [SECRET], header: X-Api-Key, prefix: ""',
        "path_secrets: [PATH]",
    ],
    ids=["bearer token", "own header", "address"],
)
def test_the_secret_stands_in_a_header_or_in_the_address(preset: str, proof: str) -> None:
    configured = source(preset, proof)
    right = delivered(sample(f"{preset}-deal-won"), configured)
    bare = replace(right, headers=(), token=None)

    verify(configured, right, now=0, public_url=PUBLIC_URL)
    with pytest.raises(Refused):
        verify(configured, bare, now=0, public_url=PUBLIC_URL)


def test_a_dataverse_key_can_stand_in_any_header() -> None:
    own = source("dataverse", "secrets: [SECRET], header: X-Our-Key")
    delivery = delivered(sample("dataverse-deal-won"), own)

    assert delivery.values("X-Our-Key") == (SECRET,)
    verify(own, delivery, now=0, public_url=PUBLIC_URL)
    with pytest.raises(Refused):
        verify(source("dataverse"), delivery, now=0, public_url=PUBLIC_URL)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("hubspot-v3", "hubspot"),
        ("hubspot-workflow", "hubspot-v2"),
        ("salesforce", "salesforce-outbound"),
        ("salesforce-om", "salesforce-outbound"),
        ("dynamics", "dataverse"),
        ("zoho-crm", "zoho"),
        ("active-campaign", "activecampaign"),
    ],
)
def test_a_preset_is_found_by_the_names_that_people_try(asked: str, found: str) -> None:
    assert preset_named(asked) is PRESETS[found]


@pytest.mark.parametrize("row", [*SUITES, *PLATFORMS], ids=lambda row: row.name)
def test_every_guide_says_where_to_paste_what(row: Preset) -> None:
    assert row.guide.group == "CRM"
    assert row.guide.link.startswith("https://")
    assert "secret" in row.guide.steps
    assert row.guide.undocumented
    assert all(sentence.endswith(".") for sentence in row.guide.undocumented)


def test_the_records_of_senders_that_tell_only_how_they_are_now_are_remembered() -> None:
    rows = {row.name for row in (*SUITES, *PLATFORMS) if row.remembers}

    assert rows == {"activecampaign", "hubspot-v2", "salesforce-outbound"}


@pytest.mark.parametrize("preset", ["salesforce-outbound", "activecampaign"])
def test_only_the_edit_that_won_the_deal_changes_its_status_to_won(preset: str) -> None:
    known = None
    won = []
    for place, edit in enumerate(("open", "won", "later")):
        event = read(f"{preset}-deal-{edit}")
        normal = {"event": {"type": event.type}, **event.form}
        record = record_of(normal)
        assert record is not None
        change = compare(known, normal, record, (place, place))
        known = remember(known, normal, record, (place, place), event.identity)
        if event.root("deal")["status"] == "won" and "deal.status" in change.changed:
            won.append(edit)

    assert won == ["won"]


def test_the_sessions_and_tokens_of_a_crm_are_forgotten() -> None:
    assert PRESETS["salesforce-outbound"].forget == ("SessionId",)
    assert PRESETS["zoho"].forget == ("token",)
