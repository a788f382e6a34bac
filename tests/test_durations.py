from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from rulebook.durations import is_date_only, parse_duration, parse_moment
from tests.json_values import json_values

APRIL = datetime(2026, 4, 15, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 second", 1),
        ("30 seconds", 30),
        ("15 minutes", 900),
        ("2 hours", 7_200),
        ("3 days", 259_200),
        ("1 week", 604_800),
        (" 2  weeks ", 1_209_600),
        ("1 days", 86_400),
    ],
)
def test_lengths_of_time_are_words(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("3d", 'write "3 days"'),
        ("1d", 'write "1 day"'),
        ("15min", 'write "15 minutes"'),
        ("2 hrs", 'write "2 hours"'),
        ("1W", 'write "1 week"'),
        ("3days", 'write "3 days"'),
        ("10 s", 'write "10 seconds"'),
        ("3 Days", 'write "3 days"'),
        ("soon", "write it in words"),
        ("3 months", 'write "90 days"'),
        ("-3 days", "write it in words"),
        ("1.5 hours", 'write "90 minutes"'),
        ("3 dayss", "write it in words"),
        ("", "write it in words"),
        ("999999999 weeks", "at most 10 years"),
        (3, "needs a number and a unit"),
        (None, "needs a number and a unit"),
        (True, "needs a number and a unit"),
        (["3 days"], "needs a number and a unit"),
    ],
)
def test_other_lengths_are_refused_with_the_right_spelling(text, help):
    with pytest.raises(ValueError, match=help):
        parse_duration(text)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        pytest.param("2026-04-15", datetime(2026, 4, 15, tzinfo=UTC), id="date"),
        pytest.param("2026-04-15T10:00:00Z", APRIL, id="Z"),
        pytest.param("2026-04-15t10:00:00z", APRIL, id="small letters"),
        pytest.param("2026-04-15T10:00", APRIL, id="no zone is UTC"),
        pytest.param("2026-04-15 10:00:00", APRIL, id="space for T"),
        pytest.param("2026-04-15T12:00:00+02:00", APRIL, id="offset"),
        pytest.param("2026-04-15T12:00:00+0200", APRIL, id="offset without colon"),
        pytest.param("2026-04-15T10:00:00.000Z", APRIL, id="milliseconds"),
        pytest.param(
            "2026-04-15T10:00:00.123456789Z", APRIL + timedelta(microseconds=123456), id="nano"
        ),
        pytest.param(" 2026-04-15T10:00:00Z ", APRIL, id="spaces"),
        pytest.param(1776247200, APRIL, id="unix seconds"),
        pytest.param(1776247200.0, APRIL, id="unix seconds with a point"),
        pytest.param(1776247200000, APRIL, id="unix milliseconds"),
        pytest.param("1776247200", APRIL, id="unix seconds as text"),
        pytest.param("1776247200000", APRIL, id="unix milliseconds as text"),
        pytest.param("20260415", None, id="date without hyphens"),
        pytest.param("15.04.2026", None, id="German date"),
        pytest.param("2026-04", None, id="month"),
        pytest.param("2026-02-30", None, id="no such day"),
        pytest.param("2026-04-15T25:00:00Z", None, id="no such hour"),
        pytest.param("2026-04-15T10:00:00 Europe/Berlin", None, id="zone by name"),
        pytest.param("soon", None, id="word"),
        pytest.param("", None, id="empty"),
        pytest.param(True, None, id="true"),
        pytest.param(None, None, id="null"),
        pytest.param(1e30, None, id="beyond all years"),
        pytest.param(10**400, None, id="huge"),
        pytest.param(float("inf"), None, id="infinite"),
        pytest.param([1776247200], None, id="list"),
        pytest.param({}, None, id="block"),
    ],
)
def test_moments_are_read_as_events_write_them(value, moment):
    assert parse_moment(value) == moment


def test_a_written_offset_is_kept():
    moment = parse_moment("2026-04-15T00:30:00+02:00")

    assert moment == datetime(2026, 4, 15, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert moment.day == 15


@pytest.mark.parametrize(("text", "whole_day"), [("2026-04-15", True), ("2026-04-15T00:00", False)])
def test_a_date_is_told_from_a_time(text, whole_day):
    assert is_date_only(text) is whole_day


@given(json_values)
def test_any_value_is_an_aware_moment_or_none(value):
    moment = parse_moment(value)

    assert moment is None or moment.tzinfo is not None
