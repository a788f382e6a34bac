"""Zapier and Make: whatever their authors send."""

import pytest

from tests.normal_forms import identity_of, read, type_of

BOTH = pytest.mark.parametrize("preset", ["zapier", "make"])


@pytest.mark.parametrize(
    ("file", "type", "identity"),
    [
        ("zapier-order.http", "order.paid", "sheet-row-1042/order.paid"),
        ("make-enrolment.http", "learner.signed_up", "scenario-88-run-4711/learner.signed_up"),
    ],
)
def test_samples_have_their_type_and_the_authors_id(file: str, type: str, identity: str) -> None:
    event = read(file)

    assert (event.type, event.identity) == (type, identity)


def test_fields_of_a_form_and_of_json_stand_under_body() -> None:
    assert read("zapier-order.http").form["body"]["course"] == "Safety Basics"  # type: ignore[index]
    assert read("make-enrolment.http").form["body"]["courses"] == ["101", "103"]  # type: ignore[index]


@BOTH
def test_without_a_key_equal_bodies_are_one_event(preset: str) -> None:
    one, other = {"email": "a@x.example"}, {"email": "b@x.example"}

    assert identity_of(preset, one) == identity_of(preset, dict(one))
    assert identity_of(preset, one) != identity_of(preset, other)


@BOTH
@pytest.mark.parametrize("name", ["type", "event"])
def test_one_key_may_stand_for_events_of_several_types(preset: str, name: str) -> None:
    key = {"Idempotency-Key": "order-17"}
    paid, refunded = {name: "order.paid"}, {name: "order.refunded"}

    assert identity_of(preset, paid, key) == identity_of(preset, {**paid, "at": 2}, key)
    assert identity_of(preset, paid, key) != identity_of(preset, refunded, key)
    assert identity_of(preset, {"at": 1}, key) == identity_of(preset, {"at": 2}, key)


@BOTH
@pytest.mark.parametrize(
    ("said", "body", "type"),
    [("a", {"event": "b"}, "a"), (None, {"event": "b"}, "b"), (None, {}, None), (None, [], None)],
    ids=str,
)
def test_the_type_is_what_is_said_or_the_field_event(
    preset: str, said: str | None, body: object, type: str | None
) -> None:
    assert type_of(preset, body, said) == type
