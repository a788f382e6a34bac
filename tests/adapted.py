"""What comes out of recorded deliveries, from their signed requests to the normal form."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from hypothesis import strategies as st

from senders.catalogue import fields_of
from senders.normal import FIELDS, Facts, adapter_of, normalise
from senders.reading import Incoming, read_events
from senders.recorded import Recorded
from senders.shapes import replaced
from tests.json_values import json_values
from tests.samples import SAMPLES, Sample, delivered, source_of

_AS_IT_IS: Mapping[str, object] = MappingProxyType({})
_RECEIVED = datetime(2026, 4, 15, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Changed(Sample):
    """A recorded delivery with another body."""

    body: bytes = b""

    def recorded(self) -> Recorded:
        return replace(Sample.recorded(self), body=self.body)


def sample(name: str) -> Sample:
    """The sample in the file of that name."""
    return next(found for found in SAMPLES if found.name == name)


def events(name: str, changes: Mapping[str, object] = _AS_IT_IS) -> tuple[Incoming, ...]:
    """The events of a sample; `changes`: path -> what stands there instead, in a JSON sample."""
    found = sample(name)
    if changes:
        body: object = json.loads(found.recorded().body)
        for path, value in changes.items():
            body = replaced(body, path, value)
        found = _Changed(found.path, found.preset, json.dumps(body).encode())
    return read_events(source_of(found.preset), delivered(found))


def event(name: str, changes: Mapping[str, object] = _AS_IT_IS) -> Incoming:
    """The only event of a sample."""
    (found,) = events(name, changes)
    return found


def roots(preset: str, body: object, kind: str | None = None) -> dict[str, object]:
    """The roots that come out of the body, beside `event` and `raw`."""
    said = kind or adapter_of(preset).event_type(body, None) or "received"
    form = normalise(preset, body, Facts("id-1", "some-source", said, _RECEIVED))
    assert form.pop("raw") == body
    del form["event"]
    return form


def told(name: str, changes: Mapping[str, object] = _AS_IT_IS, place: int = 0) -> dict[str, object]:
    """The roots of one event of a sample, the first if no other."""
    found = events(name, changes)[place]
    return roots(sample(name).preset.name, json.loads(found.body), found.type)


def strays(form: Mapping[str, object]) -> list[str]:
    """What no normal form may hold: roots and fields that it does not have, and nulls."""
    found = [root for root, fields in form.items() if root not in FIELDS or fields is None]
    for root, fields in form.items():
        if isinstance(fields, dict):
            found += [f"{root}.{name}" for name, value in fields.items() if value is None]
            known = FIELDS.get(root) or tuple(fields)
            found += [f"{root}.{name}" for name in fields if name not in known]
    return found


def uncatalogued(name: str) -> set[str]:
    """The fields of a sample's events that the catalogue does not have, or has too many of.

    `missing: ` stands before a field that is always there by the catalogue, and is not.
    """
    found: set[str] = set()
    for incoming in events(name):
        preset = sample(name).preset
        paths = set(_paths(roots(preset.name, json.loads(incoming.body), incoming.type)))
        fields = fields_of(preset, incoming.type)
        known = {field.path for field in fields}
        found |= {path for path in paths if path not in known and _parent(path) not in known}
        always = {field.path for field in fields if field.present == "always"}
        own = {path for path in always if path.partition(".")[0] not in ("event", "raw")}
        found |= {f"missing: {path}" for path in own - paths}
    return found


def _paths(form: Mapping[str, object], above: str = "") -> Iterator[str]:
    for name, value in form.items():
        inner = above == "" or name == "custom" or above in ("previous", "previous.contact")
        if inner and isinstance(value, dict):
            yield from _paths(value, f"{above}.{name}" if above else name)
        else:
            yield f"{above}.{name}" if above else name


def _parent(path: str) -> str:
    return path.rpartition(".")[0] + ".*"


def bent_bodies(preset: str) -> st.SearchStrategy[object]:
    """The bodies of a preset's samples, each with something else in one or two places."""
    names = [found.name for found in SAMPLES if found.preset.name == preset]
    bodies = [json.loads(incoming.body) for name in names for incoming in events(name)]
    return st.one_of(json_values, *(_bent(body) for body in bodies))


@st.composite
def _bent(draw: st.DrawFn, body: object) -> object:
    places = list(_places(body))
    for place in draw(st.lists(st.sampled_from(places), min_size=1, max_size=2)):
        body = _put(body, place, draw(json_values))
    return body


_Place = tuple[str | int, ...]


def _places(value: object, above: _Place = ()) -> Iterator[_Place]:
    yield above
    children: Iterator[tuple[str | int, object]] = iter(())
    if isinstance(value, dict):
        children = iter(value.items())
    elif isinstance(value, list):
        children = iter(enumerate(value))
    for key, child in children:
        yield from _places(child, (*above, key))


def _put(value: object, place: _Place, new: object) -> object:
    if not place:
        return new
    first, rest = place[0], place[1:]
    if isinstance(value, dict) and first in value:
        return {**value, first: _put(value[first], rest, new)}
    if isinstance(value, list) and isinstance(first, int) and first < len(value):
        return [*value[:first], _put(value[first], rest, new), *value[first + 1 :]]
    return value
