"""What is wrong in a rule file, and where: the one form in which people and programs read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from rulebook.nodes import Span

TAB_SHOWN = "→  "
# Half of the longest line that is shown whole.
WIDTH = 80


class Severity(StrEnum):
    """How bad: an error keeps its file from being used, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake at its place; `file` is relative to the rules folder, `first` an earlier place.

    Codes: Y reading YAML, S structure, R source, event or table, C condition, F field, A action,
    T template, W warning.
    """

    file: str
    span: Span
    severity: Severity
    code: str
    message: str
    label: str | None = None
    help: str | None = None
    first: Span | None = None

    @property
    def line(self) -> int:
        return self.span.line

    @property
    def column(self) -> int:
        return self.span.column

    @property
    def end_line(self) -> int:
        return self.span.end_line

    @property
    def end_column(self) -> int:
        return self.span.end_column

    @property
    def headline(self) -> str:
        """The first line of its report, in the form that editors read."""
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.severity}[{self.code}]: {self.message}"

    @property
    def is_error(self) -> bool:
        """Whether it keeps the file from being used."""
        return self.severity is Severity.ERROR


@dataclass(slots=True)
class Findings:
    """Collects the problems of one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def error(
        self,
        span: Span,
        code: str,
        message: str,
        *,
        label: str | None = None,
        help: str | None = None,
        first: Span | None = None,
    ) -> None:
        """Note a mistake that keeps the file from being used."""
        self.problems.append(
            Problem(self.file, span, Severity.ERROR, code, message, label, help, first)
        )

    def warning(
        self,
        span: Span,
        code: str,
        message: str,
        *,
        label: str | None = None,
        help: str | None = None,
    ) -> None:
        """Note something that is probably not what was meant."""
        self.problems.append(Problem(self.file, span, Severity.WARNING, code, message, label, help))

    @property
    def errors(self) -> int:
        """How many mistakes there are, warnings not counted."""
        return sum(problem.is_error for problem in self.problems)

    @property
    def has_errors(self) -> bool:
        """Whether the file cannot be used."""
        return self.errors > 0


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems file by file, errors first within a file, then by position, none twice."""

    def place(problem: Problem) -> tuple[str, bool, int, int, str]:
        return (
            problem.file,
            not problem.is_error,
            problem.line,
            problem.column,
            problem.code,
        )

    return tuple(sorted(dict.fromkeys(problems), key=place))


def format_problem(problem: Problem, text: str) -> str:
    """The problem as a person reads it: headline, the lines with carets, help.

    `text` is the text of the problem's file; an empty one leaves the lines out.
    """
    lines = split_lines(text)
    gutter = len(str(problem.line))
    report = [problem.headline]
    if 1 <= problem.line <= len(lines):
        report.append(" " * (gutter + 1) + "|")
        report += _lines_before(problem, lines, gutter)
        report += _marked_line(problem, lines, gutter)
    if problem.help:
        report.append(" " * gutter + f" = help: {problem.help}")
    return "\n".join(report)


def split_lines(text: str) -> list[str]:
    """The lines as an editor counts them: only line feeds and carriage returns end one."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _lines_before(problem: Problem, lines: list[str], gutter: int) -> list[str]:
    first = problem.first
    if first is None:
        number = problem.line - 1
        return [_numbered(number, lines[number - 1], gutter)] if number else []
    shown = [
        _numbered(first.line, lines[first.line - 1], gutter),
        _under(lines[first.line - 1], first.column, "- first written here", gutter),
    ]
    if problem.line - first.line > 1:
        shown.append(".".ljust(gutter) + " |")
    return [] if first.line == problem.line else shown


def _marked_line(problem: Problem, lines: list[str], gutter: int) -> list[str]:
    line = lines[problem.line - 1]
    end = problem.end_column if problem.end_line == problem.line else len(line) + 1
    length = min(end, len(line) + 1) - problem.column
    line, column = _window(line, problem.column)
    carets = "^" * max(1, min(length, WIDTH))
    label = f" {problem.label}" if problem.label else ""
    return [_numbered(problem.line, line, gutter), _under(line, column, carets + label, gutter)]


def _window(line: str, column: int) -> tuple[str, int]:
    """A long line cut to what stands round the column, and the column there."""
    if len(line) <= 2 * WIDTH:
        return line, column
    start = max(0, column - 1 - WIDTH)
    end = start + 2 * WIDTH
    head, tail = "…" if start else "", "…" if end < len(line) else ""
    return head + line[start:end] + tail, column - start + len(head)


def _numbered(number: int, line: str, gutter: int) -> str:
    cut, _ = _window(line, 1)
    return f"{number:>{gutter}} | {_shown(cut)}".rstrip()


def _under(line: str, column: int, mark: str, gutter: int) -> str:
    return " " * gutter + " | " + " " * len(_shown(line[: column - 1])) + mark


def _shown(line: str) -> str:
    """Tabs made visible, other signs that would move the cursor or hide replaced one by one."""
    visible = "".join(sign if sign.isprintable() or sign == "\t" else "·" for sign in line)
    return visible.replace("\t", TAB_SHOWN)
