"""What a form tool's sample gives, for the tests of every adapter of a form tool."""

import json
from collections.abc import Iterable

from senders.moments import read_moment
from senders.normal import FIELDS, Facts, adapter_of, normalise
from senders.reading import Incoming, read_events
from senders.verify import verify
from tests.samples import FOLDER, PUBLIC_URL, Sample, delivered, preset_of, source_of

_WHEN = read_moment("2026-04-15T10:05:00Z")
assert _WHEN is not None
FACTS = Facts("id-1", "some-source", "form.submitted", _WHEN)


def event_of(file: str) -> Incoming:
    """The one event of a sample, posted and let in as its sender posts it."""
    sample = Sample(FOLDER / file, preset_of(file))
    source = source_of(sample.preset)
    delivery = delivered(sample, source, now=_WHEN.timestamp())
    verify(source, delivery, now=_WHEN.timestamp(), public_url=PUBLIC_URL)
    (event,) = read_events(source, delivery)
    return event


def body_of(file: str) -> object:
    """The body of that event, as it is kept."""
    return json.loads(event_of(file).body)


def roots(preset: str, body: object) -> dict[str, object]:
    """The roots that come out of the body, beside `event` and `raw`; only documented ones."""
    form = normalise(preset, body, FACTS)
    assert form.pop("raw") == body
    del form["event"]
    json.dumps(form)
    for root, fields in form.items():
        assert isinstance(fields, dict)
        assert not FIELDS[root] or set(fields) <= set(FIELDS[root])
    return form


def holds_null(form: dict[str, object]) -> bool:
    """Whether a field of a root is null."""
    return any(None in fields.values() for fields in form.values() if isinstance(fields, dict))


def catalogued(preset: str, samples: Iterable[str]) -> bool:
    """Whether every field of the samples is in the preset's catalogue, and none is missing there.

    A field such as `answers.*` stands for every name below it; what the catalogue says to be
    always there has to be in each sample.
    """
    listed = adapter_of(preset).catalogue["*"]
    names = {field.path for field in listed}
    always = {field.path for field in listed if field.present == "always"}
    for sample in samples:
        form = roots(preset, body_of(sample))
        found = {f"{root}.{name}" for root, fields in form.items() for name in _keys(fields)}
        if not always <= found:
            return False
        if any(path not in names and f"{path.split('.')[0]}.*" not in names for path in found):
            return False
    return True


def _keys(fields: object) -> Iterable[str]:
    return fields if isinstance(fields, dict) else ()
