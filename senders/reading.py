"""A proved delivery taken apart into its events.

What a delivery holds is data of any shape: it gives events, or Malformed, or UnsupportedType, and
no other exception. A part of a batch that is not what its sender documents is still an event.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from senders.delivery import Delivery, Malformed, UnsupportedType
from senders.identity import identity, look
from senders.moments import read_moment
from senders.normal import adapter_of
from senders.preset import BodyKind, Preset
from senders.shapes import dig, text
from senders.sources import Source
from senders.strict_json import dump, parse

UNKNOWN_TYPE = "received"
LONGEST_TYPE = 200

_JSON = re.compile(r"application/(?:json|[!#$&^_.+0-9a-z-]+\+json)")
_FORM = "application/x-www-form-urlencoded"


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
    whole = _READERS[preset.body[0]](delivery)
    parts = _batch(preset, whole)
    if parts is None:
        return (_event(preset, delivery, whole, None),)
    return tuple(_event(preset, delivery, part, place) for place, part in enumerate(parts))


def _read_json(delivery: Delivery) -> object:
    content_type = _content_type(delivery)
    if not content_type or _JSON.fullmatch(content_type):
        return parse(delivery.body)
    if content_type != _FORM:
        raise UnsupportedType("this source reads application/json only")
    # curl -d calls everything a form
    try:
        return parse(delivery.body)
    except Malformed:
        raise UnsupportedType("this source reads application/json, not forms") from None


_READERS: Mapping[BodyKind, Callable[[Delivery], object]] = {BodyKind.JSON: _read_json}


def _content_type(delivery: Delivery) -> str:
    values = ",".join(delivery.values("Content-Type"))
    return values.partition(";")[0].strip().lower()


def _batch(preset: Preset, whole: object) -> list[object] | None:
    if preset.batch is None:
        return None
    parts = dig(whole, preset.batch.path)
    if not isinstance(parts, list):
        return None
    if len(parts) > preset.batch.most:
        raise Malformed(f"the body holds {len(parts)} events, at most {preset.batch.most} are read")
    return parts


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
