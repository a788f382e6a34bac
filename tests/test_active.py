"""The active period of a rule, by the clock on the wall of its time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.active import DAYS, Active
from tests.ruleset import event, rule

BERLIN = "Europe/Berlin"
OFFICE = {
    "timezone": BERLIN,
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "hours": ["08:00", "20:00"],
}
NIGHT = {"timezone": BERLIN, "days": ["fri"], "hours": ["22:00", "06:00"]}
SPRING = {"from": "2026-03-01", "until": "2026-03-31", "timezone": BERLIN}


def holds(active: dict[str, Any], now: str) -> bool:
    return Active.of(active).holds(datetime.fromisoformat(now))


@pytest.mark.parametrize(
    ("active", "now", "expected"),
    [
        pytest.param(OFFICE, "2026-04-15T05:59:59+00:00", False, id="before it opens in summer"),
        pytest.param(OFFICE, "2026-04-15T06:00:00+00:00", True, id="as it opens in summer"),
        pytest.param(OFFICE, "2026-01-14T06:30:00+00:00", False, id="before it opens in winter"),
        pytest.param(OFFICE, "2026-01-14T07:00:00+00:00", True, id="as it opens in winter"),
        pytest.param(OFFICE, "2026-04-15T17:59:59+00:00", True, id="just before it closes"),
        pytest.param(OFFICE, "2026-04-15T18:00:00+00:00", False, id="as it closes"),
        pytest.param(OFFICE, "2026-04-18T10:00:00+00:00", False, id="a Saturday"),
        pytest.param(OFFICE, "2026-04-17T20:00:00-10:00", False, id="a Friday elsewhere"),
        pytest.param(NIGHT, "2026-04-17T21:59:00+02:00", False, id="before the night"),
        pytest.param(NIGHT, "2026-04-17T22:00:00+02:00", True, id="Friday night"),
        pytest.param(NIGHT, "2026-04-18T05:59:00+02:00", True, id="Friday's night on Saturday"),
        pytest.param(NIGHT, "2026-04-18T06:00:00+02:00", False, id="Saturday morning"),
        pytest.param(NIGHT, "2026-04-17T05:00:00+02:00", False, id="Thursday's night on Friday"),
        pytest.param(NIGHT, "2026-04-18T22:30:00+02:00", False, id="Saturday night"),
        pytest.param({"days": ["mon"]}, "2026-04-12T23:59:59+00:00", False, id="Sunday in UTC"),
        pytest.param({"days": ["mon"]}, "2026-04-13T01:00:00+02:00", False, id="still Sunday"),
        pytest.param({"days": ["mon"]}, "2026-04-13T00:00:00+00:00", True, id="Monday in UTC"),
        pytest.param(
            {"days": ["mon"], "timezone": BERLIN}, "2026-04-12T22:00:00+00:00", True,
            id="Monday in Berlin",
        ),
        pytest.param(SPRING, "2026-02-28T23:00:00+00:00", True, id="the first moment"),
        pytest.param(SPRING, "2026-02-28T22:59:59+00:00", False, id="before it"),
        pytest.param(SPRING, "2026-03-31T21:59:59+00:00", True, id="the last day counts whole"),
        pytest.param(SPRING, "2026-03-31T22:00:00+00:00", False, id="after the last day"),
        pytest.param({"until": "2026-03-31T12:00:00Z"}, "2026-03-31T12:00:00+00:00", False,
                     id="a time that ends it does not count"),
        pytest.param({"until": "2026-03-31T12:00:00+02:00", "timezone": "America/New_York"},
                     "2026-03-31T09:59:59+00:00", True, id="a written offset is kept"),
        pytest.param({"from": "2026-03-31 12:00", "timezone": "America/New_York"},
                     "2026-03-31T15:59:59+00:00", False, id="local time without an offset"),
        pytest.param({"hours": ["00:00", "24:00"]}, "2026-03-31T23:59:59+00:00", True, id="24:00"),
        pytest.param(
            {"timezone": "Asia/Tokyo", "hours": ["08:00", "20:00"]},
            "9999-12-31T23:00:00+00:00",
            False,
            id="where the calendar ends",
        ),
        pytest.param({"until": "9999-12-31"}, "2026-03-31T23:59:59+00:00", True, id="for ever"),
        pytest.param({"from": "0001-01-01", "timezone": BERLIN}, "2026-03-31T23:59:59+00:00", True,
                     id="since ever"),
    ],
)  # fmt: skip
def test_a_moment_is_inside_or_outside(active: dict[str, Any], now: str, expected: bool) -> None:
    assert holds(active, now) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # on 29 March 2026 the clock goes from 02:00 to 03:00, on 25 October back from 03:00
        ("2026-03-29T00:59:59+00:00", True),
        ("2026-03-29T01:00:00+00:00", False),
        ("2026-10-24T23:59:59+00:00", False),
        ("2026-10-25T00:00:00+00:00", True),
        ("2026-10-25T01:59:59+00:00", True),
        ("2026-10-25T02:00:00+00:00", False),
    ],
)
def test_hours_are_those_on_the_wall_when_the_clock_is_changed(now: str, expected: bool) -> None:
    before_dawn = {"timezone": BERLIN, "hours": ["02:00", "03:00"]}
    midnight = {"timezone": BERLIN, "hours": ["01:00", "03:00"]}

    assert holds(midnight if "03-29" in now else before_dawn, now) is expected


def test_a_working_day_has_its_hours_also_when_the_clock_is_changed() -> None:
    hours = Active.of({"timezone": BERLIN, "hours": ["00:00", "06:00"]})
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    minutes = sum(hours.holds(start + timedelta(minutes=minute)) for minute in range(23 * 60))

    assert minutes == 5 * 60


@given(
    seconds=st.integers(600_000_000, 3_700_000_000),
    zone=st.sampled_from([BERLIN, "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
    hours=st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda two: two[0] != two[1]),
)
def test_hours_and_the_hours_between_them_are_the_whole_day(
    seconds: int, zone: str, hours: tuple[int, int]
) -> None:
    one, other = (f"{hour:02}:00" for hour in hours)
    now = datetime.fromtimestamp(seconds, UTC)

    inside = Active.of({"timezone": zone, "hours": [one, other]}).holds(now)
    outside = Active.of({"timezone": zone, "hours": [other, one]}).holds(now)
    day = Active.of({"timezone": zone, "days": [DAYS[now.astimezone(ZoneInfo(zone)).weekday()]]})

    assert inside is not outside
    assert day.holds(now)


@pytest.mark.parametrize(
    ("active", "words"),
    [
        (OFFICE, "Mon to Fri, 08:00 to 20:00 Europe/Berlin"),
        ({"days": ["sun", "wed"]}, "Wed, Sun UTC"),
        ({"days": ["sat", "sun"], "timezone": BERLIN}, "Sat, Sun Europe/Berlin"),
        ({"hours": ["22:00", "06:00"]}, "22:00 to 06:00 UTC"),
        (SPRING, "from 2026-03-01 until 2026-03-31 Europe/Berlin"),
        ({**SPRING, "hours": ["08:00", "20:00"]},
         "from 2026-03-01 until 2026-03-31, 08:00 to 20:00 Europe/Berlin"),
    ],
)  # fmt: skip
def test_a_period_is_told_in_words(active: dict[str, Any], words: str) -> None:
    assert Active.of(active).words == words


def test_a_rule_outside_its_period_is_skipped_before_its_conditions_are_asked() -> None:
    office = rule(
        "active: {timezone: Europe/Berlin, days: [mon, tue, wed, thu, fri], hours: 08:00-20:00}\n"
        "if: {body.total: {more_than: 10}}"
    )

    late = office.judge(event(body={"total": 5}), datetime(2026, 4, 15, 20, tzinfo=UTC))
    wrong = office.judge(event(body={"total": 5}), datetime(2026, 4, 15, 10, tzinfo=UTC))
    right = office.judge(event(body={"total": 50}), datetime(2026, 4, 15, 10, tzinfo=UTC))

    assert (late.matched, late.skipped, late.reason) == (
        False,
        True,
        "skipped: outside the active period (Mon to Fri, 08:00 to 20:00 Europe/Berlin)",
    )
    assert (wrong.matched, wrong.skipped) == (False, False)
    assert wrong.reason == "no: body.total more_than 10 (event has 5)"
    assert (right.matched, right.skipped) == (True, False)


def test_a_time_zone_that_is_not_on_this_machine_is_named() -> None:
    with pytest.raises(ValueError, match="knows no time zone Europe/Atlantis"):
        Active.of({"timezone": "Europe/Atlantis", "days": ["mon"]})
