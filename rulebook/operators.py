"""The comparisons of conditions, as a table: what each takes and when it holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from rulebook.filters import Tables
from rulebook.paths import Path, Scope

ValueTest = Callable[[object], bool]
EventTest = Callable[[object, Scope, datetime], bool]


@dataclass(frozen=True, slots=True)
class LiteralProblem:
    """Why a comparison cannot take what the rule gives it."""

    message: str
    help: str | None = None
    code: str = "C02"


@dataclass(frozen=True, slots=True)
class Env:
    """What a comparison is compiled for: the field it stands at, and its surroundings."""

    path: Path
    ignore_case: bool = False
    tables: Tables = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison; ``wants`` says in plain words what it takes."""

    name: str
    wants: str

    def problem(self, literal: object) -> LiteralProblem | None:
        raise NotImplementedError

    def compile(self, literal: object, env: Env) -> EventTest:
        raise NotImplementedError


OPERATORS: Mapping[str, Operator] = MappingProxyType({})
FOREIGN: Mapping[str, str] = MappingProxyType({})
