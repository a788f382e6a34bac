"""The long night at the front door, in short; `make proof` sends a hundred thousand requests."""

from pathlib import Path

from tests.proofs.fuzz_receiver import fuzz


def test_nothing_that_comes_in_breaks_the_receiver_or_gets_in_unproved(tmp_path: Path) -> None:
    report = fuzz(tmp_path, requests=3000, seed=2, connections=8)

    assert report.violations == []
    assert report.total >= 3000
    kinds = {kind for kind, _ in report.answers}
    assert len(kinds) == 9
    assert report.redis["accepted"] > 50
