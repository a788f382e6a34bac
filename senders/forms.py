"""Forms: named fields, in `application/x-www-form-urlencoded`, whose brackets say what is nested.

    contact[fields][1]=Ada   {"contact": {"fields": {"1": "Ada"}}}
    tags[]=a                 {"tags": ["a"]}
    tag=a&tag=b              {"tag": ["a", "b"]}

A name whose brackets make no sense, or that reaches into a field that is a value itself, stays one
key as it was written: what a form says is never lost, and never an error.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from senders.delivery import Malformed, UnsupportedType

MOST_FIELDS = 2000
DEEPEST_NAME = 20

_NESTED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]+\])*)(\[\])?")
_ENCODINGS = {
    **dict.fromkeys(("", "utf-8", "utf8", "us-ascii", "ascii"), "utf-8"),
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1"), "latin-1"),
}

_Path = tuple[str, ...]


def parse_form(body: bytes, charset: str) -> dict[str, object]:
    """The form's fields, nested; `charset` is the one that the content type names, or "".

    Malformed for more than 2,000 fields, an empty body and text that is not of its charset;
    UnsupportedType for a charset other than UTF-8 and ISO-8859-1.
    """
    if not body.strip():
        raise Malformed("the body is empty")
    encoding = encoding_of(charset)
    pairs = [pair.partition(b"=") for pair in body.split(b"&", MOST_FIELDS) if pair.strip()]
    if body.count(b"&") >= MOST_FIELDS:
        raise Malformed(f"the form has more than {MOST_FIELDS} fields")
    return nest((_unquoted(name, encoding), _unquoted(value, encoding)) for name, _, value in pairs)


def encoding_of(charset: str) -> str:
    """Python's name of the charset that a form names; UnsupportedType for one that is not read."""
    encoding = _ENCODINGS.get(charset.strip().lower())
    if encoding is None:
        raise UnsupportedType("forms are read in UTF-8 or ISO-8859-1 only")
    return encoding


def decoded(raw: bytes, encoding: str) -> str:
    """The text of a field; Malformed if it is not of that encoding."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise Malformed("the form holds text that is not UTF-8") from None


def nest(fields: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Fields by name, with brackets taken as nesting."""
    values: dict[_Path, list[object]] = {}
    lists: set[_Path] = set()
    for name, value in fields:
        path, is_list = _path(name)
        values.setdefault(path, []).append(value)
        if is_list:
            lists.add(path)
    whole: dict[str, object] = {}
    for path, found in values.items():
        blocked = any(path[:length] in values for length in range(1, len(path)))
        way = (_spelled(path),) if blocked else path
        _put(whole, way, found if path in lists or len(found) > 1 else found[0])
    return whole


def _path(name: str) -> tuple[_Path, bool]:
    match = _NESTED.fullmatch(name)
    if match is None:
        return (name,), False
    inner = match[2][1:-1].split("][") if match[2] else []
    if len(inner) >= DEEPEST_NAME:
        return (name,), False
    return (match[1], *inner), match[3] is not None


def _spelled(path: _Path) -> str:
    return path[0] + "".join(f"[{key}]" for key in path[1:])


def _put(whole: dict[str, object], path: _Path, value: object) -> None:
    block = whole
    for key in path[:-1]:
        inner = block.setdefault(key, {})
        # what is no branch blocks every path below it, so none leads here
        assert isinstance(inner, dict)  # noqa: S101
        block = inner
    block[path[-1]] = value


def _unquoted(raw: bytes, encoding: str) -> str:
    return decoded(unquote_to_bytes(raw.replace(b"+", b" ")), encoding)
