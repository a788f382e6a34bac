"""What the tests of an adapter stand on: its samples as the engine reads them, and what holds of
the normal form of any body at all."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import strategies as st

from rulebook.conditions import compile_block
from senders.catalogue import fields_of, is_catalogued
from senders.delivery import Delivery
from senders.memory import compare, record_of, remember, with_change
from senders.normal import FIELDS, Facts, adapter_of, normalise
from senders.presets import PRESETS
from senders.reading import Incoming, read_events
from senders.strict_json import dump
from senders.verify import verify
from tests.json_values import json_values
from tests.samples import FOLDER, PUBLIC_URL, Sample, delivered, preset_of, samples_of, source_of

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """An event of a sample and its normal form, without the roots that every event has."""

    event: Incoming
    body: object
    form: dict[str, object]


def read_all(file: str) -> list[Read]:
    """The sample's events, posted by its sender and let in."""
    sample = Sample(FOLDER / file, preset_of(file))
    source = source_of(sample.preset)
    delivery = delivered(sample, source, now=NOW.timestamp())
    verify(source, delivery, now=NOW.timestamp(), public_url=PUBLIC_URL)
    return [_read(sample.preset.name, event) for event in read_events(source, delivery)]


def read(file: str) -> Read:
    """The sample's one event."""
    (found,) = read_all(file)
    return found


def _read(preset: str, event: Incoming) -> Read:
    body = json.loads(event.body)
    return Read(event, body, form_of(preset, body, event.type))


def form_of(preset: str, body: object, type: str | None = None) -> dict[str, object]:
    """The roots that come out of the body, beside `event` and `raw`."""
    kind = type or adapter_of(preset).event_type(body, None) or "received"
    form = normalise(preset, body, Facts("id-1", "some-source", kind, NOW))
    assert form.pop("raw") is body
    del form["event"]
    return form


def type_of(preset: str, body: object, said: str | None = None) -> str | None:
    return adapter_of(preset).event_type(body, said)


def identity_of(preset: str, body: object, headers: Mapping[str, str] | None = None) -> str:
    """The identity of a body's first event, posted with these headers."""
    posted = Delivery("POST", "/hooks/any", tuple((headers or {}).items()), dump(body).encode())
    return read_events(source_of(PRESETS[preset]), posted)[0].identity


def becomes_won(form: Mapping[str, object]) -> bool:
    """Whether a rule with `deal.status: {becomes: won}` matches."""
    return becomes(form, "deal.status", "won")


def remembered(*files: str) -> list[dict[str, object]]:
    """The forms of the samples' events, one after the other, with what Usher finds changed."""
    memory, found = None, []
    for place, file in enumerate(files):
        one = read(file)
        assert one.event.occurred_at is not None
        form = {"event": {"type": one.event.type}, **one.form}
        record = record_of(form)
        assert record is not None
        order = (int(one.event.occurred_at.timestamp() * 1000), place)
        found.append(with_change(form, compare(memory, form, record, order)))
        memory = remember(memory, form, record, order, str(place))
    return found


def becomes(form: Mapping[str, object], field: str, value: str) -> bool:
    """Whether a rule with `field: {becomes: value}` matches."""
    return compile_block({field: {"becomes": value}}, {}).holds(form, NOW)


def well_formed(preset: str, body: object, said: str | None = None) -> bool:
    """Whether any body gives only documented fields, none of them null, and can be stored."""
    kind = type_of(preset, body, said)
    assert kind is None or isinstance(kind, str)
    form = form_of(preset, body, kind)
    json.dumps(form)
    previous = form.get("previous", {})
    assert isinstance(previous, dict)
    assert set(previous) <= set(FIELDS["previous"])
    return all(_documented(root, fields) for root, fields in [*form.items(), *previous.items()])


def _documented(root: str, fields: object) -> bool:
    names = FIELDS[root]
    if not names:
        return True
    assert isinstance(fields, dict)
    return set(fields) <= set(names) and None not in fields.values()


def uncatalogued(preset: str) -> set[str]:
    """The fields of the preset's samples that its catalogue does not have."""
    row = PRESETS[preset]
    found = set()
    for sample in samples_of(preset):
        for one in read_all(sample.name):
            assert is_catalogued(row, one.event.type), one.event.type
            known = [field.path.split(".") for field in fields_of(row, one.event.type)]
            paths = [path for path in _leaves(one.form) if not any(_fits(path, k) for k in known)]
            found |= {f"{one.event.type} {'.'.join(path)}" for path in paths}
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


def spoilt(preset: str) -> st.SearchStrategy[object]:
    """A sample's body with any value put anywhere in it, or any value at all."""
    bodies = [one.body for sample in samples_of(preset) for one in read_all(sample.name)]
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
