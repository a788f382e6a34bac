"""The rollout of a rule: a steady part of all people."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.rollout import share_of
from tests.json_values import json_values
from tests.ruleset import event, rule

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)


def half(id: str = "a-rule", percent: float = 50):
    return rule(f"rollout: {{percent: {percent}, by: '${{ body.email }}'}}", id=id)


def people(count: int) -> list[str]:
    return [f"learner{number}@harbour.example" for number in range(count)]


def inside(one, email: object) -> bool:
    return one.judge(event(body={"email": email}), NOW).matched


def test_the_share_is_that_of_the_hash_of_rule_and_value() -> None:
    said = hashlib.sha256(b"a-rule:sam@learner.example").hexdigest()

    assert share_of("a-rule", "sam@learner.example") == int(said, 16) % 10_000


def test_the_same_person_always_gets_the_same_answer() -> None:
    first, again = half(), half()

    assert [inside(first, one) for one in people(200)] == [
        inside(again, one) for one in people(200)
    ]


@pytest.mark.parametrize(
    ("percent", "low", "high"), [(50, 940, 1_060), (10, 160, 240), (0.5, 1, 25)]
)
def test_about_as_many_are_in_as_it_says(percent: float, low: int, high: int) -> None:
    one = half(percent=percent)

    assert low <= sum(inside(one, each) for each in people(2_000)) <= high


def test_who_is_in_stays_in_when_it_grows() -> None:
    small, large = half(percent=10), half(percent=60)

    assert all(inside(large, one) for one in people(500) if inside(small, one))


def test_another_rule_takes_other_people() -> None:
    one, other = half("one-rule"), half("other-rule")
    both = Counter((inside(one, each), inside(other, each)) for each in people(1_000))

    assert min(both.values()) > 180


@pytest.mark.parametrize(("percent", "expected"), [(0, 0), (100, 300)])
def test_nobody_and_everybody(percent: int, expected: int) -> None:
    assert sum(inside(half(percent=percent), one) for one in people(300)) == expected


def test_who_is_left_out_is_skipped_and_told_why() -> None:
    one = half()
    out = next(each for each in people(100) if not inside(one, each))

    verdict = one.judge(event(body={"email": out}), NOW)

    assert (verdict.matched, verdict.skipped) == (False, True)
    assert verdict.reason == "skipped: not in the 50 % of the rollout"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "as body.email is missing in the event"),
        ({"email": ["a@b.example"]}, "as ${ body.email } is a list, not text"),
    ],
)
def test_who_cannot_be_told_is_left_out(body: dict[str, object], why: str) -> None:
    verdict = half().judge(event(body=body), NOW)

    assert verdict.reason == f"skipped: not in the 50 % of the rollout, {why}"


def test_the_conditions_are_asked_first() -> None:
    one = rule("if: {body.paid: true}\nrollout: {percent: 0, by: '${ body.email }'}")

    unpaid = one.judge(event(body={"email": "a@b.example", "paid": False}), NOW)
    paid = one.judge(event(body={"email": "a@b.example", "paid": True}), NOW)

    assert unpaid.reason.startswith("no: body.paid")
    assert paid.reason == "skipped: not in the 0 % of the rollout"


@given(value=json_values, percent=st.sampled_from([0, 0.01, 50, 99.99, 100]))
def test_no_value_makes_it_fail(value: object, percent: float) -> None:
    assert inside(half(percent=percent), value) in {True, False}
