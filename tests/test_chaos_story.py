"""The judges of the proof of chaos: what they must find wrong, and what they must not."""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.proofs.chaos_story import (
    ASKED,
    GUESTS,
    PAID,
    REFUNDED,
    Seat,
    Told,
    deliveries,
    events,
    wrong_seats,
    wrong_tellings,
)

ADA = "ada@customer.example"
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def a_story(course: int, *kinds: str) -> list[Told]:
    """What is told of Ada and that course, one thing a second."""
    seat = Seat("default", ADA, course)
    return [
        Told(number, kind, seat, BEGAN + timedelta(seconds=number))
        for number, kind in enumerate(kinds)
    ]


def a_portal(
    course: int, *, made: int = 0, ended: int = 0, mails: int = 0, seats: int = 0, accounts: int = 1
) -> dict[str, Any]:
    """The state of a portal as its simulator tells it."""
    counted = {"enrolments": made, "unenrolments": ended, "invitation_mails": mails}
    return {
        "courses": [{"id": course, "learners": [{"email": ADA}] * seats}],
        "effects": {
            "accounts": {ADA: accounts},
            **{what: {str(course): {ADA: number}} for what, number in counted.items()},
        },
        "unenrol_trap": {"sprung": False},
    }


@pytest.mark.parametrize(
    ("course", "kinds", "state"),
    [
        (101, (PAID,), {"made": 1, "seats": 1}),
        (101, (PAID,), {"mails": 1}),
        (101, (PAID, REFUNDED), {"made": 1, "ended": 1}),
        (101, (PAID, REFUNDED), {}),
        (101, (PAID, REFUNDED, PAID), {"made": 2, "ended": 1, "seats": 1}),
        (GUESTS, (ASKED, ASKED), {"mails": 1}),
    ],
    ids=["seated", "invited", "refunded", "refunded first", "seated again", "a guest"],
)
def test_what_is_as_the_last_word_has_it_is_right(
    course: int, kinds: tuple[str, ...], state: dict[str, int]
) -> None:
    found = wrong_seats(a_story(course, *kinds), "default", a_portal(course, **state), set())

    assert list(found) == []


@pytest.mark.parametrize(
    ("course", "kinds", "state", "complaint"),
    [
        (101, (PAID,), {}, "not the last word"),
        (101, (PAID, REFUNDED), {"made": 1, "seats": 1}, "not the last word"),
        (101, (PAID,), {"made": 2, "seats": 2}, "done twice"),
        (101, (PAID,), {"made": 2, "ended": 1, "seats": 1}, "done twice"),
        (GUESTS, (ASKED,), {"mails": 2}, "done twice"),
        (101, (PAID,), {"made": 1, "seats": 1, "accounts": 2}, "2 accounts"),
    ],
    ids=["no seat", "a seat kept", "two seats", "seated in vain", "two mails", "two accounts"],
)
def test_what_is_not_or_came_twice_is_found(
    course: int, kinds: tuple[str, ...], state: dict[str, int], complaint: str
) -> None:
    found = wrong_seats(a_story(course, *kinds), "default", a_portal(course, **state), set())

    assert [complaint in each for each in found] == [True]


def test_a_trap_that_was_sprung_is_found() -> None:
    state = {**a_portal(101, made=1, seats=1), "unenrol_trap": {"sprung": True}}

    assert list(wrong_seats(a_story(101, PAID), "default", state, set())) == [
        "default: the trap was sprung"
    ]


def a_telling(run: str, key: str, said: str = "") -> tuple[str, bytes]:
    return key, json.dumps({"data": {"run": run}, "said": said}).encode()


@pytest.mark.parametrize(
    ("sent", "complaints"),
    [
        ([a_telling("run_1", "run_1-callback")] * 2, []),
        ([a_telling("run_1", "one"), a_telling("run_1", "two")], ["run_1 was told of under 2 ids"]),
        ([a_telling("run_1", "one"), a_telling("run_1", "one", "x")], ["one had 2 bodies"]),
        ([], ["run_1 was never told of"]),
        (
            [a_telling("run_1", "one"), a_telling("run_2", "two")],
            ["run_2 was told of and has not finished"],
        ),
    ],
    ids=["the same again", "two ids", "two bodies", "not told", "told too early"],
)
def test_every_finished_run_is_told_of_under_one_id(
    sent: list[tuple[str, bytes]], complaints: list[str]
) -> None:
    assert list(wrong_tellings(sent, {"run_1"})) == complaints


def test_a_story_is_posted_whole_out_of_order_and_partly_twice() -> None:
    told = events(60, 9, Random(1))  # noqa: S311 - chance that can be repeated

    posted = deliveries(told, Random(2))  # noqa: S311 - the same

    assert set(posted) == set(told)
    assert len(posted) == 66
    assert [each.number for each in posted] != sorted(each.number for each in posted)
