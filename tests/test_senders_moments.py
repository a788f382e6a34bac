"""Times as senders write them; what is not clearly a time is no time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.moments import iso, read_moment

TEN = datetime(2026, 4, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1776247200, TEN),
        (1776247200.0, TEN),
        (1776247200000, TEN),
        ("1776247200", TEN),
        ("1776247200000", TEN),
        ("1776247200.500", TEN + timedelta(milliseconds=500)),
        (1776247200057, TEN + timedelta(milliseconds=57)),
        ("2026-04-15T10:00:00Z", TEN),
        (" 2026-04-15T10:00:00.000Z ", TEN),
        ("2026-04-15T12:00:00+02:00", TEN),
        ("2026-04-15 10:00:00", TEN),
        ("2026-04-15", datetime(2026, 4, 15, tzinfo=UTC)),
        ("/Date(1776247200000)/", TEN),
        ("/Date(1776247200000+0200)/", TEN),
    ],
    ids=repr,
)
def test_iso_text_and_unix_seconds_and_milliseconds_are_read(
    value: object, moment: datetime
) -> None:
    assert read_moment(value) == moment


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, [], {}, "", "yesterday", "15.04.2026", "2026-13-01", "24:00", 0, 1, -1),
        *(-1776247200, 99_999_999, 10**14, 10**400, float("nan"), float("inf"), 1e300),
        *("0", "-5", "1e9", "1_776_247_200", "9" * 500, "0001-01-01T00:00:00+23:59"),
        *("/Date(-62135596800000)/", "/Date(17)/", "/Date(1776247200000)", "/Date(9e12)/"),
        *("9999-12-31T23:59:59-23:59", "\ud800", "١٧٧٦٢٤٧٢٠٠"),
    ],
    ids=ascii,
)
def test_odd_values_are_no_time(value: object) -> None:
    assert read_moment(value) is None


def test_a_time_is_written_in_utc_with_a_fraction_only_where_there_is_one() -> None:
    east = timezone(timedelta(hours=2))

    assert iso(datetime(2026, 4, 15, 12, tzinfo=east)) == "2026-04-15T10:00:00Z"
    assert iso(TEN + timedelta(milliseconds=57)) == "2026-04-15T10:00:00.057000Z"


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary())
def test_whatever_is_given_it_is_a_utc_time_or_none(value: object) -> None:
    moment = read_moment(value)

    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_back(moment: datetime) -> None:
    assert read_moment(iso(moment)) == moment
