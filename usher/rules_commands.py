"""`usher rules check` and `usher rules test`: what is wrong in rule files, before they go live."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from rulebook import (
    Problem,
    Reading,
    Severity,
    Span,
    TestResult,
    Vocabulary,
    format_problem,
    in_order,
    is_rule_file,
    read_folder,
    run_tests,
)
from senders.sources import SourcesError
from usher.failing import FOUND_WRONG, Commands, Failed
from usher.output import document, remark, safe
from workers.rulefiles import Tree, read_one, read_tree
from workers.settings import Settings, environment, load_settings
from workers.sources_file import load_names, vocabulary

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_UNCHECKED = "The names of sources are not checked: there is no {} (SOURCES_FILE)."


@dataclass(frozen=True, slots=True)
class Checked:
    """A folder or file as read: its texts, what they hold, and what is wrong; paths as shown."""

    tree: Tree
    reading: Reading

    def problems(self) -> tuple[Problem, ...]:
        """Every problem, those of files that cannot be opened included."""
        closed = (
            Problem(path, Span.of(1, 1), Severity.ERROR, "Y25", f"this file cannot be read: {why}")
            for path, why in self.tree.unreadable.items()
        )
        return in_order((*self.reading.problems, *closed))

    def shown(self, file: str) -> str:
        """A path of the tree as it leads there from the working directory."""
        return (self.tree.root / file).as_posix()


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON; same as --format json."),
        click.option(
            "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output."
        ),
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command


@click.group(cls=Commands)
def rules() -> None:
    """Check rule files and run their tests."""


@rules.command()
@_options
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.pass_context
def check(
    ctx: click.Context, paths: Sequence[Path], form: str, as_json: bool, strict: bool
) -> None:
    """Say everything that is wrong in rule files, with its place and what helps.

    PATHS are rule files or folders of them; without any, the folder of the setting RULES_DIR.
    """
    checked = _read(paths)
    if as_json or form == "json":
        document([_as_json(problem, one) for one in checked for problem in one.problems()])
    else:
        _report(checked, errors_only=False)
        click.echo(_summary(checked))
    problems = [problem for one in checked for problem in one.problems()]
    if any(strict or problem.is_error for problem in problems):
        ctx.exit(FOUND_WRONG)


@rules.command()
@_options
@click.pass_context
def test(ctx: click.Context, paths: Sequence[Path], form: str, as_json: bool) -> None:
    """Run the tests inside rule files: no clock, no network, nothing is carried out.

    PATHS are rule files or folders of them; without any, the folder of the setting RULES_DIR.
    """
    checked = _read(paths)
    results = [
        (one, result)
        for one in checked
        for file in one.reading.files.values()
        for result in run_tests(file)
    ]
    failed = [(one, result) for one, result in results if not result.passed]
    wrong = [(one, problem) for one in checked for problem in one.problems() if problem.is_error]
    if as_json or form == "json":
        errors = [_as_json(problem, one) for one, problem in wrong]
        document([*errors, *(_as_json(_as_problem(result), one) for one, result in failed)])
    else:
        _report(checked, errors_only=True)
        for one, result in failed:
            _say_failed(result, one)
        click.echo(_test_summary(results, len(failed), len(wrong)))
    if failed or wrong:
        ctx.exit(FOUND_WRONG)


def _read(paths: Sequence[Path]) -> list[Checked]:
    settings = load_settings()
    trees: dict[Path, Tree] = {}
    for path in paths or [settings.rules_dir]:
        tree = _tree(path, settings.rules_dir)
        known = trees.get(tree.root)
        trees[tree.root] = _together(known, tree) if known else tree
    vocabulary = _vocabulary(settings)
    return [Checked(tree, read_folder(tree.files, vocabulary)) for tree in trees.values()]


def _tree(path: Path, rules_dir: Path) -> Tree:
    if path.is_dir():
        tree = read_tree(path)
        if not any(is_rule_file(file) for file in (*tree.files, *tree.unreadable)):
            raise Failed(f"{path}: there is no rule file in this folder", "Rule files end in .yaml")
        return tree
    if not path.exists():
        raise Failed(f"{path}: there is no such file or folder")
    if path.suffix not in {".yaml", ".yml"}:
        raise Failed(f"{path}: this is no rule file", "Rule files end in .yaml")
    return read_one(path, rules_dir)


def _together(one: Tree, other: Tree) -> Tree:
    return replace(
        one,
        files={**one.files, **other.files},
        unreadable={**one.unreadable, **other.unreadable},
    )


def _vocabulary(settings: Settings) -> Vocabulary:
    """Who may send, without any secret; sources are not checked where the file cannot be read."""
    try:
        names = load_names(settings.sources_file)
        if names is None and "SOURCES_FILE" in environment(settings):
            remark(_UNCHECKED.format(settings.sources_file))
        return vocabulary(names)
    except SourcesError as error:
        remark(f"The names of sources are not checked, because their file cannot be used:\n{error}")
        return vocabulary(None)


def _as_json(problem: Problem, one: Checked) -> dict[str, object]:
    return {
        "file": one.shown(problem.file),
        "line": problem.line,
        "column": problem.column,
        "end_line": problem.end_line,
        "end_column": problem.end_column,
        "severity": str(problem.severity),
        "code": problem.code,
        "message": problem.message,
        "help": " ".join(filter(None, (problem.label, problem.help))) or None,
    }


def _as_problem(result: TestResult) -> Problem:
    message = f"test failed: {result.name}: {result.message}"
    return Problem(result.file, Span.of(result.line, 1), Severity.ERROR, "TEST", message)


def _report(checked: Iterable[Checked], *, errors_only: bool) -> None:
    told = [(one, problem) for one in checked for problem in one.problems()]
    for one, problem in sorted(told, key=lambda pair: not pair[1].is_error):
        if problem.is_error or not errors_only:
            text = one.tree.files.get(problem.file, "")
            shown = replace(problem, file=one.shown(problem.file))
            headline, *rest = format_problem(shown, text).split("\n")
            click.secho(safe(headline), fg=COLOURS[problem.severity])
            click.echo("\n".join([*(safe(line) for line in rest), ""]))


def _say_failed(result: TestResult, one: Checked) -> None:
    place = f"{one.shown(result.file)}:{result.line}"
    click.secho(safe(f'{place}: test failed: rule {result.rule_id}, "{result.name}"'), fg="red")
    click.echo(f"  {safe(result.message)}\n")


def _summary(checked: Iterable[Checked]) -> str:
    trees = list(checked)
    problems = [problem for one in trees for problem in one.problems()]
    files = sum(is_rule_file(file) for one in trees for file in one.tree.files)
    found = sum(len(file.rules) for one in trees for file in one.reading.files.values())
    errors = sum(problem.is_error for problem in problems)
    words = [_count(files, "file"), _count(found, "rule")]
    if errors:
        words.append(_count(errors, "error"))
    if len(problems) > errors:
        words.append(_count(len(problems) - errors, "warning"))
    summary = ", ".join(words if problems else [*words, "no problems"])
    examples = any(
        any(file.examples.values()) for one in trees for file in one.reading.files.values()
    )
    return f"{summary}; inline tests not run: `usher rules test`" if examples else summary


def _test_summary(results: Sequence[object], failed: int, errors: int) -> str:
    words = [_count(len(results), "test")]
    if failed:
        words.append(f"{failed} failed")
    if errors:
        words.append(f"{_count(errors, 'error')} in files whose tests did not run")
    return ", ".join(words if failed or errors else [*words, "all passed"])


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
