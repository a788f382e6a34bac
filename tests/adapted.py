"""What comes out of a sample, as it was recorded or with something else in some places."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from senders.reading import Incoming, read_events
from senders.recorded import Recorded
from senders.shapes import replaced
from tests.adapter_proofs import form_of
from tests.samples import SAMPLES, Sample, delivered, source_of

_AS_IT_IS: Mapping[str, object] = MappingProxyType({})


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


def told(name: str, changes: Mapping[str, object] = _AS_IT_IS, place: int = 0) -> dict[str, object]:
    """The roots of one event of a sample, the first if no other."""
    found = events(name, changes)[place]
    return form_of(sample(name).preset.name, json.loads(found.body), found.type)
