"""Notes of what `none` also lets through: events that lack the field it speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rulebook.nodes import Block, Entry, Listing, Node, walk
from rulebook.page import Page
from rulebook.paths import PathError, parse_path

_PRESENT = "is_present"


def warn_of_none(rule: Block, when: Sequence[Mapping[str, str]], page: Page) -> None:
    """Notes each field under `none` that is often missing, unless the rule asks if it is there."""
    conditions = [entry.value for entry in rule.entries if entry.key.text in {"if", "require"}]
    lines = [line for node in conditions for line in _lines(node)]
    asked = {line.key.text for line in lines if _asks_presence(line)}
    for line in (line for node in conditions for line in _under_none(node)):
        path = _dotted(line.key.text)
        missing = any(page.vocabulary.lacks(path, **pair) for pair in when)
        if missing and line.key.text not in asked:
            message = f'"{path}" is often missing, and an event without it passes this "none"'
            help = f"if it must not, add {path}: {{is_present: true}} beside none"
            page.findings.warning(line.key.span, "W11", message, help=help)


def _lines(node: Node) -> Iterator[Entry]:
    return (entry for block in walk(node) if isinstance(block, Block) for entry in block.entries)


def _under_none(node: Node) -> Iterator[Entry]:
    for entry in _lines(node):
        if entry.key.text == "none" and isinstance(entry.value, Listing):
            yield from _lines(entry.value)


def _asks_presence(line: Entry) -> bool:
    return isinstance(line.value, Block) and line.value.entry(_PRESENT) is not None


def _dotted(written: str) -> str:
    try:
        return parse_path(written).dotted
    except PathError:
        return ""
