"""The filters of templates, as a table: what each takes and what it makes of a value.

A filter gets a value that is there and gives another; ``MISSING`` (or null) is passed on past all
filters to the first one that ``fills``. The only thing a filter raises is RenderError.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from rulebook.arguments import Argument, ArgumentKind
from rulebook.durations import DATE_CODES, parse_moment
from rulebook.paths import MAX_ITEMS, MISSING
from rulebook.values import fold, found, is_single, is_there, shown, text_of

Tables = Mapping[str, Mapping[str, object]]
Step = Callable[[object, Tables], object]

MAX_OUTPUT: Final = 10_000

_WHOLE = re.compile(r"-?[0-9]{1,30}(?:\.0+)?", re.ASCII)
_WORD = re.compile(r"[^\s-]+")


class RenderError(Exception):
    """A template that cannot be filled from this event; permanent, a retry cannot help."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter; ``build`` takes its arguments, one that ``fills`` also gets what is missing."""

    name: str
    build: Callable[..., Step]
    arguments: tuple[Argument, ...] = ()
    fills: bool = False


def find_row(table: Mapping[str, object], key: object) -> object:
    """The value under the key, else ignoring case and outer spaces, else MISSING."""
    text = text_of(key)
    if text is None:
        return MISSING
    if text in table:
        return table[text]
    folded = fold(text)
    return next((value for row, value in table.items() if fold(row) == folded), MISSING)


def _on_text(name: str, change: Callable[[str], object]) -> Step:
    def step(value: object, tables: Tables) -> object:
        text = text_of(value)
        if text is None:
            raise RenderError(f'"{name}" needs text, but found {found(value)}')
        return change(text)

    return step


def _on_list(name: str, change: Callable[[list[Any]], object]) -> Step:
    def step(value: object, tables: Tables) -> object:
        if not isinstance(value, list):
            raise RenderError(f'"{name}" needs a list, but found {found(value)}')
        return change(value)

    return step


def _trim() -> Step:
    return _on_text("trim", str.strip)


def _lower() -> Step:
    return _on_text("lower", str.lower)


def _upper() -> Step:
    return _on_text("upper", str.upper)


def _title() -> Step:
    def titled(text: str) -> str:
        return _WORD.sub(lambda word: word[0].capitalize(), _within(text))

    return _on_text("title", titled)


def _default(fallback: object) -> Step:
    return lambda value, tables: value if is_there(value) else fallback


def _first() -> Step:
    return _on_list("first", lambda items: items[0] if items else MISSING)


def _last() -> Step:
    return _on_list("last", lambda items: items[-1] if items else MISSING)


def _join(separator: str = ", ") -> Step:
    def joined(items: list[object]) -> str:
        texts = [text_of(item) for item in items[:MAX_ITEMS] if item is not None]
        if None in texts:
            raise RenderError('"join" needs a list of texts; for a list of blocks use pluck first')
        return _within(separator.join(filter(None, texts)))

    return _on_list("join", joined)


def _split(separator: str = ",") -> Step:
    def pieces(text: str) -> list[str]:
        trimmed = (piece.strip() for piece in text.split(separator, MAX_ITEMS)[:MAX_ITEMS])
        return [piece for piece in trimmed if piece]

    return _on_text("split", pieces)


def _replace(old: str, new: str) -> Step:
    def replaced(text: str) -> str:
        if len(text) + text.count(old) * (len(new) - len(old)) > max(len(text), MAX_OUTPUT):
            raise _too_long()
        return text.replace(old, new)

    return _on_text("replace", replaced)


def _to_int() -> Step:
    def step(value: object, tables: Tables) -> object:
        if type(value) is int:
            return value
        digits = (text_of(value) or "").strip()
        if _WHOLE.fullmatch(digits) is None:
            raise RenderError(f'"to_int" needs a whole number, but found {found(value)}')
        return int(digits.partition(".")[0])

    return step


def _to_text() -> Step:
    return _on_text("to_text", lambda text: text)


def _format_date(pattern: str = "%Y-%m-%d") -> Step:
    def code(moment: datetime) -> Callable[[re.Match[str]], str]:
        return lambda sign: DATE_CODES[sign[0]](moment)

    def step(value: object, tables: Tables) -> object:
        moment = parse_moment(value)
        if moment is None:
            raise RenderError(f'"format_date" needs a date, but found {found(value)}')
        return re.sub("%.", code(moment), pattern)

    return step


def _truncate(length: int) -> Step:
    return _on_text("truncate", lambda text: text[:length])


def _first_name() -> Step:
    return _on_text("first_name", lambda text: _name_parts(text)[0] or MISSING)


def _last_name() -> Step:
    return _on_text("last_name", lambda text: _name_parts(text)[1] or MISSING)


def _name_parts(text: str) -> tuple[str, str]:
    """First word and all the rest, so that nothing of a name is lost; also "Rest, First"."""
    last, comma, first = text.partition(",")
    if comma and first.strip():
        return " ".join(first.split()), " ".join(last.split())
    words = text.replace(",", " ").split()
    return " ".join(words[:1]), " ".join(words[1:])


def _pluck(name: str) -> Step:
    def named(items: list[object]) -> list[object]:
        values = [item.get(name) for item in items[:MAX_ITEMS] if isinstance(item, dict)]
        return [value for value in values if value is not None]

    return _on_list("pluck", named)


def _unique() -> Step:
    def firsts(items: list[object]) -> list[object]:
        seen: dict[object, object] = {}
        for item in items[:MAX_ITEMS]:
            seen.setdefault(_identity(item), item)
        return list(seen.values())

    return _on_list("unique", firsts)


def _identity(item: object) -> object:
    if isinstance(item, bool) or not is_single(item):
        try:
            return ("json", json.dumps(item, sort_keys=True))
        except RecursionError:
            raise RenderError('"unique" cannot compare blocks nested this deep') from None
    return item


def _lookup(table: str, fallback: object = MISSING) -> Step:
    def step(value: object, tables: Tables) -> object:
        if value is MISSING or value is None:
            return fallback
        if not is_single(value):
            raise RenderError(f'"lookup" needs one text or number, but found {found(value)}')
        row = find_row(tables.get(table, {}), value)
        if row is not MISSING:
            return row
        if fallback is MISSING:
            raise RenderError(f'the table "{table}" has no row for {shown(value)}')
        return fallback

    return step


def _within(text: str) -> str:
    if len(text) > MAX_OUTPUT:
        raise _too_long()
    return text


def _too_long() -> RenderError:
    return RenderError(f"the text is longer than {MAX_OUTPUT:,} characters")


_SEPARATOR: Final = Argument("separator", ArgumentKind.TEXT, required=False)

FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        filter.name: filter
        for filter in (
            Filter("trim", _trim),
            Filter("lower", _lower),
            Filter("upper", _upper),
            Filter("title", _title),
            Filter("default", _default, (Argument("value", ArgumentKind.ANY),), fills=True),
            Filter("first", _first),
            Filter("last", _last),
            Filter("join", _join, (_SEPARATOR,)),
            Filter("split", _split, (_SEPARATOR,)),
            Filter(
                "replace",
                _replace,
                (Argument("old", ArgumentKind.TEXT), Argument("new", ArgumentKind.ANY_TEXT)),
            ),
            Filter("to_int", _to_int),
            Filter("to_text", _to_text),
            Filter(
                "format_date",
                _format_date,
                (Argument("format", ArgumentKind.DATE_FORMAT, required=False),),
            ),
            Filter("truncate", _truncate, (Argument("length", ArgumentKind.COUNT),)),
            Filter("first_name", _first_name),
            Filter("last_name", _last_name),
            Filter("pluck", _pluck, (Argument("name", ArgumentKind.TEXT),)),
            Filter("unique", _unique),
            Filter(
                "lookup",
                _lookup,
                (
                    Argument("table", ArgumentKind.TABLE),
                    Argument("fallback", ArgumentKind.ANY, required=False),
                ),
                fills=True,
            ),
        )
    }
)
