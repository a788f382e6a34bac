"""Values as a rule file writes them, and as it is read: what is written is read back the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from rulebook.durations import UNITS, in_words
from rulebook.nodes import is_broken, plain
from rulebook.problems import Findings
from rulebook.yaml_reader import read_yaml

INDENT: Final = "  "

# Text that means itself without quotes wherever it stands, also inside { } and [ ].
_PLAIN = re.compile(r"[A-Za-z][\w./@+-]*(?: [\w./@+-]+)*", re.ASCII)
# What other readers of YAML take for something else, in any capitals.
_TAKEN: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"})
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class UnreadableError(ValueError):
    """A text that is no YAML as rule files take it: what is wrong, in which line (from 1)."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def read_written(text: str) -> object:
    """The value that a text in the YAML of rule files holds; raises UnreadableError."""
    findings = Findings("")
    root = read_yaml(text, findings)
    if findings.problems:
        first = findings.problems[0]
        raise UnreadableError(first.message, first.line)
    return None if root is None or is_broken(root) else plain(root)


def written(value: object) -> str:
    """The value on one line: `won`, `"94351021"`, `[a, b]`, `{id: 7}`."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(item) for item in value)}]"
    if isinstance(value, Mapping):
        pairs = (f"{written(str(key))}: {written(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    return "null"


def block_lines(value: object) -> Iterator[str]:
    """The value in block style, a line each, from the first column on."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _entry(f"{written(str(key))}:", item)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _item(item)
    else:
        yield written(value)


def length(seconds: float) -> str:
    """A length of time in the words of a rule file: "3 days", "90 seconds"."""
    whole = int(seconds)
    unit, size = next(
        (unit, size)
        for unit, size in reversed(UNITS.items())
        if size == 1 or (whole and whole % size == 0)
    )
    return in_words(whole // size, unit)


def _entry(key: str, item: object) -> Iterator[str]:
    if isinstance(item, Mapping | list) and item:
        yield key
        yield from (f"{INDENT}{line}" for line in block_lines(item))
    else:
        yield f"{key} {written(item)}"


def _item(item: object) -> Iterator[str]:
    first, *rest = block_lines(item)
    yield f"- {first}"
    yield from (f"{INDENT}{line}" for line in rest)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _TAKEN:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign.isprintable():
        return sign
    code = ord(sign)
    if 0xD800 <= code <= 0xDFFF:
        return "\N{REPLACEMENT CHARACTER}"
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def _decimal(number: float) -> str:
    text = format(Decimal(repr(number)), "f") if number == number else "null"
    return text if "." in text else f"{text}.0"
