"""The body of a callback: a JSON value whose texts have places for parameters. Pure.

A text that is one place and nothing else keeps what is put into it: a number stays a number.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from workers.lookups.template import Parameter, Template


@dataclass(frozen=True, slots=True)
class Body:
    """A block of the file, with every text cut at its places."""

    root: object

    @property
    def parameters(self) -> tuple[str, ...]:
        """What it has places for, each once."""
        names = (name for text in _texts(self.root) for name in text.parameters)
        return tuple(dict.fromkeys(names))

    def filled(self, values: Mapping[str, object]) -> object:
        """The JSON value with these in their places; None stands for nothing within a text."""
        return _each(self.root, lambda text: _filled(text, values))

    def written(self) -> object:
        """The JSON value as it stands in the file."""
        return _each(self.root, str)


def _filled(text: Template, values: Mapping[str, object]) -> object:
    match text.parts:
        case (Parameter(name),):
            return values[name]
    return "".join(
        _text_of(values[part.name]) if isinstance(part, Parameter) else str(part)
        for part in text.parts
    )


def _text_of(value: object) -> str:
    return "" if value is None else str(value)


def _texts(node: object) -> Iterator[Template]:
    if isinstance(node, Template):
        yield node
    elif isinstance(node, Mapping):
        for inner in node.values():
            yield from _texts(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _texts(inner)


def _each(node: object, text: Callable[[Template], object]) -> object:
    if isinstance(node, Template):
        return text(node)
    if isinstance(node, Mapping):
        return {key: _each(inner, text) for key, inner in node.items()}
    if isinstance(node, list):
        return [_each(inner, text) for inner in node]
    return node
