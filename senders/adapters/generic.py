"""Senders that Usher knows nothing of: the body stands under `body` as it came."""

from senders.adapters.adapter import Adapter, Field, Presence


def _event_type(body: object, said: str | None) -> str | None:
    return said


def _roots(body: object, type: str) -> dict[str, object]:
    return {"body": body}


_BODY = Field(
    "body", "the body as it came: body.order.number and so on", {"number": 7}, Presence.ALWAYS
)

ADAPTER = Adapter(
    types=frozenset(), event_type=_event_type, roots=_roots, catalogue={"*": (_BODY,)}
)
