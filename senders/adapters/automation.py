"""Zapier and Make: whatever the author of the Zap or scenario chose to send, under `body`."""

from senders.adapters.adapter import Adapter, Field
from senders.shapes import dig, text


def _event_type(body: object, said: str | None) -> str | None:
    return said or text(dig(body, "event"))


def _roots(body: object, type: str) -> dict[str, object]:
    return {"body": body}


ADAPTER = Adapter(
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={"*": (Field("body.*", "field of your own", "mira.sol@harbour.example"),)},
)
