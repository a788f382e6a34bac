"""Condition blocks: compiled once, judged for an event, explained in words.

A block is what YAML gave: ``{"deal.stage": "won", "deal.amount": {"at_least": 100}}``. All lines
of it must hold; the entries of ``any``, ``all`` and ``none`` are blocks again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from rulebook.condition_checks import GROUPS, ON_ITEMS, ConditionProblem, block_problems
from rulebook.filters import Tables
from rulebook.near_misses import Note, near_misses
from rulebook.operators import IGNORE_CASE, OPERATORS, Env
from rulebook.paths import Getter, Path, Scope, parse_path
from rulebook.quick_checks import Check, all_of, any_of, none_of, quick_equality, quick_test
from rulebook.values import shown

__all__ = ["Condition", "ConditionProblem", "Line", "block_problems", "compile_block"]

ITEM = "item"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation; ``ok`` is None for a heading such as "none of:"."""

    ok: bool | None
    text: str
    note: str = ""
    depth: int = 0

    def __str__(self) -> str:
        mark = "" if self.ok is None else "yes " if self.ok else "NO  "
        note = f"   <- {self.note}" if self.note else ""
        return f"{'   ' * self.depth}{mark}{self.text}{note}"


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One field held against one literal; ``is_plain`` for equality, the cheapest."""

    path: Path
    get: Getter
    words: str
    check: Check
    note: Note
    is_plain: bool

    def lines(self, event: Scope, now: datetime, depth: int) -> list[Line]:
        value = self.get(event)
        ok = self.check(event, now)
        text = f"{self.words}   (event has: {shown(value)})"
        return [Line(ok, text, "" if ok else self.note(value, event), depth)]

    def why_not(self, event: Scope, now: datetime) -> str:
        value = self.get(event)
        note = self.note(value, event)
        return f"{self.words} (event has {shown(value)})" + (f"; {note}" if note else "")


@dataclass(frozen=True, slots=True)
class _Group:
    """The blocks under ``any``, ``all`` or ``none``."""

    word: str
    blocks: tuple["_Block", ...]
    check: Check
    is_plain: ClassVar[bool] = False

    @property
    def words(self) -> str:
        return f"{self.word} of ({'; '.join(block.words for block in self.blocks)})"

    def lines(self, event: Scope, now: datetime, depth: int) -> list[Line]:
        lines = [Line(None, f"{self.word} of:", depth=depth)]
        for block in self.blocks:
            below = depth + 1
            if len(block.nodes) > 1:
                lines.append(Line(None, "together:", depth=below))
                below += 1
            lines += block.lines(event, now, below)
        return lines

    def why_not(self, event: Scope, now: datetime) -> str:
        if self.word == "none":
            held = next(block for block in self.blocks if block.check(event, now))
            return f'an entry of "none" holds: {held.words}'
        failed = [block.why_not(event, now) for block in self.blocks if not block.check(event, now)]
        if self.word == "all" or len(failed) == 1:
            return failed[0]
        return f'none of the {len(failed)} entries of "any" holds, the first because {failed[0]}'


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that must all hold, in the order in which they are written."""

    nodes: tuple[_Comparison | _Group, ...]
    check: Check

    def lines(self, event: Scope, now: datetime, depth: int) -> list[Line]:
        return [line for node in self.nodes for line in node.lines(event, now, depth)]

    def why_not(self, event: Scope, now: datetime) -> str:
        for node in self.nodes:
            if not node.check(event, now):
                return node.why_not(event, now)
        return ""

    @property
    def words(self) -> str:
        return " and ".join(node.words for node in self.nodes)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One compiled block; ``fields`` are the paths it reads, ``tables`` the tables it names."""

    holds: Check
    fields: frozenset[Path]
    tables: frozenset[str]
    _block: _Block = field(repr=False)

    def explain(self, event: Scope, now: datetime) -> tuple[Line, ...]:
        """Every comparison with what the event has, and why it nearly held."""
        return tuple(self._block.lines(event, now, 0))

    def first_no(self, event: Scope, now: datetime) -> str:
        """Why the block does not hold, in one sentence; empty where it does."""
        return self._block.why_not(event, now)


def compile_block(block: Mapping[str, Any], tables: Tables) -> Condition:
    """The condition of a block that has no problems; ``tables`` holds those it names."""
    compiled = _compile(block, tables)
    return Condition(
        holds=compiled.check,
        fields=frozenset(_paths(compiled)),
        tables=tables_named(block),
        _block=compiled,
    )


def _compile(block: Mapping[str, Any], tables: Tables, *, in_items: bool = False) -> _Block:
    nodes: list[_Comparison | _Group] = []
    for key, value in block.items():
        if key in GROUPS:
            nodes.append(_group(key, value, tables, in_items))
            continue
        path = parse_path(key)
        if in_items and path.root != ITEM:
            path = path.under(ITEM)
        nodes += _field(path, value, tables)
    return _Block(tuple(nodes), all_of([node.check for node in sorted(nodes, key=_cost)]))


def _group(
    word: str, entries: Sequence[Mapping[str, Any]], tables: Tables, in_items: bool
) -> _Group:
    blocks = tuple(_compile(entry, tables, in_items=in_items) for entry in entries)
    checks = [block.check for block in blocks]
    make = {"any": any_of, "all": all_of, "none": none_of}[word]
    return _Group(word, blocks, make(checks))


def _field(path: Path, value: object, tables: Tables) -> list[_Comparison]:
    comparisons = value if isinstance(value, dict) else {_implied(value): value}
    env = Env(
        path,
        ignore_case=comparisons.get(IGNORE_CASE, False) is True,
        tables=tables,
        compile_items=lambda block: _compile(block, tables, in_items=True).check,
    )
    return [
        _comparison(name, literal, env)
        for name, literal in comparisons.items()
        if name != IGNORE_CASE
    ]


def _implied(value: object) -> str:
    return "one_of" if isinstance(value, list) else "equals"


def _comparison(name: str, literal: object, env: Env) -> _Comparison:
    get = env.path.getter()
    ignoring = f" ({IGNORE_CASE})" if env.ignore_case else ""
    return _Comparison(
        path=env.path,
        get=get,
        words=f"{env.path.text} {name} {shown(literal)}{ignoring}",
        check=_check(name, literal, env, get),
        note=_when_asked(lambda: near_misses(name, literal, env)),
        is_plain=name in {"equals", "one_of"},
    )


def _when_asked(make: Callable[[], Note]) -> Note:
    """Rules are loaded far more often than each of their comparisons has something to note."""
    made: list[Note] = []

    def note(value: object, event: Scope) -> str:
        if not made:
            made.append(make())
        return made[0](value, event)

    return note


def _check(name: str, literal: object, env: Env, get: Getter) -> Check:
    quick = None if env.ignore_case else quick_equality(env.path, name, literal)
    if quick is not None:
        return quick
    of_value = OPERATORS[name].test_of_value(literal, env)
    if of_value is not None:
        return quick_test(env.path, get, of_value)
    of_event = OPERATORS[name].compile(literal, env)
    return lambda event, now: of_event(get(event), event, now)


def _cost(node: _Comparison | _Group) -> int:
    """Plain equality is cheapest and says no most often, so it is asked first."""
    return 0 if node.is_plain else 2 if isinstance(node, _Group) else 1


def _paths(block: _Block) -> list[Path]:
    paths: list[Path] = []
    for node in block.nodes:
        if isinstance(node, _Comparison):
            paths.append(node.path)
        else:
            paths += [path for entry in node.blocks for path in _paths(entry)]
    return paths


def tables_named(block: Mapping[str, Any]) -> frozenset[str]:
    """The tables that a block without problems names."""
    return frozenset(_tables_named(block))


def _tables_named(block: Mapping[str, Any]) -> Iterator[str]:
    """The tables of every ``in_table``, also those inside items."""
    for key, value in block.items():
        if key in GROUPS:
            for entry in value:
                yield from _tables_named(entry)
        elif isinstance(value, dict):
            if "in_table" in value:
                yield value["in_table"]
            for name in ON_ITEMS & value.keys():
                yield from _tables_named(value[name])
