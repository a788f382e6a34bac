"""Which fields the events of a sender have: for the rule checker, the pages and the command line.

The fields of a sender are told by its adapter; what every event has is told here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from senders.adapters.adapter import Catalogue, Field, Presence
from senders.memory import CLEAR
from senders.normal import adapter_of
from senders.preset import Preset

ANY = "*"

_ALWAYS: tuple[Field, ...] = (
    Field("event.id", "the event's identity, the sender's own", "evt-4711", Presence.ALWAYS),
    Field("event.source", "the name in sources.yaml", "sign-up-form", Presence.ALWAYS),
    Field("event.type", "what happened", "form.submitted", Presence.ALWAYS),
    Field("event.received_at", "when Usher accepted it", "2026-04-15T10:00:00Z", Presence.ALWAYS),
    Field(
        "event.occurred_at",
        "when it happened; when it was accepted, if the sender gives no time",
        "2026-04-15T09:59:58Z",
        Presence.ALWAYS,
    ),
)
_RAW = Field("raw", "the body as it came, by the sender's own names", None, Presence.ALWAYS)
# what Usher fills in itself for senders that tell only the present state
_CHANGED = Field(
    "changed", "what differs from the last event of this record", ["deal.status"], Presence.USUALLY
)


def types_of(preset: Preset) -> tuple[str, ...]:
    """The event types that a rule for such a source may name, sorted; empty = any."""
    adapter = adapter_of(preset.name)
    return tuple(sorted(adapter.types))


def fields_of(preset: Preset, event_type: str | None = None) -> tuple[Field, ...]:
    """The fields of that event type, or of all types for None; each path once.

    For all types, what one of them never has is there "sometimes".

    Beside the sender's own stand `event.*` and `raw`, which every event has, and `changed` and
    `previous`, which Usher fills in for senders that do not tell them.
    """
    catalogue = adapter_of(preset.name).catalogue
    own = _own(catalogue, tuple(catalogue) if event_type is None else (ANY, event_type))
    known: dict[str, Field] = {}
    for field in (*_ALWAYS, *own, *(_remembered(own) if preset.remembers else ()), _RAW):
        known.setdefault(field.path, field)
    if event_type is None:
        return tuple(_among_all(preset, known.values()))
    return tuple(known.values())


def _among_all(preset: Preset, fields: Iterable[Field]) -> Iterator[Field]:
    """The fields as seen from all types: what some types never have is there only sometimes."""
    by_type = list(paths_by_type(preset).values())
    for field in fields:
        everywhere = all(field.path in paths for paths in by_type)
        yield field if everywhere else replace(field, present=Presence.SOMETIMES)


def is_catalogued(preset: Preset, event_type: str | None = None) -> bool:
    """Whether it is known which fields events of this type have; None: events of any type."""
    catalogue = adapter_of(preset.name).catalogue
    return bool(catalogue) if event_type is None else event_type in catalogue or ANY in catalogue


def paths_by_type(preset: Preset, present: Presence | None = None) -> Mapping[str, frozenset[str]]:
    """The paths of `fields_of` by event type, those of every other type under `*`.

    `present`: only those that are there so often. A type that is not there, where `*` is not
    either, can have any field.
    """
    return {
        kind: frozenset(
            field.path for field in fields_of(preset, kind) if present in (None, field.present)
        )
        for kind in adapter_of(preset.name).catalogue
    }


def _own(catalogue: Catalogue, kinds: Iterable[str]) -> list[Field]:
    return [field for kind in kinds for field in catalogue.get(kind, ())]


def is_given(form: object, path: str) -> bool:
    """Whether an event in the normal form has that field of a catalogue.

    `*` stands for any name; below a list, one entry that has it is enough.
    """
    return _is_given(form, path.replace("[]", "").split("."))


def _is_given(value: object, names: list[str]) -> bool:
    if isinstance(value, list):
        return any(_is_given(item, names) for item in value) if names else bool(value)
    if not names:
        return True
    if not isinstance(value, dict):
        return False
    first, *rest = names
    inner = value.values() if first == ANY else [value[first]] if first in value else []
    return any(_is_given(each, rest) for each in inner)


def _remembered(own: Iterable[Field]) -> Iterator[Field]:
    yield _CHANGED
    for field in own:
        if field.path in CLEAR:
            meaning, example = f"{field.meaning}: before", field.example
            yield Field(f"previous.{field.path}", meaning, example, Presence.SOMETIMES)
