"""Condition blocks: checked, compiled once, judged for an event, explained."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from rulebook.filters import Tables
from rulebook.paths import Path, Scope


@dataclass(frozen=True, slots=True)
class ConditionProblem:
    """What is wrong with a block: ``where`` leads to the key or value at fault."""

    where: tuple[str | int, ...]
    on: str  # "key" or "value"
    code: str  # C01 unknown comparison, C02 its value, C03 shape, C04 field name, C05 table, W03
    message: str
    help: str | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation; ``ok`` is None for a heading such as "none of:"."""

    ok: bool | None
    text: str
    note: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """One compiled block."""

    fields: frozenset[Path]
    tables: frozenset[str]

    def holds(self, event: Scope, now: datetime) -> bool:
        raise NotImplementedError

    def explain(self, event: Scope, now: datetime) -> tuple[Line, ...]:
        raise NotImplementedError

    def first_no(self, event: Scope, now: datetime) -> str:
        raise NotImplementedError


def block_problems(block: object, tables: Collection[str] | None = None) -> list[ConditionProblem]:
    """Everything wrong with a block as YAML gave it; table names are checked if given."""
    raise NotImplementedError


def compile_block(block: object, tables: Tables) -> Condition:
    """The condition of a block without problems."""
    raise NotImplementedError
