"""Twenty thousand rule files with slips in them: each is taken, or refused with its place.

    python -m tests.proofs.fuzz_rules [--files 20000] [--seed 1]

Counts what became of them and prints it. Ends with status 1 if anything was raised, if a file was
refused without a message or with a place that it does not have, or if one took over 250 ms.
"""

import argparse
import json
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from rulebook import (
    Problem,
    Reading,
    Rule,
    files_named,
    format_problem,
    read_folder,
    run_tests,
)
from rulebook.problems import split_lines
from tests.every_sender import VOCABULARY
from tests.proofs.mutated_rules import Mutations, Original, originals

FILES: Final = 20_000
# seconds that one file may take to be read, compiled and tested
MOST_SECONDS: Final = 0.25
_SHOWN: Final = 20
_QUOTED: Final = 2_000
_CODE = re.compile(r"[YSRCFATW][0-9]{2}")


@dataclass(slots=True)
class Report:
    """What became of the files. `violations` is empty if every promise was kept."""

    taken: int = 0
    refused: int = 0
    unchanged: int = 0
    tests_run: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    slowest: str = ""

    @property
    def total(self) -> int:
        return self.taken + self.refused

    def lines(self) -> Iterator[str]:
        """The figures, for people."""
        spent = sum(self.times)
        yield f"{self.total:,} files in {spent:.0f} s, {self.unchanged:,} of them as before"
        yield f"refused:  {self.refused:,}, each with its place and what is wrong"
        yield f"taken:    {self.taken:,}; {self.tests_run:,} of the tests inside were run"
        ordered = sorted(self.times)
        middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        yield (
            f"a file:   {middle * 1e3:.1f} ms in the middle, {late * 1e3:.1f} ms at 99 %, "
            f"{ordered[-1] * 1e3:.0f} ms the slowest ({self.slowest})"
        )
        yield f"{len(self.codes)} codes: " + ", ".join(
            f"{code} x {count:,}" for code, count in sorted(self.codes.items())
        )
        yield f"over {MOST_SECONDS * 1e3:.0f} ms: {len(self.slow)}"
        yield from (f"  {told}" for told in self.slow[:_SHOWN])
        yield f"violations: {len(self.violations)}"
        yield from (f"  {told}" for told in self.violations[:_SHOWN])


def fuzz(*, files: int, seed: int) -> Report:
    """Reads so many files with slips in them, and uses those that are taken."""
    good, bad = originals()
    chance = Random(seed)  # noqa: S311 - chance that can be repeated
    mutations = Mutations([original.text for original in (*good, *bad)], chance)
    report = Report()
    for number in range(files):
        # bad ones are many and small; as often as them, one that works is damaged
        known = good if number % 2 else bad
        original = known[number // 2 % len(known)]
        text = mutations.mutate(original.text)
        report.unchanged += text == original.text
        _try(original, text, f"{original.path}, file {number}", report)
    return report


def _try(original: Original, text: str, named: str, report: Report) -> None:
    started = time.perf_counter()
    try:
        reading = read_folder({original.path: text, **original.beside}, VOCABULARY)
        report.tests_run += sum(len(run_tests(file)) for file in reading.files.values())
        spent = time.perf_counter() - started
        told = list(_broken_promises(original.path, text, reading))
    except Exception:  # whatever it is, it is a fault of ours
        reading, spent, told = Reading({}, ()), 0.0, [traceback.format_exc(limit=-3)]
    if spent > max(report.times, default=0.0):
        report.slowest = named
    if spent > MOST_SECONDS:
        report.slow.append(f"{named} took {spent * 1e3:.0f} ms: {text[:_QUOTED]!r}")
    report.times.append(spent)
    report.taken += bool(reading.files)
    report.refused += not reading.files
    report.codes.update(problem.code for problem in reading.problems)
    report.violations += [f"{named}: {each}\n{text[:_QUOTED]!r}" for each in told]


def _broken_promises(path: str, text: str, reading: Reading) -> Iterator[str]:
    """What is not as it has to be in what was read; raises nothing if all is well."""
    errors = [problem for problem in reading.problems if problem.is_error]
    if bool(errors) == bool(reading.files):
        yield f"{len(errors)} errors, and {len(reading.files)} files that can be used"
    lines = split_lines(text)
    for problem in reading.problems:
        if not _has_place(problem, path, lines):
            yield f"no such place: {problem}"
        if not problem.message.strip() or not _CODE.fullmatch(problem.code):
            yield f"nothing is said: {problem}"
        format_problem(problem, text)
    files_named(path, text)
    for rule in (rule for file in reading.files.values() for rule in file.rules):
        # what is published goes through JSON, and comes back as the same rule
        stored = json.loads(json.dumps(rule.body))
        if Rule.from_body(stored).hash != rule.hash:
            yield f"rule {rule.id} is another one when it is stored"


def _has_place(problem: Problem, path: str, lines: Sequence[str]) -> bool:
    span = problem.span
    if problem.file != path or not 1 <= span.line <= len(lines):
        return False
    # one past the end is where something is missing
    return 1 <= span.column <= len(lines[span.line - 1]) + 1 and span.line <= span.end_line


def main() -> int:
    """The exit status: 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description="Fuzz the reader of rule files.")
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    report = fuzz(files=told.files, seed=told.seed)
    print("\n".join(report.lines()))  # a program's output
    return 1 if report.violations or report.slow else 0


if __name__ == "__main__":
    sys.exit(main())
