"""From a character of a value back to its place in the file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rulebook.nodes import Scalar, Span

# What one character of a value may be written as between double quotes.
_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|[^\\]", re.DOTALL)
_DOUBLED = re.compile(r"''|.", re.DOTALL)
_OPENING = "${"


def place_in(lines: Sequence[str], scalar: Scalar, offset: int, length: int = 1) -> Span:
    """Where `length` characters of the scalar's text from `offset` stand in the file."""
    span = scalar.span
    if span.line == span.end_line and scalar.style in {"", '"', "'"}:
        written = lines[span.line - 1][span.column - 1 : span.end_column - 1]
        start, end = (_written(written, scalar.style, at) for at in (offset, offset + length))
        return Span.of(span.line, span.column + start, max(1, end - start))
    return _near_opening(lines, scalar, offset, length)


def _written(written: str, style: str, offset: int) -> int:
    if not style:
        return offset
    pieces = (_ESCAPE if style == '"' else _DOUBLED).finditer(written, 1)
    for count, piece in enumerate(pieces):
        if count == offset:
            return piece.start()
    return len(written)


def _near_opening(lines: Sequence[str], scalar: Scalar, offset: int, length: int) -> Span:
    """A text over several lines is folded: its n-th "${" is the n-th one written."""
    count = scalar.text.count(_OPENING, 0, offset + len(_OPENING))
    opening = scalar.text.rfind(_OPENING, 0, offset + len(_OPENING))
    span = scalar.span
    for number in range(span.line, min(span.end_line, len(lines)) + 1):
        line = lines[number - 1]
        start = span.column - 1 if number == span.line else 0
        here = line.count(_OPENING, start)
        if 0 < count <= here:
            for _ in range(count):
                start = line.find(_OPENING, start) + len(_OPENING)
            column = start - len(_OPENING) + offset - opening + 1
            return Span.of(number, min(column, len(line) + 1), length)
        count -= here
    return Span.of(span.line, span.column)
