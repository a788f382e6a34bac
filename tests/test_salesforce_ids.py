"""One spelling for Salesforce's ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.salesforce_ids import long_id


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("0068d00000BqK4X", "0068d00000BqK4XAAV"),
        ("00D8d000000HrBx", "00D8d000000HrBxEAK"),
        ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaAAA"),
        ("0068d00000BqK4XAAV", "0068d00000BqK4XAAV"),
        ("0068d00000BqK4", "0068d00000BqK4"),
        ("0068d00000Bq-4X", "0068d00000Bq-4X"),
        ("", ""),
    ],
)
def test_an_id_is_read_in_its_long_spelling(short: str, long: str) -> None:
    assert long_id(short) == long


@given(st.text("abcXYZ019", min_size=15, max_size=15))
def test_two_ids_that_differ_in_capitals_alone_differ_when_capitals_are_ignored(short: str) -> None:
    swapped = short.swapcase()

    same = long_id(short).lower() == long_id(swapped).lower()

    assert same == (short == swapped)
