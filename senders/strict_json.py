"""JSON as RFC 8259 has it, and nothing that a later reader could trip over."""

import json
import math
import re
from collections import Counter
from typing import NoReturn

from senders.delivery import Malformed

DEEPEST = 100

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(body: bytes) -> object:
    """The body's value; Malformed, in plain words for the sender, for whatever is not strict JSON.

    Refused beyond bad syntax: other encodings than UTF-8 (a byte order mark is fine), NaN,
    Infinity and numbers too large, a key twice in one object, nesting deeper than 100, and half a
    surrogate pair, which could be neither stored nor sent on.
    """
    text = _text(body)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise Malformed(
            f"the body is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from None
    except RecursionError:
        raise Malformed(_TOO_DEEP) from None
    except ValueError:
        # Python reads no integer of more than 4300 digits
        raise Malformed("the body holds a number that is too large") from None
    if text.count("[") + text.count("{") > DEEPEST and deeper_than(value, DEEPEST):
        raise Malformed(_TOO_DEEP)
    if _SURROGATE_ESCAPE.search(text):
        _must_be_unicode(value)
    return value


def dump(value: object, *, sort_keys: bool = False) -> str:
    """The value as compact JSON in ASCII."""
    return json.dumps(value, sort_keys=sort_keys, separators=(",", ":"), allow_nan=False)


def deeper_than(value: object, levels: int) -> bool:
    """Whether objects and lists are nested in each other more than that many levels deep."""
    level = [value]
    for _ in range(levels):
        level = [child for parent in level for child in _children(parent)]
    return any(isinstance(child, list | dict) for child in level)


_TOO_DEEP = f"the body is nested deeper than {DEEPEST} levels"


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8 text (byte {error.start + 1})") from None
    if not text.strip():
        raise Malformed("the body is empty")
    return text


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Malformed(f"the body has the key {json.dumps(twice[:100])} twice in one object")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Malformed("the body holds a number that is too large")
    return number


def _no_constant(name: str) -> NoReturn:
    raise Malformed(f"the body holds {name}, which is not JSON")


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _must_be_unicode(value: object) -> None:
    # Refused, not mended: two ids that mending makes alike would be taken for one event.
    if isinstance(value, str):
        half = _SURROGATE.search(value)
        if half:
            raise Malformed(f"the body holds {json.dumps(half[0])}, which is not valid Unicode")
    for key in value if isinstance(value, dict) else ():
        _must_be_unicode(key)
    for child in _children(value):
        _must_be_unicode(child)
