"""What a person writes of a fault, read: each part with its check and its meaning."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from coursebox.simulator.faults import ANY_CALL, PLANS, Fault, Kind

HEADER = re.compile(r"[A-Za-z0-9-]+: [ -~]*")
FRAMING_HEADERS = frozenset({"Connection", "Content-Length", "Transfer-Encoding"})
ENDLESS = ("chance", "every", "for_seconds")


class FaultError(ValueError):
    """The fault asked for cannot be; the message says which part and what would do."""


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("must be text")
    return str(value)


def _whole(least: int, otherwise: str = "") -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"must be a whole number from {least}{otherwise}")
        return value

    return read


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        raise ValueError("must be a number of seconds from 0 to 86400")
    return float(value)


def _chance(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValueError("must be a number above 0 and up to 1")
    return float(value)


def _length(value: object) -> float:
    if not _seconds(value):
        raise ValueError("must be a number of seconds above 0")
    return _seconds(value)


def _status(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise ValueError("must be an HTTP status from 200 to 599")
    return value


def _kind(value: object) -> Kind:
    try:
        return Kind(_text(value))
    except ValueError:
        raise ValueError(f"must be one of: {', '.join(Kind)}") from None


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be an object of texts")
    headers = {_text(name).title(): _text(content) for name, content in value.items()}
    for name, content in headers.items():
        if not HEADER.fullmatch(f"{name}: {content}"):
            raise ValueError("must be one line of plain characters each")
        if name in FRAMING_HEADERS:
            raise ValueError(f"must not set {name}")
    return headers


@dataclass(frozen=True, slots=True)
class Part:
    """`read` takes JSON; `default` and `meaning` are for the documentation."""

    read: Callable[[object], object]
    default: str
    meaning: str
    may_be_null: bool = False


FAULT_PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "call": Part(_text, "", "which call, or `*` for any request"),
        "fault": Part(_kind, "", "one of the table of faults"),
        "times": Part(
            _whole(1, ", or null for every time"),
            "`1`",
            "how often; `null` is until it is cleared, and the default beside `chance`, `every` "
            "and `for_seconds`",
            may_be_null=True,
        ),
        "match": Part(
            _text,
            "`null`",
            "only calls that name an e-mail or id with this in it",
            may_be_null=True,
        ),
        "chance": Part(
            _chance,
            "`null`",
            "only this share of the calls, such as `0.1`, by dice that `seed` sets",
            may_be_null=True,
        ),
        "after": Part(_whole(0), "`0`", "let so many of its calls pass first"),
        "every": Part(
            _whole(1), "`1`", "then only every so manieth of them: `3` is the 3rd, the 6th, ..."
        ),
        "from_seconds": Part(
            _seconds, "`0`", "an outage by schedule begins so long after the fault was set"
        ),
        "for_seconds": Part(
            _length, "`null`", "and lasts so long; `null` is without end", may_be_null=True
        ),
        "seconds": Part(_seconds, "", "how long, for those that wait"),
        "status": Part(
            _status,
            "",
            "which HTTP status; 429, 502, 503 and 504 come as a gateway's HTML",
        ),
        "code": Part(_text, "`null`", "the `code` in the error body of `status`", may_be_null=True),
        "retry_after": Part(
            _seconds, "`null`", "seconds for a `Retry-After` header", may_be_null=True
        ),
        "headers": Part(_headers, "", "headers of your own beside `status`"),
        "body": Part(_text, "`null`", "a body of your own beside `status`", may_be_null=True),
    }
)


def read_fault(given: object, calls: Collection[str]) -> Fault:
    """The fault that a JSON object describes, for one of `calls` or `*`; raises FaultError."""
    if not isinstance(given, Mapping):
        raise FaultError("a fault must be an object")
    values: dict[str, Any] = {name: _read(name, value) for name, value in given.items()}
    _demand(("call", "fault"), values)
    call, plan = values["call"], PLANS[values["fault"]]
    _demand(plan.needs, values)
    if call not in (ANY_CALL, *calls):
        raise FaultError(f"call must be * or one of: {', '.join(calls)}, not {call!r}")
    if plan.only_on and call not in plan.only_on:
        raise FaultError(f"{values['fault']} is only for: {', '.join(plan.only_on)}, not {call!r}")
    if any(values.get(name) is not None for name in ENDLESS):
        values.setdefault("times", None)
    return Fault(**values)


def _demand(names: tuple[str, ...], values: Mapping[str, object]) -> None:
    missing = [name for name in names if name not in values]
    if missing:
        parts = " and ".join(f'"{part}"' for part in missing)
        raise FaultError(f"it must say {parts}")


def _read(name: str, value: object) -> object:
    part = FAULT_PARTS.get(name)
    if part is None:
        raise FaultError(f"a fault has no {name!r}; it has: {', '.join(FAULT_PARTS)}")
    if value is None and part.may_be_null:
        return None
    try:
        return part.read(value)
    except ValueError as error:
        raise FaultError(f"{name} {error}, not {value!r}") from None
