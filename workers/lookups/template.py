"""Texts of lookups.yaml with places to fill: ${VARIABLE} from the environment, {parameter} from a
rule. Pure.

What a rule gives is percent-encoded whole, so it can end neither a part of the path nor a value of
the query, and it never stands where a host is named.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_PLACE: Final = re.compile(
    r"\$\{(?P<variable>[A-Z][A-Z0-9_]*)\}|\{(?P<parameter>[a-z][a-z0-9_]*)\}"
)


class TemplateError(ValueError):
    """A text that cannot be filled: what is wrong, and what to write."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A place for an environment variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A place for what a rule gives."""

    name: str


Part = str | Variable | Parameter


@dataclass(frozen=True, slots=True)
class Template:
    """A text cut at its places."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "".join(map(_written, self.parts))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables it needs, each once."""
        return tuple(dict.fromkeys(part.name for part in self.parts if isinstance(part, Variable)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters it needs, each once."""
        return tuple(dict.fromkeys(part.name for part in self.parts if isinstance(part, Parameter)))

    def bare(self, variables: Mapping[str, str]) -> str:
        """The text with the variables as they are; it has no parameters."""
        return "".join(
            part if isinstance(part, str) else variables[part.name] for part in self.parts
        )

    def encoded(self, variables: Mapping[str, str], parameters: Mapping[str, str]) -> str:
        """The text with everything that is filled in percent-encoded, for an address."""
        return "".join(_encoded(part, variables, parameters) for part in self.parts)


def _written(part: Part) -> str:
    match part:
        case Variable(name):
            return f"${{{name}}}"
        case Parameter(name):
            return f"{{{name}}}"
    return part


def _encoded(part: Part, variables: Mapping[str, str], parameters: Mapping[str, str]) -> str:
    match part:
        case Variable(name):
            return quote(variables[name], safe="")
        case Parameter(name):
            return quote(parameters[name], safe="")
    return part


def parse_template(text: str, *, parameters: bool) -> Template:
    """The text cut at its places. Raises TemplateError; without `parameters` it may have none."""
    parts: list[Part] = []
    end = 0
    for found in _PLACE.finditer(text):
        parts.append(_literal(text[end : found.start()]))
        end = found.end()
        name = found["parameter"]
        if name and not parameters:
            raise TemplateError(f"{{{name}}} cannot stand here; only ${{VARIABLE}} can")
        parts.append(Parameter(name) if name else Variable(found["variable"]))
    parts.append(_literal(text[end:]))
    return Template(tuple(part for part in parts if part != ""))


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise TemplateError(
            "{ and } stand round a {parameter} (small letters, digits and _) or a ${VARIABLE} "
            "(capitals, digits and _), and for nothing else"
        )
    return text
