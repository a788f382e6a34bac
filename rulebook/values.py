"""How one JSON value counts as text, as a number, as yes or no, and how it is shown to people.

A true is never a number, though Python says so; a number in text is one only as it is plainly
written: ``-12``, ``3.50``, but not ``05``, ``1,000`` or ``1e3``.
"""

import json
import math
import re
from typing import Final

from rulebook.paths import MAX_ITEMS, MISSING

Single = str | int | float | bool

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?")
_MAX_DIGITS: Final = 100
_SHOWN_TEXT: Final = 80
_SHOWN_ITEMS: Final = 5
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def is_single(value: object) -> bool:
    """Whether the value is one text, number or true/false: not missing, null, list or block."""
    return isinstance(value, (str, int, float))


def is_there(value: object) -> bool:
    """Whether there is something: not missing, null, empty, or only spaces."""
    if isinstance(value, str):
        return bool(value) and not value.isspace()
    if isinstance(value, (list, dict)):
        return bool(value)
    return value is not MISSING and value is not None


def number_of(value: object) -> int | float | None:
    """The number that the value is or plainly spells; None where it is no number."""
    if isinstance(value, str):
        if len(value) > _MAX_DIGITS:
            return None
        found = _NUMBER.fullmatch(value)
        if found is None:
            return None
        return int(value) if found[1] is None else float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return None
    return value


def text_of(value: object) -> str | None:
    """The text that a single value is written as (``5``, ``1.5``, ``true``); None for others."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = math.isfinite(value) and value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() < 4_096 else hex(value)
    return None


def fold(value: object) -> object:
    """The value without regard to capitals and outer spaces; a list item by item."""
    if isinstance(value, str):
        return value.strip().casefold()
    if isinstance(value, list):
        return [
            item.strip().casefold() if isinstance(item, str) else item for item in value[:MAX_ITEMS]
        ]
    return value


def kind_of(value: object) -> str:
    """What the value is, in plain words: "text", "a number", "a list"."""
    if value is MISSING or value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)):
        return "a number"
    return "a list" if isinstance(value, list) else "a block"


def shown(value: object) -> str:
    """The value as a rule would write it, shortened so that a line stays a line."""
    if value is MISSING or value is None:
        return "nothing"
    if isinstance(value, str):
        cut = value if len(value) <= _SHOWN_TEXT else value[: _SHOWN_TEXT - 3] + "..."
        return _quoted(cut)
    if isinstance(value, list):
        inner = [shown(item) if is_single(item) else kind_of(item) for item in value[:_SHOWN_ITEMS]]
        more = [f"... {len(value)} in all"] if len(value) > _SHOWN_ITEMS else []
        return f"[{', '.join(inner + more)}]"
    if isinstance(value, dict):
        return _shown_block(value)
    return str(text_of(value))


def found(value: object) -> str:
    """What stands there instead of what was wanted: ``text "yes"``, ``the number 5``."""
    if isinstance(value, str):
        return f"text {shown(value)}"
    if isinstance(value, bool):
        return shown(value)
    if is_single(value):
        return f"the number {shown(value)}"
    return "a block of key: value lines" if isinstance(value, dict) else kind_of(value)


def _shown_block(block: dict[str, object]) -> str:
    pairs = [
        f"{key}: {shown(item) if is_single(item) else kind_of(item)}"
        for key, item in list(block.items())[:_SHOWN_ITEMS]
    ]
    more = ["..."] if len(block) > _SHOWN_ITEMS else []
    return f"{{{', '.join(pairs + more)}}}"
