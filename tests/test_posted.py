"""Bodies as they are posted, read for tests: every sender, every shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.posted import event_of
from senders.presets import PRESETS
from tests.json_values import json_values

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"


def read(preset: str, sample: str, types: tuple[str, ...]) -> dict[str, object]:
    return event_of((SAMPLES / sample).read_text(), PRESETS[preset], "crm", types, NOW)


def test_a_body_becomes_the_event_that_rules_see() -> None:
    event = read("pipedrive", "pipedrive-v2-deal-won.json", ("deal.updated",))

    assert event["event"]["source"] == "crm"
    assert event["event"]["type"] == "deal.updated"
    assert event["event"]["received_at"] == "2026-04-15T10:00:00Z"
    assert event["deal"]["status"] == "won"
    assert event["raw"] == json.loads((SAMPLES / "pipedrive-v2-deal-won.json").read_text())


def test_of_a_batch_the_first_event_of_a_wanted_type_is_taken() -> None:
    batch = (SAMPLES / "hubspot-batch.json").read_text()
    kinds = [
        event_of(json.dumps([part]), PRESETS["hubspot"], "crm", (), NOW)["event"]["type"]
        for part in json.loads(batch)
    ]
    last = kinds[-1]

    assert len(set(kinds)) > 1
    assert event_of(batch, PRESETS["hubspot"], "crm", (last,), NOW)["event"]["type"] == last
    assert event_of(batch, PRESETS["hubspot"], "crm", ("x",), NOW)["event"]["type"] == kinds[0]


def test_fields_of_a_form_are_posted_as_a_form() -> None:
    preset = next(row for row in PRESETS.values() if row.name == "wpforms")

    event = event_of('{"contact": {"email": "a@b.example"}}', preset, "form", (), NOW)

    assert "a@b.example" in json.dumps(event["raw"])


def test_a_body_that_does_not_say_its_type_has_the_one_that_is_asked_for() -> None:
    event = event_of('{"a": 1}', PRESETS["hmac"], "shop", ("order.paid",), NOW)

    assert event["event"]["type"] == "order.paid"
    assert event["body"] == {"a": 1}


@pytest.mark.parametrize("body", ["", "{", '{"a": NaN}', "[" * 5_000])
def test_what_is_no_delivery_is_refused_with_its_reason(body: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        event_of(body, PRESETS["hmac"], "shop", ("order.paid",), NOW)


def test_an_empty_batch_holds_no_event() -> None:
    with pytest.raises(ValueError, match="holds no event"):
        event_of("[]", PRESETS["hubspot"], "crm", ("deal.updated",), NOW)


@given(body=json_values, name=st.sampled_from(sorted(PRESETS)))
def test_any_json_is_an_event_or_refused(body: object, name: str) -> None:
    try:
        event = event_of(json.dumps(body), PRESETS[name], "crm", ("deal.updated",), NOW)
    except ValueError:
        return
    assert event["event"]["source"] == "crm"
