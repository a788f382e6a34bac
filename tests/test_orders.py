"""Amounts, lines and counts of orders."""

import pytest
from hypothesis import given

from senders.adapters.orders import lines, minor_units, number
from tests.json_values import json_values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("149.00", 149),
        ("19.90", 19.9),
        ("-12.5", -12.5),
        ("0", 0),
        (0, 0),
        (7.0, 7),
        (7.25, 7.25),
        ("1,490.00", None),
        (" 5", None),
        ("1e3", None),
        ("٣", None),
        ("", None),
        (True, None),
        (None, None),
        ([], None),
        (10**400, None),
        (1e300, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
    ids=str,
)
def test_a_number_is_what_is_plainly_one(value: object, expected: float | None) -> None:
    assert number(value) == expected
    assert not isinstance(number(value), bool)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (4990, "eur", 49.9),
        (4900, "USD", 49),
        (500, "jpy", 500),
        (500, "krw", 500),
        (500, "ugx", 5),
        (500, "isk", 5),
        (12345, "kwd", 12.345),
        (4990, None, 49.9),
        ("49000", "jpy", 49000),
        (0, "eur", 0),
        (-150, "eur", -1.5),
        (None, "eur", None),
        ("x", "eur", None),
    ],
    ids=str,
)
def test_smallest_units_become_whole_ones(
    amount: object, currency: str | None, expected: float | None
) -> None:
    assert minor_units(amount, currency) == expected


@given(json_values)
def test_no_value_makes_a_number_fail(value: object) -> None:
    assert number(value) is None or isinstance(number(value), int | float)
    assert minor_units(value, "eur") is None or isinstance(minor_units(value, "eur"), int | float)


def test_lines_name_their_products_and_leave_out_what_is_not_there() -> None:
    given_lines = [
        {"name": None, "sku": "a"},
        {"name": "B", "price": 5},
        {"name": None},
        {"name": "C"},
    ]

    assert lines(given_lines) == {
        "product": "B",
        "products": ["B", "C"],
        "items": [{"sku": "a"}, {"name": "B", "price": 5}, {"name": "C"}],
    }
    assert lines([]) == {}
