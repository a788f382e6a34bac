"""A body as its sender posts it, read into the one event of it that somebody asks about.

For tests and for people: nothing is proved here, and what only a header would say is not known.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from senders.delivery import Delivery, Malformed, UnsupportedType
from senders.normal import Facts, normalise
from senders.preset import Preset
from senders.reading import UNKNOWN_TYPE, Incoming, read_events
from senders.recorded import Recorded
from senders.shaping import shape
from senders.sources import Source


def event_of(
    body: str,
    preset: Preset,
    source: str,
    types: Collection[str],
    received_at: datetime,
) -> dict[str, object]:
    """The normal form of the first event of one of these types; else of the first of all.

    Where the body does not say its type, and the source's settings are not known here, it has the
    type that is asked for. Raises ValueError with the reason for what is no delivery.
    """
    shaped = shape(preset, Recorded(body.encode()))
    headers = (("Content-Type", shaped.content_type), *shaped.headers)
    try:
        events = read_events(
            Source(source, preset), Delivery("POST", f"/hooks/{source}", headers, shaped.body)
        )
    except (Malformed, UnsupportedType) as error:
        raise ValueError(str(error)) from None
    if not events:
        raise ValueError("it holds no event")
    event = next((one for one in events if one.type in types), events[0])
    kind = _type(event, types)
    facts = Facts(event.identity, source, kind, received_at, event.occurred_at)
    return normalise(preset.name, json.loads(event.body), facts)


def _type(event: Incoming, types: Collection[str]) -> str:
    if event.type != UNKNOWN_TYPE or UNKNOWN_TYPE in types or not types:
        return event.type
    return min(types)
