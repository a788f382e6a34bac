"""What a CRM's sample gives, for the tests of every adapter of a CRM."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hypothesis import strategies as st

from senders.moments import iso, read_moment
from senders.normal import FIELDS, Facts, adapter_of, normalise
from senders.reading import read_events
from tests.json_values import json_values
from tests.samples import SAMPLES, Sample, delivered, samples_of, source_of

_WHEN = read_moment("2026-04-15T10:05:00Z")
assert _WHEN is not None
WHEN: datetime = _WHEN


@dataclass(frozen=True, slots=True)
class Read:
    """An event of a sample: what is kept of it, and the roots beside `event` and `raw`."""

    identity: str
    type: str
    occurred_at: str | None
    body: object
    roots: dict[str, object]

    def root(self, name: str) -> dict[str, object]:
        return root(self.roots, name)


def root(form: dict[str, object], name: str) -> dict[str, object]:
    """The fields of a root that is there."""
    fields = form[name]
    assert isinstance(fields, dict)
    return fields


def sample(name: str) -> Sample:
    """The sample of that file name, without its ending."""
    return next(each for each in SAMPLES if each.path.stem == name)


def events_of(name: str) -> list[Read]:
    """The events of a sample as its sender posts it, in order."""
    found = sample(name)
    source = source_of(found.preset)
    events = []
    for event in read_events(source, delivered(found, source)):
        body = json.loads(event.body)
        moment = event.occurred_at and iso(event.occurred_at)
        form = roots(found.preset.name, body, event.type)
        events.append(Read(event.identity, event.type, moment, body, form))
    return events


def event_of(name: str) -> Read:
    """The one event of a sample."""
    [event] = events_of(name)
    return event


def roots(preset: str, body: object, type: str | None = None) -> dict[str, object]:
    """The roots that come out of the body, all of them as documented."""
    named = type or adapter_of(preset).event_type(body, None) or "received"
    form = normalise(preset, body, Facts("id-1", "some-source", named, WHEN))
    assert form.pop("raw") == body
    del form["event"]
    json.dumps(form)
    assert_documented(form)
    return form


def assert_documented(form: dict[str, object]) -> None:
    """Only known roots with known fields, none of them empty or null."""
    previous = form.get("previous", {})
    assert isinstance(previous, dict)
    for root, fields in (*form.items(), *previous.items()):
        if root == "changed":
            assert isinstance(fields, list)
            assert all(isinstance(path, str) for path in fields)
            continue
        assert isinstance(fields, dict)
        assert fields
        assert not FIELDS[root] or set(fields) <= set(FIELDS[root])
        custom = fields.get("custom", {})
        assert None not in (*fields.values(), *custom.values())


def with_anything_anywhere(preset: str) -> st.SearchStrategy[object]:
    """Bodies of the preset's samples in which one part, or the whole, is any JSON value."""
    bodies = [event.body for each in samples_of(preset) for event in events_of(each.path.stem)]
    places = [(body, path) for body in bodies for path in _places(body, ())]
    return st.builds(
        lambda place, new: replaced(place[0], place[1], new), st.sampled_from(places), json_values
    )


Path = tuple[str | int, ...]


def _places(value: object, path: Path) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        inner: Iterator[tuple[str | int, object]] = iter(value.items())
    elif isinstance(value, list):
        inner = iter(enumerate(value))
    else:
        return
    for key, child in inner:
        yield from _places(child, (*path, key))


def replaced(value: object, path: Path, new: object) -> object:
    """The value with what stands at the path replaced."""
    if not path:
        return new
    key, *rest = path
    if isinstance(value, dict):
        return {**value, key: replaced(value[key], tuple(rest), new)}
    assert isinstance(value, list)
    return [
        replaced(item, tuple(rest), new) if place == key else item
        for place, item in enumerate(value)
    ]
