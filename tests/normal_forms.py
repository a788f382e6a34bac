"""What the tests of adapters stand on: samples as Usher reads them, as they were recorded or with
something else in some places, and what holds of the normal form of any body at all."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType

from hypothesis import strategies as st

from rulebook.conditions import compile_block
from senders.catalogue import fields_of, is_catalogued
from senders.delivery import Delivery
from senders.memory import compare, record_of, remember, with_change
from senders.normal import FIELDS, Facts, adapter_of, normalise
from senders.presets import PRESETS
from senders.reading import read_events
from senders.recorded import Recorded
from senders.shapes import replaced
from senders.strict_json import dump
from senders.verify import verify
from tests.json_values import json_values
from tests.samples import PUBLIC_URL, SAMPLES, Sample, delivered, samples_of, source_of

NOW = datetime(2026, 4, 15, 10, 5, tzinfo=UTC)
_AS_IT_IS: Mapping[str, object] = MappingProxyType({})

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """An event of a sample: what is kept of it, and its normal form without `event` and `raw`."""

    identity: str
    type: str
    occurred_at: datetime | None
    body: object
    form: dict[str, object]

    def root(self, name: str) -> dict[str, object]:
        return root(self.form, name)


@dataclass(frozen=True, slots=True)
class _Changed(Sample):
    """A recorded delivery with another body."""

    body: bytes = b""

    def recorded(self) -> Recorded:
        return replace(Sample.recorded(self), body=self.body)


def sample(name: str) -> Sample:
    """The sample in the file of that name, given with its ending or without."""
    return next(found for found in SAMPLES if name in (found.name, found.path.stem))


def read_all(name: str, changes: Mapping[str, object] = _AS_IT_IS) -> list[Read]:
    """The sample's events, posted by its sender and let in.

    changes: path -> what stands there instead, in a JSON sample.
    """
    found = sample(name)
    if changes:
        body: object = json.loads(found.recorded().body)
        for path, value in changes.items():
            body = replaced(body, path, value)
        found = _Changed(found.path, found.preset, json.dumps(body).encode())
    source = source_of(found.preset)
    delivery = delivered(found, source, now=NOW.timestamp())
    verify(source, delivery, now=NOW.timestamp(), public_url=PUBLIC_URL)
    events = []
    for event in read_events(source, delivery):
        body = json.loads(event.body)
        form = form_of(found.preset.name, body, event.type)
        events.append(Read(event.identity, event.type, event.occurred_at, body, form))
    return events


def read(name: str, changes: Mapping[str, object] = _AS_IT_IS) -> Read:
    """The sample's one event."""
    (found,) = read_all(name, changes)
    return found


def told(name: str, changes: Mapping[str, object] = _AS_IT_IS, place: int = 0) -> dict[str, object]:
    """The normal form of one event of a sample, the first if no other."""
    return read_all(name, changes)[place].form


def form_of(preset: str, body: object, type: str | None = None) -> dict[str, object]:
    """The roots that come out of the body, beside `event` and `raw`; only documented ones."""
    form = _form(preset, body, type or type_of(preset, body))
    assert _is_documented(form)
    return form


def _form(preset: str, body: object, type: str | None) -> dict[str, object]:
    kind = type or "received"
    form = normalise(preset, body, Facts("id-1", "some-source", kind, NOW))
    assert form.pop("raw") is body
    del form["event"]
    return form


def root(form: Mapping[str, object], name: str) -> dict[str, object]:
    """The fields of a root that is there."""
    fields = form[name]
    assert isinstance(fields, dict)
    return fields


def type_of(preset: str, body: object, said: str | None = None) -> str | None:
    return adapter_of(preset).event_type(body, said)


def identity_of(preset: str, body: object, headers: Mapping[str, str] | None = None) -> str:
    """The identity of a body's first event, posted with these headers."""
    posted = Delivery("POST", "/hooks/any", tuple((headers or {}).items()), dump(body).encode())
    return read_events(source_of(PRESETS[preset]), posted)[0].identity


def becomes(form: Mapping[str, object], field: str, value: str) -> bool:
    """Whether a rule with `field: {becomes: value}` matches."""
    return compile_block({field: {"becomes": value}}, {}).holds(form, NOW)


def becomes_won(form: Mapping[str, object]) -> bool:
    """Whether a rule with `deal.status: {becomes: won}` matches."""
    return becomes(form, "deal.status", "won")


def remembered(*names: str) -> list[dict[str, object]]:
    """The forms of the samples' events, one after the other, with what Usher finds changed."""
    memory, found = None, []
    for place, name in enumerate(names):
        one = read(name)
        assert one.occurred_at is not None
        form = {"event": {"type": one.type}, **one.form}
        record = record_of(form)
        assert record is not None
        order = (int(one.occurred_at.timestamp() * 1000), place)
        found.append(with_change(form, compare(memory, form, record, order)))
        memory = remember(memory, form, record, order, str(place))
    return found


def well_formed(preset: str, body: object, said: str | None = None) -> bool:
    """Whether any body gives only documented fields, none of them null, and can be stored."""
    kind = type_of(preset, body, said)
    assert kind is None or isinstance(kind, str)
    return _is_documented(_form(preset, body, kind))


def _is_documented(form: dict[str, object]) -> bool:
    json.dumps(form)
    previous = form.get("previous", {})
    assert isinstance(previous, dict)
    assert set(previous) <= set(FIELDS["previous"])
    return all(_documented(root, fields) for root, fields in [*form.items(), *previous.items()])


def _documented(root: str, fields: object) -> bool:
    if root == "changed":
        return isinstance(fields, list) and all(isinstance(path, str) for path in fields)
    names = FIELDS[root]
    if not names:
        # answers, and what a sender without an adapter of its own posts as it likes
        return root == "body" or (isinstance(fields, dict) and None not in fields.values())
    assert isinstance(fields, dict)
    custom = fields.get("custom", {})
    assert isinstance(custom, dict)
    return set(fields) <= set(names) and None not in (*fields.values(), *custom.values())


def uncatalogued(preset: str) -> set[str]:
    """The fields of the preset's samples that its catalogue does not have."""
    row = PRESETS[preset]
    found = set()
    for each in samples_of(preset):
        for one in read_all(each.name):
            assert is_catalogued(row, one.type), one.type
            known = [field.path.split(".") for field in fields_of(row, one.type)]
            paths = [path for path in _leaves(one.form) if not any(_fits(path, k) for k in known)]
            found |= {f"{one.type} {'.'.join(path)}" for path in paths}
    return found


def _leaves(form: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(form, dict):
        for name, value in form.items():
            yield from _leaves(value, (*path, name))
    else:
        yield path


def _fits(path: tuple[str, ...], known: list[str]) -> bool:
    parts = [part.partition("[")[0] for part in known]
    return all(part in ("*", name) for name, part in zip(path, parts, strict=False))


@cache
def spoilt(preset: str) -> st.SearchStrategy[object]:
    """A sample's body with any value put anywhere in it, or any value at all."""
    bodies = [one.body for each in samples_of(preset) for one in read_all(each.name)]
    places = [(body, path) for body in bodies for path in _places(body)]
    changed = st.builds(
        lambda place, value: _put(place[0], place[1], value), st.sampled_from(places), json_values
    )
    return changed | json_values


def _places(value: object, path: _Path = ()) -> Iterator[_Path]:
    yield path
    inner = value.items() if isinstance(value, dict) else ()
    for key, child in enumerate(value) if isinstance(value, list) else inner:
        yield from _places(child, (*path, key))


def _put(value: object, path: _Path, new: object) -> object:
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: _put(value[path[0]], path[1:], new)}
    assert isinstance(value, list)
    return [_put(item, path[1:], new) if n == path[0] else item for n, item in enumerate(value)]
