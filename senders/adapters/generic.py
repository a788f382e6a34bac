"""Senders that Usher knows nothing of: the body stands under `body` as it came."""

from senders.adapters.adapter import Adapter


def _event_type(body: object) -> str | None:
    return None


def _roots(body: object) -> dict[str, object]:
    return {"body": body}


ADAPTER = Adapter(types=frozenset(), event_type=_event_type, roots=_roots)
