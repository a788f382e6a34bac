"""A crowd in trouble, in short; `make proof` sends five hundred runs."""

from pathlib import Path

import pytest

from tests.proofs.crowd import busiest_second, prove


def test_a_crowd_in_trouble_is_seated_once_each_and_in_time(tmp_path: Path) -> None:
    report = prove(tmp_path, runs=60, learners=6, workers=2, chance=0.03, seed=2)

    assert report.violations == []
    assert sum(report.outcomes.values()) == 60
    assert sum(report.faults.values()) > 0
    assert 0 < report.busiest <= report.rate


@pytest.mark.parametrize(
    ("times", "most"),
    [([], 0), ([5.0], 1), ([1.0, 1.5, 1.99, 2.0, 2.4], 4), ([3.0, 1.0, 2.0], 1)],
    ids=["none", "one", "across a full second", "in any order"],
)
def test_the_busiest_second_may_begin_anywhere(times: list[float], most: int) -> None:
    assert busiest_second(times) == most
