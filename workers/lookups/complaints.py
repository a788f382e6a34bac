"""Saying what is wrong at a place of lookups.yaml. Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rulebook.nodes import Block, Entry
from rulebook.problems import Findings, Problem
from rulebook.shapes import span_of
from rulebook.spelling import did_you_mean, nearest

# the line of each with its sentence
Problems: TypeAlias = list[tuple[int, str]]


class LookUpsError(Exception):
    """The file cannot be used; `problems` holds all that is wrong, a sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def refuse_if_any(problems: Problems) -> None:
    """Raises LookUpsError with all of them, in the order of their lines."""
    if problems:
        raise LookUpsError([sentence for _, sentence in sorted(problems, key=lambda one: one[0])])


def sentences(findings: Findings) -> Problems:
    return [(problem.line, _sentence(problem)) for problem in findings.problems]


def _sentence(problem: Problem) -> str:
    name = f"{problem.file}: " if problem.file else ""
    cure = "; ".join(filter(None, (problem.label, problem.help)))
    return f"line {problem.line}: {name}{problem.message}{f'; {cure}' if cure else ''}"


def only(body: Block, keys: Iterable[str], findings: Findings) -> None:
    known = tuple(keys)
    for entry in body.entries:
        if entry.key.text not in known:
            near = nearest(entry.key.text, known)
            findings.error(
                entry.key.span,
                "S01",
                f'"{entry.key.text[:60]}" is not a known key here',
                label=did_you_mean(near),
                help=None if near else f"known are {', '.join(known)}",
            )


def say(entry: Entry | None, findings: Findings, message: str) -> None:
    if entry is not None:
        findings.error(span_of(entry), "S03", message)


def say_key(entry: Entry, findings: Findings, message: str) -> None:
    findings.error(entry.key.span, "S03", message)
