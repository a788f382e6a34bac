"""What a YAML text holds, with the place of every piece.

Lines and columns count from 1, columns in characters; an end is the first place after the piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text, from a place to the place just after its end."""

    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of(cls, line: int, column: int, length: int = 1) -> Span:
        """A stretch inside one line."""
        return cls(line, column, line, column + length)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One text, number, true/false or nothing; `style` is YAML's quote sign, "" for none."""

    span: Span
    text: str
    value: object
    style: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` line of a block."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of `key: value`, each key once, in the order of the text."""

    span: Span
    entries: tuple[Entry, ...]

    def entry(self, name: str) -> Entry | None:
        """The line with this key."""
        return next((entry for entry in self.entries if entry.key.text == name), None)

    def keys(self) -> frozenset[str]:
        """All its keys."""
        return frozenset(entry.key.text for entry in self.entries)

    @property
    def first(self) -> Span:
        """Where its first key stands; where it begins, if it has none."""
        return self.entries[0].key.span if self.entries else self.span

    def get(self, name: str) -> Node | None:
        """The value under this key."""
        entry = self.entry(name)
        return entry.value if entry else None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    span: Span
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece already complained of: whoever meets it says nothing more."""

    span: Span


Node: TypeAlias = Scalar | Block | Listing | Broken


def plain(node: Node) -> object:
    """The node as dict, list, text, number, true/false or None."""
    match node:
        case Scalar():
            return node.value
        case Block():
            return {entry.key.text: plain(entry.value) for entry in node.entries}
        case Listing():
            return [plain(item) for item in node.items]
        case Broken():
            return None


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, in the order of the text."""
    yield node
    if isinstance(node, Block):
        for entry in node.entries:
            yield from walk(entry.value)
    elif isinstance(node, Listing):
        for item in node.items:
            yield from walk(item)


def is_broken(node: Node) -> bool:
    """Whether any piece of it was already complained of."""
    return any(isinstance(piece, Broken) for piece in walk(node))


def find(node: Node, where: Sequence[str | int]) -> tuple[Span, Node]:
    """The value reached by keys and indexes, with the span of the last key on the way.

    Where the way leads nowhere, the last piece that is there.
    """
    span = node.span
    for step in where:
        if isinstance(node, Block) and (entry := node.entry(str(step))):
            span, node = entry.key.span, entry.value
        elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            span = node.span
        else:
            break
    return span, node


def describe(node: Node) -> str:
    """The node in the words of an error message: `text "yes"`, `a list`, `nothing`."""
    match node:
        case Block():
            return "a block of key: value lines"
        case Listing():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return node.text
        case Scalar(value=str() as text):
            return f'text "{shortened(text)}"'
        case Scalar():
            return f"the number {node.text}"
        case Broken():
            return "something unreadable"


def shortened(text: str, limit: int = 60) -> str:
    """The text on one line, cut to the limit with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
