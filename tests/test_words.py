"""Times, steps and states as people say them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usher import words
from workers.store import Step

NOW = datetime(2026, 11, 23, 14, 3, 22, tzinfo=timezone(timedelta(hours=1), "CET"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (86_399, "23 h"),
        (86_400, "1 day"),
        (30 * 86_400, "30 days"),
    ],
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert words.span(seconds) == text


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_longer_time_is_never_told_as_a_shorter_one(one: float, other: float) -> None:
    def told(seconds: float) -> int:
        count, unit = words.span(seconds).split()
        return int(count) * {"s": 1, "min": 60, "h": 3600, "day": 86_400, "days": 86_400}[unit]

    short, long = sorted((one, other))
    assert told(short) <= told(long) <= long


def test_today_has_no_date_and_another_day_has_one() -> None:
    assert words.clock(datetime(2026, 11, 23, 13, 0, tzinfo=UTC), NOW) == "14:00:00"
    assert words.clock(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), NOW) == "00:30:00"
    assert words.clock(datetime(2026, 11, 22, 13, 0, tzinfo=UTC), NOW) == "2026-11-22 14:00:00"


def test_a_moment_names_its_zone_and_its_age() -> None:
    assert words.moment(NOW - timedelta(seconds=28), NOW) == "2026-11-23 14:02:54 CET (28 s ago)"
    assert words.moment(NOW, NOW).endswith("(just now)")
    assert words.moment(NOW + timedelta(seconds=3), NOW).endswith("(just now)")


def test_a_time_to_come_is_told_by_how_soon_it_is() -> None:
    assert words.ahead(NOW + timedelta(seconds=28), NOW) == "in 28 s"
    assert words.ahead(NOW - timedelta(seconds=28), NOW) == "any moment now"


@pytest.mark.parametrize(
    ("step", "text"),
    [
        pytest.param(Step("1", "create_account"), "create account", id="not rendered yet"),
        pytest.param(
            Step("1", "enrol", {"course_id": 42, "email": "ada@mail.example", "first_name": None}),
            "enrol ada@mail.example, course 42",
            id="by address",
        ),
        pytest.param(
            Step("1", "enrol_user", {"user_id": 9, "course_id": "c-1"}),
            "enrol user 9, course c-1",
            id="by id",
        ),
        pytest.param(
            Step("1", "update_user", {"attributes": {"city": "x" * 100}}),
            "update user, attributes city " + "x" * 54 + "…",
            id="long value",
        ),
        pytest.param(
            Step("1", "create_account", {"marketing_emails": False, "is_18_plus": True}),
            "create account, marketing emails no, is 18 plus yes",
            id="yes and no",
        ),
        pytest.param(
            Step("1", "callback", {"deal_id": 7, "use": "crm.done", "email": "ada@mail.example"}),
            "callback crm.done, deal 7",
            id="a callback",
        ),
    ],
)
def test_a_step_is_told_by_what_it_does_to_whom(step: Step, text: str) -> None:
    assert words.does(step) == text


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step("1", "enrol"), "not begun"),
        (Step("1", "enrol", tries=1), "tried once, not done"),
        (Step("1", "enrol", tries=3), "tried 3 times, not done"),
        (
            Step("1", "unenrol", tries=1, detail="2 others left"),
            "tried once, not done (2 others left)",
        ),
        (Step("1", "enrol", outcome="already_enrolled", tries=1), "already enrolled"),
        (Step("1", "enrol", outcome="invited", detail="by mail"), "invited (by mail)"),
    ],
)
def test_how_far_a_step_has_come_is_told(step: Step, text: str) -> None:
    assert words.came_to(step) == text
