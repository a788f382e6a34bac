"""Problems of rule files as other programs read them: JSON, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

import click

from rulebook import Problem, Severity, format_problem
from rulebook.codes import FAMILIES, PAGE, TITLES, anchor
from usher.output import safe
from usher.rules_reading import Checked

COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"

Found = tuple[Checked, Problem]


def say_problem(one: Checked, problem: Problem) -> None:
    """Prints a problem for a person: headline, lines with carets, help."""
    text = one.tree.files.get(problem.file, "")
    shown = replace(problem, file=one.shown(problem.file))
    headline, *rest = format_problem(shown, text).split("\n")
    click.secho(safe(headline), fg=COLOURS[problem.severity])
    click.echo("\n".join([*(safe(line) for line in rest), ""]))


def as_json(one: Checked, problem: Problem) -> dict[str, object]:
    """A problem with its place; lines and columns count from 1, an end is just after its place."""
    return {
        "file": one.shown(problem.file),
        "line": problem.line,
        "column": problem.column,
        "end_line": problem.end_line,
        "end_column": problem.end_column,
        "severity": str(problem.severity),
        "code": problem.code,
        "message": problem.message,
        "help": _help(problem) or None,
    }


def as_annotation(one: Checked, problem: Problem) -> str:
    """The line that GitHub Actions shows at the place of the problem.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    place = {"file": one.shown(problem.file), "line": problem.line, "endLine": problem.end_line}
    if problem.line == problem.end_line:
        # columns of several lines are refused
        place |= {"col": problem.column, "endColumn": problem.end_column}
    about = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
    title = _property(f"{problem.code}: {TITLES.get(problem.code, 'test failed')}")
    text = _escaped("\n".join(filter(None, (problem.message, _help(problem)))))
    return f"::{problem.severity} {about},title={title}::{text}"


def as_sarif(found: Iterable[Found], version: str) -> dict[str, Any]:
    """One run of SARIF with all problems and the rules they broke; paths are relative.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    problems = list(found)
    codes = sorted({problem.code for _, problem in problems})
    driver = {"name": "usher", "version": version, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, problem, codes) for one, problem in problems],
    }
    return {"$schema": SARIF, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    level = Severity.WARNING if code.startswith("W") else Severity.ERROR
    return {
        "id": code,
        "shortDescription": {"text": TITLES.get(code, code)},
        "fullDescription": {"text": f"{FAMILIES[code[0]]}: {TITLES.get(code, code)}."},
        "help": {"text": f"See {PAGE}#{anchor(code)}"},
        "defaultConfiguration": {"level": str(level)},
    }


def _result(one: Checked, problem: Problem, codes: list[str]) -> dict[str, Any]:
    region = {
        "startLine": problem.line,
        "startColumn": problem.column,
        "endLine": problem.end_line,
        "endColumn": problem.end_column,
    }
    uri = quote(one.shown(problem.file))
    place = {"artifactLocation": {"uri": uri}, "region": region}
    return {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": str(problem.severity),
        "message": {"text": "\n".join(filter(None, (problem.message, _help(problem))))},
        "locations": [{"physicalLocation": place}],
    }


def _help(problem: Problem) -> str:
    return " ".join(filter(None, (problem.label, problem.help)))


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
