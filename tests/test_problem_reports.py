"""What a person reads of a mistake: the place, the line, the carets, the help, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulebook import Vocabulary, format_problem, read_folder

REPORTS = sorted((Path(__file__).parent / "problem_reports").glob("*.yaml"))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_is_shown_as_it_was_designed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    problems = read_folder({path.name: text}, Vocabulary()).problems

    shown = "\n\n".join(format_problem(one, text) for one in problems if one.is_error)
    assert shown + "\n" == path.with_suffix(".txt").read_text(encoding="utf-8")
