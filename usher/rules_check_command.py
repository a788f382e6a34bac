"""`usher rules check`: what is wrong in rule files, before they go live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from rulebook import Problem
from rulebook.codes import PAGE
from rulebook.reach import folder_problems
from usher.failing import FOUND_WRONG, Failed
from usher.output import document
from usher.outside_checks import OF_THIS_MACHINE, with_courses, without_secret
from usher.problem_formats import Found, as_annotation, as_json, as_sarif, say_problem
from usher.rule_fixes import fixed
from usher.rules_reading import Checked, all_problems, paths_argument, read_paths
from usher.version import version
from usher.words import number
from workers.settings import Settings, load_settings

FORMS = ("text", "json", "github", "sarif")


@click.command()
@paths_argument
@click.option("--format", "form", type=click.Choice(FORMS), default="text", help="Output.")
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON; same as --format json.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--fix", is_flag=True, help="Cure what has one sure cure, and show what changed.")
@click.option("--dry", is_flag=True, help="With --fix: show the changes, make none.")
@click.option("--online", is_flag=True, help="Ask Coursebox whether it knows the courses.")
@click.pass_context
def check(
    ctx: click.Context,
    paths: Sequence[Path],
    form: str,
    json_wanted: bool,
    strict: bool,
    fix: bool,
    dry: bool,
    online: bool,
) -> None:
    """Say everything that is wrong in rule files, with its place and what helps.

    PATHS are rule files or folders of them; without any, the folder of the setting RULES_DIR.
    That a secret is missing on this machine is told of the folder that is live here (or with
    --online); it is no fault of the files, also with --strict.
    """
    if dry and not fix:
        raise click.UsageError("--dry goes with --fix.")
    form = "json" if json_wanted else form
    settings = load_settings()
    checked = read_paths(paths, settings)
    if fix:
        checked = [fixed(one, dry=dry, beside=form != "text") for one in checked]
    checked = [one.with_more(folder_problems(one.tree.files, one.reading)) for one in checked]
    if paths and not online:
        # files that somebody names may be meant for another machine
        checked, failed = [one.without(OF_THIS_MACHINE) for one in checked], None
    else:
        checked, failed = _asked_outside(checked, settings, online=online)
    found = all_problems(checked)
    _print(form, checked, found)
    if failed is not None:
        raise failed
    if any(_counts(problem, strict=strict) for _, problem in found):
        ctx.exit(FOUND_WRONG)


def _asked_outside(
    checked: list[Checked], settings: Settings, *, online: bool
) -> tuple[list[Checked], Failed | None]:
    """With what is found beyond the files; and, to be said last, why Coursebox was not asked."""
    told = without_secret(checked, settings)
    if not online:
        return told, None
    try:
        return with_courses(told, settings), None
    except Failed as error:
        return told, error


def _counts(problem: Problem, *, strict: bool) -> bool:
    return problem.is_error or (strict and problem.code not in OF_THIS_MACHINE)


def _print(form: str, checked: Sequence[Checked], found: Sequence[Found]) -> None:
    if form == "json":
        document([as_json(one, problem) for one, problem in found])
    elif form == "sarif":
        document(as_sarif(found, version()))
    elif form == "github":
        for one, problem in found:
            click.echo(as_annotation(one, problem))
    else:
        for one, problem in found:
            say_problem(one, problem)
        click.echo(_summary(checked))
        if found:
            click.echo(f"Each code in [ ] is explained, with its cure, in {PAGE}.")


def _summary(checked: Iterable[Checked]) -> str:
    trees = list(checked)
    problems = [problem for one in trees for problem in one.problems()]
    usable = [file for one in trees for file in one.reading.files.values()]
    errors = sum(problem.is_error for problem in problems)
    words = [number(sum(len(one.rule_files) for one in trees), "file")]
    words.append(number(sum(len(file.rules) for file in usable), "rule"))
    if errors:
        words.append(number(errors, "error"))
    if len(problems) > errors:
        words.append(number(len(problems) - errors, "warning"))
    summary = ", ".join(words if problems else [*words, "no problems"])
    examples = any(any(file.examples.values()) for file in usable)
    return f"{summary}; inline tests not run: `usher rules test`" if examples else summary
