"""Damaged rule files, in short; `make proof` damages twenty thousand of them."""

from tests.proofs.fuzz_rules import fuzz


def test_a_damaged_rule_file_is_taken_or_refused_with_its_place() -> None:
    report = fuzz(files=1500, seed=7)

    assert report.violations == []
    assert report.total == 1500
    assert report.taken > 50
    assert report.tests_run > 100
    assert len(report.codes) > 40
