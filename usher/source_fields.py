"""How often the fields of a source's catalogue were there in the events that really came."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rulebook.paths import EACH, Path
from senders.adapters.adapter import Field
from senders.catalogue import ANY, fields_of, is_given
from senders.preset import Preset
from senders.shapes import dig
from usher.failing import Failed
from usher.opening import NothingReceived, opened
from usher.output import remark
from workers.dispatching import normal_form
from workers.store import Event

# how many stored events are looked at
NEWEST: Final = 200
LONGEST_EXAMPLE: Final = 60
# of the names that stand for a `*`, the most frequent
MOST_NAMES: Final = 40
# what senders that Usher does not know post, as it came
_BODY: Final = "body"


@dataclass(frozen=True, slots=True)
class Observed:
    """How many events were looked at (None = no Redis to ask), and how many had each field.

    names: of a field with `*` at its end, and of a body without a catalogue, what really stood
    there, as rules write it, and how often
    """

    events: int | None = None
    having: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def percent(self, path: str) -> int | None:
        """In how many of a hundred events it was; None where no event has come."""
        return round(100 * self.having.get(path, 0) / self.events) if self.events else None


def observe(source: str, preset: Preset, event_type: str | None) -> Observed:
    """What the newest stored events of that source, and type, had; nothing without a Redis."""

    def wanted(event: Event) -> bool:
        return event.source == source and event_type in (None, event.type)

    try:
        with opened() as usher:
            found = usher.archive.events(NEWEST, wanted)
    except NothingReceived:
        return Observed()
    except Failed as error:
        remark(f"What was received cannot be looked at: {error}")
        return Observed()
    return counted(preset, event_type, found)


def counted(preset: Preset, event_type: str | None, events: Sequence[Event]) -> Observed:
    """In how many of these events each field of the catalogue is."""
    paths = [each.path for each in fields_of(preset, event_type)]
    forms = [normal_form(event, preset.name) for event in events]
    having = Counter(path for form in forms for path in paths if is_given(form, path))
    free = [path for path in paths if path.endswith(f".{ANY}") or path == _BODY]
    names = {path: Counter(name for form in forms for name in _names(form, path)) for path in free}
    return Observed(len(events), having, names)


def _names(form: object, path: str) -> Iterator[str]:
    """What stands for the `*` at the end of the path in that event, as rules write it."""
    if path == _BODY:
        yield from {found.text for found in _leaves(dig(form, path), Path((_BODY,)))}
        return
    way = path.removesuffix(f".{ANY}")
    block = dig(form, way)
    for name in block if isinstance(block, dict) else ():
        yield Path((*way.split("."), name)).text


def _leaves(value: object, path: Path) -> Iterator[Path]:
    """The way to each single value, `[]` for the entries of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, Path((*path.steps, name)))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            yield from _leaves(item, Path((*path.steps, EACH)))
    else:
        yield path


def field_rows(fields: Iterable[Field], observed: Observed) -> list[tuple[str, str]]:
    """Each field as label and value: its meaning, how often it is there, and an example."""
    return [(each.path, _told(each, observed)) for each in fields]


def field_shape(field: Field, observed: Observed) -> dict[str, object]:
    """A field as JSON."""
    return {
        "field": field.path,
        "meaning": field.meaning,
        "example": field.example,
        "present": field.present.value,
        "observed_percent": observed.percent(field.path),
        "observed_names": dict(observed.names.get(field.path, {})),
    }


def _told(field: Field, observed: Observed) -> str:
    percent = observed.percent(field.path)
    often = field.present.value if percent is None else f"{field.present.value}, {percent}% seen"
    example = f", such as {_example(field)}" if field.example is not None else ""
    return f"{field.meaning} ({often}){example}{_names_told(field, observed)}"


def _names_told(field: Field, observed: Observed) -> str:
    named = Counter(observed.names.get(field.path, {}))
    shown = [name for name, _ in named.most_common(MOST_NAMES)]
    more = (
        f"\nand {len(named) - len(shown)} more: --json has them" if len(named) > len(shown) else ""
    )
    return "\nseen: " + ", ".join(shown) + more if shown else ""


def _example(field: Field) -> str:
    if isinstance(field.example, str):
        return field.example
    return json.dumps(field.example, ensure_ascii=False)[:LONGEST_EXAMPLE]
