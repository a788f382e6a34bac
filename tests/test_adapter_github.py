"""GitHub's payloads, as JSON and out of a form."""

import pytest

from tests.normal_forms import read, type_of


@pytest.mark.parametrize(
    ("file", "type", "identity"),
    [
        (
            "github-member-added.http",
            "organization.member_added",
            "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        ),
        ("github-push.http", "push", "81e4273f-dd89-11e3-92bc-5da478ed1a69"),
    ],
)
def test_samples_have_their_type_and_the_id_of_the_delivery(
    file: str, type: str, identity: str
) -> None:
    event = read(file)

    assert (event.type, event.identity) == (type, identity)


def test_a_payload_in_a_form_stands_where_one_in_json_does() -> None:
    found = read("github-push.http")
    assert isinstance(found.body, dict)

    assert found.form == {"body": found.body["payload"]}
    assert found.body["payload"]["pusher"]["email"] == "olga.berg@training.example"


def test_a_payload_in_json_is_the_body() -> None:
    found = read("github-member-added.http")

    assert found.form == {"body": found.body}


@pytest.mark.parametrize(
    ("said", "body", "type"),
    [
        ("issues", {"action": "opened"}, "issues.opened"),
        ("issues", {"payload": {"action": "closed"}}, "issues.closed"),
        ("ping", {"zen": "x"}, "ping"),
        ("push", {"action": []}, "push"),
        (None, {"action": "opened"}, None),
    ],
    ids=str,
)
def test_the_header_and_the_action_name_the_type(
    said: str | None, body: object, type: str | None
) -> None:
    assert type_of("github", body, said) == type
