"""Saying what is wrong at a place of lookups.yaml. Pure."""

from collections.abc import Iterable

from rulebook.nodes import Block, Entry
from rulebook.problems import Findings
from rulebook.shapes import span_of
from rulebook.spelling import did_you_mean, nearest


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
