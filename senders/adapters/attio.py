"""Attio: ids of what was touched, and nothing of what it holds now.

https://docs.attio.com/rest-api/guides/webhooks
People, companies and deals are records of objects whose ids differ from workspace to workspace, so
the types stay Attio's own: `record.updated`. What was touched is under `body.event.id`.
"""

from senders.adapters.adapter import Adapter, Field, Presence
from senders.shapes import dig, text

_EVENT = "body.event.id."
_WHO = (
    Field("body.event.actor.type", "who did it", "workspace-member"),
    Field(_EVENT + "workspace_id", "id of the workspace", "8f0b6c1e-52a7-4d0e-9b3f-2c7d1e4a5b60"),
)
_RECORD = (
    Field(_EVENT + "object_id", "id of the object", "1f9d2c3b-7a41-4e58-b6c0-d92e8f3a4b51"),
    Field(_EVENT + "record_id", "id of the record", "3c5e7a90-1b2d-4f63-8e74-a5b6c7d8e9f0"),
    *_WHO,
)
_ENTRY = (
    Field(_EVENT + "list_id", "id of the list", "6a7b8c9d-0e1f-4a2b-9c3d-4e5f6a7b8c9d"),
    Field(_EVENT + "entry_id", "id of the entry", "9e8d7c6b-5a49-4837-a625-140312f1e0d9"),
    Field("body.event.parent_object_id", "object of the entry's record", "1f9d2c3b-7a41-4e58"),
    Field("body.event.parent_record_id", "id of the entry's record", "3c5e7a90-1b2d-4f63"),
    *_WHO,
)
_CHANGE = (Field("change.field", "id of the attribute", "5d4c3b2a-1908-4f7e-8d6c-5b4a39281706"),)


def _event_type(body: object, said: str | None) -> str | None:
    return text(dig(body, "event.event_type")) or text(dig(body, "event_type"))


def _roots(body: object, type: str) -> dict[str, object]:
    attribute = dig(body, "event.id.attribute_id")
    roots: dict[str, object] = {"body": body}
    if attribute is not None:
        roots["change"] = {"field": attribute}
    return roots


ADAPTER = Adapter(
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "*": (
            Field("body.event.event_type", "Attio's own name", "task.created", Presence.ALWAYS),
            Field("body.*", "the ids that this event has", None),
        ),
        "record.created": _RECORD,
        "record.updated": (*_RECORD, *_CHANGE),
        "record.deleted": _RECORD,
        "list-entry.created": _ENTRY,
        "list-entry.updated": (*_ENTRY, *_CHANGE),
        "list-entry.deleted": _ENTRY,
    },
)
