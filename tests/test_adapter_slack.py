"""Slack's events, commands and buttons."""

import json

import pytest

from tests.normal_forms import read, type_of


@pytest.mark.parametrize(
    ("file", "type", "identity"),
    [
        ("slack-member-joined.json", "team_join", "Ev08ZX7CV6BN"),
        ("slack-command.http", "command.enrol", "%2Fenrol/7712.1483920571.8d4e1f603c2b4a97"),
        ("slack-button.http", "block_actions", "block_actions/7713.1483920572.9e5f20714d3c5ba8"),
    ],
)
def test_samples_have_their_type_and_id(file: str, type: str, identity: str) -> None:
    found = read(file)

    assert (found.type, found.identity) == (type, identity)
    assert found.occurred_at is not None


def test_who_joins_is_a_contact() -> None:
    assert read("slack-member-joined.json").form["contact"] == {
        "id": "U07QK1M2N",
        "name": "Mira Sol",
        "first_name": "Mira",
        "last_name": "Sol",
        "email": "mira.sol@harbour.example",
        "language": "de-DE",
    }


def test_what_was_pressed_stands_under_body() -> None:
    body = read("slack-button.http").form["body"]

    assert body["actions"][0]["value"] == "101"  # type: ignore[index]


@pytest.mark.parametrize(
    "file", ["slack-member-joined.json", "slack-command.http", "slack-button.http"]
)
def test_tokens_and_addresses_to_answer_to_are_kept_nowhere(file: str) -> None:
    kept = json.dumps(read(file).body)

    assert "made-up" not in kept
    assert "hooks.slack" not in kept


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ({"type": "event_callback", "event": {"type": "message"}}, "message"),
        ({"type": "app_rate_limited"}, "app_rate_limited"),
        ({"payload": {"type": "view_submission"}}, "view_submission"),
        ({"payload": "x"}, None),
        ([], None),
    ],
    ids=str,
)
def test_types_are_slacks_own(body: object, type: str | None) -> None:
    assert type_of("slack", body) == type
