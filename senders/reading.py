"""A proved delivery taken apart into its events.

What a delivery holds is data of any shape: it gives events, or Malformed, or UnsupportedType, and
no other exception. A part of a batch that is not what its sender documents is still an event.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from senders.bodies import read_body
from senders.delivery import Delivery, Malformed
from senders.headers import one_family
from senders.identity import identity, is_same, look, told_apart
from senders.moments import read_moment
from senders.normal import adapter_of
from senders.preset import Auth, Batch, Preset
from senders.shapes import block, dig, text, without
from senders.sources import Source
from senders.strict_json import dump

UNKNOWN_TYPE = "received"
LONGEST_TYPE = 200
# what a batch may come to when what its events share is written down with each of them, in bytes
LARGEST_SPREAD = 20_000_000


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event out of a delivery.

    identity: the sender's own, at most 200 printable characters, the same when it is sent again.
    type: such as `deal.updated`. occurred_at: aware UTC, None if the sender does not say.
    body: this event's own JSON, in ASCII.
    """

    identity: str
    type: str
    occurred_at: datetime | None
    body: str


def read_events(source: Source, delivery: Delivery) -> tuple[Incoming, ...]:
    """The delivery's events in its order; none for an empty batch.

    Malformed for a body that cannot be read or a batch that is too long, with a message for the
    sender; UnsupportedType for a content type this source does not read.
    """
    preset = source.preset
    delivery = one_family(preset, delivery)
    whole = _kept(preset, read_body(preset, delivery))
    parts = _batch(preset.batch, whole) if preset.batch else None
    if parts is None:
        return (_event(preset, delivery, whole, None),)
    return tuple(_events(preset, delivery, parts))


def _kept(preset: Preset, whole: object) -> object:
    """The body without its secrets."""
    for path in preset.forget:
        whole = without(whole, path)
    if preset.auth is Auth.BODY and preset.secret_field:
        whole = without(whole, preset.secret_field)
    return whole


def _batch(batch: Batch, whole: object) -> list[object] | None:
    items = dig(whole, batch.path)
    if not isinstance(items, list):
        return None
    if len(items) > batch.most:
        raise Malformed(f"the body holds {len(items)} events, at most {batch.most} are read")
    return _each(batch, whole, items) if batch.each else items


def _each(batch: Batch, whole: object, items: list[object]) -> list[object]:
    shared = {} if batch.path == "$" else block(without(whole, batch.path))
    if len(dump(shared)) * len(items) > LARGEST_SPREAD:
        raise Malformed(f"the body is too long to be split into its {len(items)} events")
    return [{**shared, batch.each: item} for item in items]


def _events(preset: Preset, delivery: Delivery, parts: list[object]) -> Iterator[Incoming]:
    """The events of a batch: two that differ are two, even where their sender names them alike."""
    named: dict[str, object] = {}
    for place, part in enumerate(parts):
        event = _event(preset, delivery, part, place)
        first = named.setdefault(event.identity, part)
        if first is part or is_same(preset, first, part):
            yield event
        else:
            yield replace(event, identity=told_apart(preset, event.identity, part))


def _event(preset: Preset, delivery: Delivery, part: object, position: int | None) -> Incoming:
    return Incoming(
        identity=identity(preset, delivery, part, position),
        type=_type(preset, delivery, part),
        occurred_at=_occurred_at(preset, delivery, part),
        body=dump(part),
    )


def _type(preset: Preset, delivery: Delivery, part: object) -> str:
    said = text(look(preset.type, part, delivery)) if preset.type else None
    found = (adapter_of(preset.name).event_type(part, said) or "").strip()
    return found if found.isprintable() and 0 < len(found) <= LONGEST_TYPE else UNKNOWN_TYPE


def _occurred_at(preset: Preset, delivery: Delivery, part: object) -> datetime | None:
    moments = (read_moment(look(path, part, delivery)) for path in preset.occurred_at)
    return next((moment for moment in moments if moment is not None), None)
