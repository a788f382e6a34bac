"""What changed, for senders that only say how a record is: found by comparing with what was known.

Of every record a memory is kept: in clear the few fields of `CLEAR`, which are no personal data,
and of every other field a short digest that tells whether it is still the same.

- A record seen for the first time has changed in everything it has: one first seen as won is won
  now.
- A field that is not there any more has changed once. Its last value stays known: some events
  bring only a part of the record, and what comes back as it was has not changed.
- An event older than what is known changes nothing.
- Where the sender itself says what changed, that counts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from senders.shapes import block, text

# the roots that are records, in the order in which an event is taken to be about them
ROOTS: Final = ("deal", "contact", "company", "order")
CLEAR: Final = frozenset(
    {
        *(f"deal.{name}" for name in ("status", "stage", "pipeline", "amount", "currency")),
        *("deal.product", "order.status", "order.amount", "order.currency", "order.product"),
    }
)
# a CRM numbers its leads and its contacts apart, and both are people here
_APART: Final = ("lead",)
LONGEST_ID: Final = 128
LONGEST_CLEAR: Final = 200
# of the text that is kept, in bytes
LARGEST: Final = 8 * 1024

# time (ms) and place among all events, as `workers.store` orders them
Order = tuple[int, int]
Normal = Mapping[str, Any]
Fields = Mapping[str, list[object] | str]


@dataclass(frozen=True, slots=True)
class Record:
    """The one record that an event is about. `kind` and `id` name it among all of a source."""

    kind: str
    root: str
    id: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a record: by dotted path a value (in a list of its own) or a digest.

    order, event: which event it is from. gone: paths that were not there any more. partial: only
    the values are known, as there was too much for the digests.
    """

    order: Order
    event: str
    fields: Fields
    gone: frozenset[str] = frozenset()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What an event changed: dotted paths, and the values before where they are known."""

    changed: tuple[str, ...]
    previous: Mapping[str, object]


def record_of(normal: Normal) -> Record | None:
    """The record that the event is about: the one in its type, else the first; None without id."""
    thing = str(block(normal.get("event")).get("type", "")).partition(".")[0]
    for root in sorted(ROOTS, key=lambda root: root != thing):
        found = text(block(normal.get(root)).get("id"))
        if found:
            return Record(thing if thing in _APART else root, root, _short(found))
    return None


def tells_change(normal: Normal) -> bool:
    """Whether the sender itself says what changed."""
    return "changed" in normal or "previous" in normal


def compare(before: Memory | None, normal: Normal, record: Record, order: Order) -> Change:
    """What this event, of that order, changed in the record of which `before` is known."""
    if before is not None and order < before.order:
        return Change((), {})
    now = _fields(normal, record)
    if before is None:
        return Change(tuple(now), {})
    differing = [path for path, value in now.items() if _differs(before, path, value)]
    gone = [path for path in before.fields if path not in now and path not in before.gone]
    changed = (*differing, *gone)
    known = {path: before.fields.get(path) for path in changed}
    return Change(changed, {path: value[0] for path, value in known.items() if type(value) is list})


def _differs(before: Memory, path: str, value: list[object] | str) -> bool:
    if before.partial and isinstance(value, str):
        return False
    return before.fields.get(path) != value


def remember(
    before: Memory | None, normal: Normal, record: Record, order: Order, event: str
) -> Memory:
    """What is known of the record after this event; `before` where that is newer."""
    if before is not None and order < before.order:
        return before
    now = _fields(normal, record)
    fields = {**(before.fields if before else {}), **now}
    return Memory(order, event, fields, frozenset(set(fields) - set(now)))


def with_change(normal: Normal, change: Change) -> dict[str, Any]:
    """The event with `changed` and `previous`; as it is where the sender itself tells them."""
    if tells_change(normal):
        return dict(normal)
    told = {**normal, "changed": list(change.changed)}
    previous: dict[str, dict[str, object]] = {}
    for path, value in change.previous.items():
        root, _, name = path.partition(".")
        previous.setdefault(root, {})[name] = value
    return {**told, "previous": previous} if previous else told


# -- as text -----------------------------------------------------------------------------------


def memory_text(memory: Memory) -> str:
    """The memory as JSON, without the digests where it would be larger than LARGEST."""
    whole = _dumped(memory)
    if len(whole) <= LARGEST:
        return whole
    fields = {path: value for path, value in memory.fields.items() if not isinstance(value, str)}
    return _dumped(
        Memory(memory.order, memory.event, fields, memory.gone & set(fields), partial=True)
    )


def _dumped(memory: Memory) -> str:
    found = {
        "at": memory.order,
        "event": memory.event,
        "fields": memory.fields,
        "gone": sorted(memory.gone),
        "partial": memory.partial,
    }
    return json.dumps(found, separators=(",", ":"))


def read_memory(kept: str) -> Memory | None:
    """The memory out of its text; None where there is none."""
    if not kept:
        return None
    found = json.loads(kept)
    occurred, sequence = found["at"]
    gone = frozenset(found["gone"])
    return Memory((occurred, sequence), found["event"], found["fields"], gone, found["partial"])


def change_text(change: Change) -> str:
    return json.dumps({"changed": change.changed, "previous": change.previous})


def read_change(kept: str) -> Change:
    found = json.loads(kept)
    return Change(tuple(found["changed"]), found["previous"])


# -- fields ------------------------------------------------------------------------------------


def _fields(normal: Normal, record: Record) -> dict[str, list[object] | str]:
    """The record's fields by dotted path, each as it is kept."""
    fields = {f"{record.root}.{name}": value for name, value in block(normal[record.root]).items()}
    custom = block(fields.pop(f"{record.root}.custom", None))
    fields |= {f"{record.root}.custom.{name}": value for name, value in custom.items()}
    return {path: _kept(record, path, value) for path, value in fields.items()}


def _kept(record: Record, path: str, value: object) -> list[object] | str:
    single = not isinstance(value, dict | list)
    if path in CLEAR and single and len(json.dumps(value)) <= LONGEST_CLEAR:
        return [value]
    return _digest(record, path, value)


def _digest(record: Record, path: str, value: object) -> str:
    # with the record in it, so that equal values of two records do not look equal
    return _sha256(f"{record.kind} {record.id} {path} {json.dumps(value, sort_keys=True)}")[:12]


def _short(value: str) -> str:
    # as part of a key it has to be text that can be written
    plain = len(value) <= LONGEST_ID and value.isprintable()
    return value if plain else "sha256-" + _sha256(value)


def _sha256(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
