"""`usher rules test`: the tests inside rule files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from rulebook import Problem, Rule, Severity, Span, TestResult, run_tests
from usher.failing import FOUND_WRONG
from usher.junit import junit
from usher.output import document, safe
from usher.problem_formats import Found, as_json, say_problem
from usher.rules_reading import Checked, all_problems, paths_argument, read_paths
from usher.words import number

# a direction in which a rule is not tested -> what there is no test of
UNTESTED: Final = {"W01": "an event that matches", "W02": "an event that must not match"}


@dataclass(frozen=True, slots=True)
class Ran:
    """All tests of the files that can be used, the errors of those that cannot, and the gaps."""

    results: tuple[tuple[Checked, TestResult], ...]
    errors: tuple[Found, ...]
    gaps: tuple[Found, ...]
    rules: int

    @property
    def failed(self) -> tuple[tuple[Checked, TestResult], ...]:
        return tuple(pair for pair in self.results if not pair[1].passed)


@click.command()
@paths_argument
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output."
)
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON; same as --format json.")
@click.option("--coverage", is_flag=True, help="List the rules and directions without a test.")
@click.option("--strict", is_flag=True, help="A direction without a test is an error.")
@click.option("--junit", "report", type=click.Path(path_type=Path), help="Write JUnit XML there.")
@click.pass_context
def test(
    ctx: click.Context,
    paths: Sequence[Path],
    form: str,
    json_wanted: bool,
    coverage: bool,
    strict: bool,
    report: Path | None,
) -> None:
    """Run the tests inside rule files: no clock, no network, nothing is carried out.

    PATHS are rule files or folders of them; without any, the folder of the setting RULES_DIR.
    A rule should have a test of an event that matches and one of an event that must not match.
    """
    ran = _run(read_paths(paths), strict=strict)
    if report is not None:
        report.write_bytes(junit(ran.results, (*ran.errors, *(ran.gaps if strict else ()))))
    if json_wanted or form == "json":
        told = [*ran.errors, *((one, _as_problem(result)) for one, result in ran.failed)]
        document([as_json(*pair) for pair in (*told, *(ran.gaps if coverage or strict else ()))])
    else:
        _say(ran, coverage=coverage, strict=strict)
    if ran.failed or ran.errors or (strict and ran.gaps):
        ctx.exit(FOUND_WRONG)


def _run(checked: Sequence[Checked], *, strict: bool) -> Ran:
    found = all_problems(checked)
    gaps = (pair for pair in found if pair[1].code in UNTESTED)
    files = [(one, file) for one in checked for file in one.reading.files.values()]
    return Ran(
        results=tuple((one, result) for one, file in files for result in run_tests(file)),
        errors=tuple(pair for pair in found if pair[1].is_error),
        gaps=tuple((one, _graver(problem) if strict else problem) for one, problem in gaps),
        rules=sum(len(file.rules) for _, file in files),
    )


def _graver(problem: Problem) -> Problem:
    return replace(problem, severity=Severity.ERROR)


def _as_problem(result: TestResult) -> Problem:
    message = f"test failed: {result.name}: {result.message}"
    return Problem(result.file, Span.of(result.line, 1), Severity.ERROR, "TEST", message)


def _say(ran: Ran, *, coverage: bool, strict: bool) -> None:
    for pair in (*ran.errors, *(ran.gaps if strict else ())):
        say_problem(*pair)
    for one, result in ran.failed:
        place = f"{one.shown(result.file)}:{result.line}"
        click.secho(safe(f'{place}: test failed: rule {result.rule_id}, "{result.name}"'), fg="red")
        click.echo(f"  {safe(result.message)}\n")
    if coverage:
        _say_coverage(ran)
    click.echo(_summary(ran, strict=strict))


def _say_coverage(ran: Ran) -> None:
    for one, problem in ran.gaps:
        place = f"{one.shown(problem.file)}:{problem.line}"
        missing = UNTESTED[problem.code]
        click.echo(safe(f"{place}: rule {_rule_at(one, problem)} has no test of {missing}"))
    lacking = {(one.tree.root, problem.file, problem.line) for one, problem in ran.gaps}
    covered = f"{ran.rules - len(lacking)} of {number(ran.rules, 'rule')} tested in full"
    click.echo(f"{covered}\n" if ran.gaps else covered)


def _rule_at(one: Checked, problem: Problem) -> str:
    rules: tuple[Rule, ...] = one.reading.files[problem.file].rules
    return next((rule.id for rule in rules if rule.line == problem.line), "?")


def _summary(ran: Ran, *, strict: bool) -> str:
    words = [number(len(ran.results), "test")]
    if ran.failed:
        words.append(f"{len(ran.failed)} failed")
    if ran.errors:
        words.append(f"{number(len(ran.errors), 'error')} in files whose tests did not run")
    if strict and ran.gaps:
        words.append(f"{number(len(ran.gaps), 'test')} missing")
    return ", ".join(words if len(words) > 1 else [*words, "all passed"])
