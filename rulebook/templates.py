"""Values of a rule that hold ``${ field | filter }``.

value  := text | text with ${ ref }...      "$${" writes a literal "${"
ref    := path ( "|" filter )*
filter := name | name( "text" | 12 | 1.5 | true | table_name , ... )

Only the rule's own text is ever read as a template, and once: what an event holds stays text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rulebook.filters import FILTERS, MAX_OUTPUT, Tables
from rulebook.filters import RenderError as RenderError
from rulebook.paths import MAX_ITEMS, MISSING, Path, Scope
from rulebook.references import Reference, TemplateError, mustache_problem, scan_reference
from rulebook.values import kind_of, text_of

__all__ = [
    "RenderError",
    "Template",
    "TemplateError",
    "Tree",
    "parse_tree",
    "parse_value",
    "tree_problems",
]

# The same text is read to be checked, to be run, and often in several rules.
CACHED: Final = 4_096

Where = tuple[str | int, ...]
Fill = Callable[[Scope, Tables], object]


@dataclass(frozen=True, slots=True)
class Template:
    """One value of a rule: text, or one or more ``${ ... }`` with or without text round them."""

    parts: tuple[str | Reference, ...]
    _fills: tuple[str | Fill, ...] = field(repr=False, compare=False)

    @property
    def paths(self) -> frozenset[Path]:
        """The fields it reads."""
        return frozenset(part.path for part in self.parts if isinstance(part, Reference))

    @property
    def tables(self) -> frozenset[str]:
        """The tables it looks up."""
        return frozenset().union(
            *(part.tables for part in self.parts if isinstance(part, Reference))
        )

    def render(self, scope: Scope, tables: Tables) -> object:
        """The value for these roots; one single ``${ ... }`` keeps its type. Raises RenderError."""
        fills = self._fills
        if len(fills) == 1 and not isinstance(fills[0], str):
            return _bounded(fills[0](scope, tables))
        texts = [
            part if isinstance(part, str) else _inside_text(part(scope, tables)) for part in fills
        ]
        return _bounded("".join(texts))


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A block, list or single value of a rule, whose texts are templates."""

    paths: frozenset[Path]
    tables: frozenset[str]
    _fill: Fill = field(repr=False, compare=False)

    def render(self, scope: Scope, tables: Tables) -> object:
        """The same shape with every template filled; raises RenderError."""
        return self._fill(scope, tables)


@lru_cache(CACHED)
def parse_value(text: str) -> Template:
    """The template that ``text`` spells; raises TemplateError.

    Whether the tables exist that it names (``Template.tables``) is for the caller to check.
    """
    mustache = mustache_problem(text)
    if mustache is not None:
        raise mustache
    parts = tuple(_parts(text)) or ("",)
    return Template(
        parts, tuple(part if isinstance(part, str) else _filler(part) for part in parts)
    )


def parse_tree(value: object) -> Tree:
    """The templates of blocks, lists and texts as they came from a rule; raises TemplateError.

    Keys of blocks are plain text.
    """
    templates = [(where, parse_value(text)) for where, text in _texts(value)]
    return Tree(
        frozenset().union(*(template.paths for _, template in templates)),
        frozenset().union(*(template.tables for _, template in templates)),
        _tree_filler(value),
    )


def tree_problems(value: object) -> list[tuple[Where, TemplateError]]:
    """Every text below ``value`` that is no template, with the keys that lead to it."""
    problems = []
    for where, text in _texts(value):
        try:
            parse_value(text)
        except TemplateError as error:
            problems.append((where, error))
    return problems


def _parts(text: str) -> list[str | Reference]:
    parts: list[str | Reference] = []
    literal, at = "", 0
    while (sign := text.find("$", at)) >= 0:
        literal += text[at:sign]
        if text.startswith("$${", sign):
            literal, at = literal + "${", sign + 3
        elif text.startswith("${", sign):
            reference, at = scan_reference(text, sign)
            parts += [literal, reference] if literal else [reference]
            literal = ""
        else:
            literal, at = literal + "$", sign + 1
    literal += text[at:]
    return [*parts, literal] if literal else parts


def _filler(reference: Reference) -> Fill:
    """A function that reads the field and sends it through the filters."""
    get, name = reference.path.getter(), reference.path.text
    steps = [
        (FILTERS[call.name].build(*call.values), FILTERS[call.name].fills)
        for call in reference.filters
    ]

    def fill(scope: Scope, tables: Tables) -> object:
        value = get(scope)
        for step, fills in steps:
            if fills or (value is not MISSING and value is not None):
                try:
                    value = step(value, tables)
                except RenderError as error:
                    raise RenderError(f"{name}: {error.message}") from None
        if value is MISSING or value is None:
            raise RenderError(f"{name} is missing in the event")
        return value

    return fill


def _bounded(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_OUTPUT:
        raise RenderError(f"the text is longer than {MAX_OUTPUT:,} characters")
    return value[:MAX_ITEMS] if isinstance(value, list) else value


def _inside_text(value: object) -> str:
    text = text_of(value)
    if text is None:
        raise RenderError(f"{kind_of(value)} cannot stand inside a text; use join, first or pluck")
    return text


def _texts(value: object, where: Where = ()) -> list[tuple[Where, str]]:
    if isinstance(value, str):
        return [(where, value)]
    if isinstance(value, Mapping):
        return [found for key, inner in value.items() for found in _texts(inner, (*where, key))]
    if isinstance(value, list):
        return [found for i, inner in enumerate(value) for found in _texts(inner, (*where, i))]
    return []


def _tree_filler(value: object) -> Fill:
    if isinstance(value, str):
        return parse_value(value).render
    if isinstance(value, Mapping):
        block = {key: _tree_filler(inner) for key, inner in value.items()}
        return lambda scope, tables: {key: fill(scope, tables) for key, fill in block.items()}
    if isinstance(value, list):
        items = [_tree_filler(inner) for inner in value]
        return lambda scope, tables: [fill(scope, tables) for fill in items]
    return lambda scope, tables: value
