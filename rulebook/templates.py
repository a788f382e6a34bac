"""Values of a rule that hold ``${ field | filter }``."""

from collections.abc import Mapping
from dataclasses import dataclass

from rulebook.filters import RenderError as RenderError
from rulebook.filters import Tables
from rulebook.paths import Path, Scope


class TemplateError(ValueError):
    """A text that is no template: what is wrong, where, how long it is, and what helps."""

    def __init__(
        self, message: str, offset: int, length: int, help: str | None = None, code: str = "T01"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = length
        self.help = help
        self.code = code  # "T01", or "Y12" for {{ ... }}


@dataclass(frozen=True, slots=True)
class Template:
    """One parsed value."""

    paths: frozenset[Path]
    tables: frozenset[str]

    def render(self, scope: Scope, tables: Tables) -> object:
        """The value for this event; raises RenderError."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Tree:
    """A block or list (or single value) whose texts are templates."""

    paths: frozenset[Path]
    tables: frozenset[str]

    def render(self, scope: Scope, tables: Tables) -> object:
        """The same shape with every template filled; raises RenderError."""
        raise NotImplementedError


def parse_value(text: str) -> Template:
    """The template that ``text`` spells; raises TemplateError."""
    raise NotImplementedError


def parse_tree(value: object) -> Tree:
    """Blocks, lists, texts as they came from a rule; raises TemplateError."""
    raise NotImplementedError


def tree_problems(value: object) -> list[tuple[tuple[str | int, ...], TemplateError]]:
    """Every text below ``value`` that is no template, with the keys that lead to it."""
    raise NotImplementedError


def uses_templates(value: Mapping[str, object]) -> bool:
    raise NotImplementedError
