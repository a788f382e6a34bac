"""Condition blocks line by line: every comparison with what the event has, and why it was no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from rulebook.condition_checks import GROUPS, ON_ITEMS
from rulebook.conditions import ITEM, compile_block
from rulebook.filters import Tables
from rulebook.near_misses import NO_FIELD
from rulebook.operators import IGNORE_CASE
from rulebook.paths import MISSING, Path, Scope, parse_path
from rulebook.spelling import nearest
from rulebook.values import shown

# of a list, how many items are gone through line by line
MOST_ITEMS: Final = 5

Block = Mapping[str, Any]

_FAILED: Final = {"any": "not one of them holds", "none": "one of them holds", "all": ""}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of an explanation; `ok` is None for a heading.

    field, comparison, wanted: of a comparison, what it holds against what. found: what the event
    has there, None for nothing.
    """

    ok: bool | None
    text: str
    note: str = ""
    depth: int = 0
    field: str = ""
    comparison: str = ""
    wanted: object = None
    found: object = None

    def __str__(self) -> str:
        mark = "" if self.ok is None else "yes " if self.ok else "NO  "
        note = f"   <- {self.note}" if self.note else ""
        return f"{'   ' * self.depth}{mark}{self.text}{note}"


@dataclass(frozen=True, slots=True)
class Against:
    """What a block is held against: the roots of the event with what was looked up, and a time.

    missing: the look-ups that were not done, so that nobody can say what is in their fields.
    """

    scope: Scope
    now: datetime
    tables: Tables
    missing: frozenset[str] = frozenset()

    def holds(self, block: Block) -> bool:
        """Whether all lines of the block hold."""
        return compile_block(block, self.tables).holds(self.scope, self.now)

    def told(self, block: Block, depth: int = 0) -> Iterator[Told]:
        """Every comparison; those inside of groups and lists stand below them."""
        for key, value in block.items():
            if key in GROUPS:
                yield from self._group(key, value, depth)
                continue
            comparisons = value if isinstance(value, dict) else {_implied(value): value}
            modifier = {IGNORE_CASE: True} if comparisons.get(IGNORE_CASE) is True else {}
            for name, literal in comparisons.items():
                if name != IGNORE_CASE:
                    yield from self._comparison(key, {name: literal, **modifier}, depth)

    def _group(self, word: str, entries: Sequence[Block], depth: int) -> Iterator[Told]:
        failed = "" if self.holds({word: list(entries)}) else _FAILED[word]
        yield Told(None, f"{word} of:", failed, depth)
        for entry in entries:
            below = depth + 1
            if len(entry) > 1:
                yield Told(None, "together:", depth=below)
                below += 1
            yield from self.told(entry, below)

    def _comparison(self, key: str, comparison: Block, depth: int) -> Iterator[Told]:
        path = parse_path(key)
        name, literal = next(iter(comparison.items()))
        if path.root in self.missing:
            text = f"{path.text} {name} {shown(literal)}   (not known: needs lookup {path.root})"
            yield Told(None, text, depth=depth, field=path.text, comparison=name, wanted=literal)
            return
        found = path.getter()(self.scope)
        [line] = compile_block({key: comparison}, self.tables).explain(self.scope, self.now)
        inside = name in ON_ITEMS
        yield Told(
            ok=line.ok,
            text=f"{path.text} {name}:   (event has: {shown(found)})" if inside else line.text,
            note=_note(line.note, path, self.scope),
            depth=depth,
            field=path.text,
            comparison=name,
            wanted=literal,
            found=None if found is MISSING else found,
        )
        if inside and isinstance(found, list):
            yield from self._items(_under_item(literal), found, depth + 1)

    def _items(self, block: Block, items: list[Any], depth: int) -> Iterator[Told]:
        for number, item in enumerate(items[:MOST_ITEMS], 1):
            yield Told(None, f"item {number}:", depth=depth)
            inner = replace(self, scope={**self.scope, ITEM: item})
            yield from inner.told(block, depth + 1)
        if len(items) > MOST_ITEMS:
            yield Told(None, f"... {len(items)} items in all", depth=depth)


def _implied(value: object) -> str:
    return "one_of" if isinstance(value, list) else "equals"


def _note(note: str, path: Path, scope: Scope) -> str:
    """The note, with the name that was probably meant where the event has no such field."""
    if note != NO_FIELD:
        return note
    here: object = scope
    for depth, step in enumerate(path.steps):
        if not isinstance(here, Mapping) or not isinstance(step, str):
            return note
        if step not in here:
            near = nearest(step, (name for name in here if isinstance(name, str)))
            meant = Path((*path.steps[:depth], near, *path.steps[depth + 1 :])) if near else None
            return f"{note}; did you mean {meant.text}?" if meant else note
        here = here[step]
    return note


def _under_item(block: Block) -> dict[str, Any]:
    """The block of an item as one that speaks of `item`."""
    inner: dict[str, Any] = {}
    for key, value in block.items():
        if key in GROUPS:
            inner[key] = [_under_item(entry) for entry in value]
        else:
            path = parse_path(key)
            inner[path.text if path.root == ITEM else path.under(ITEM).text] = value
    return inner
