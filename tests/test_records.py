"""The nouns of the store: what can be said of them without Redis."""

from dataclasses import astuple

from workers.store import Counts


def test_counts_are_added_number_by_number() -> None:
    one = Counts(accepted=6, duplicates=1, finished=3, pending=1, dead=1, ignored=1, refused=2)
    other = Counts(accepted=10, duplicates=20, finished=10, refused=30)

    assert astuple(one + other) == (16, 21, 13, 1, 1, 1, 32, 0)
    assert sum((one, other), Counts()) == one + other
    assert (one + other).balanced
