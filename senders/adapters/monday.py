"""monday.com: one change of one item of a board, read as a deal.

https://developer.monday.com/api-reference/reference/webhooks
Column values come in a shape for each kind of column; here they are text, numbers, yes or no, or
lists of texts. `deal.custom.<column id>` holds every value. The column `deal_stage` of monday CRM,
and one called `status`, also give `deal.stage`; their labels Won and Lost give `deal.status`.
"""

from collections.abc import Callable, Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.record import present
from senders.shapes import block, dig, listing, text

_TYPES = {
    "create_pulse": "item.created",
    "create_item": "item.created",
    "update_column_value": "item.updated",
    "change_column_value": "item.updated",
    "change_specific_column_value": "item.updated",
    "change_status_column_value": "item.updated",
    "update_name": "item.updated",
    "change_name": "item.updated",
    "delete_pulse": "item.deleted",
    "item_deleted": "item.deleted",
    "archive_pulse": "item.archived",
    "item_archived": "item.archived",
    "restore_pulse": "item.restored",
    "item_restored": "item.restored",
    "move_pulse_into_group": "item.moved",
    "move_pulse_into_board": "item.moved",
    "create_update": "update.created",
    "edit_update": "update.updated",
    "delete_update": "update.deleted",
}
_RENAMED = frozenset({"update_name", "change_name"})
_STAGES = frozenset({"deal_stage", "status"})
_CLOSED = {"won": "won", "lost": "lost"}


def _event_type(body: object, said: str | None) -> str | None:
    kind = text(dig(body, "event.type"))
    if kind is None:
        return "action.run" if isinstance(dig(body, "payload"), dict) else None
    named = _TYPES.get(kind, kind)
    is_below = dig(body, "event.parentItemId") is not None
    return f"sub{named}" if is_below and named.startswith("item.") else named


def _roots(body: object, type: str) -> dict[str, object]:
    event = block(dig(body, "event"))
    if not event:
        return {"body": body}
    deal: dict[str, object] = present(
        {
            "id": _first(event, "pulseId", "itemId"),
            "name": _first(event, "pulseName", "itemName"),
            "pipeline": event.get("boardId"),
        }
    )
    column = text(event.get("columnId"))
    if text(event.get("type")) in _RENAMED:
        return {"deal": deal, **_renaming(event, deal)}
    values = {
        name: plain
        for name, value in block(event.get("columnValues")).items()
        if (plain := _plain(value)) is not None
    }
    roots: dict[str, object] = {"deal": deal}
    if column is not None:
        values.update(present({column: _plain(event.get("value"))}))
        roots.update(_change(column, event))
    deal.update(_fields(values))
    address = _address([*block(event.get("columnValues")).values(), event.get("value")])
    if address is not None:
        roots["contact"] = {"email": address}
    return roots


def _first(event: Mapping[str, object], *names: str) -> object:
    found = (event.get(name) for name in names)
    return next((value for value in found if value is not None), None)


def _renaming(event: Mapping[str, object], deal: dict[str, object]) -> dict[str, object]:
    name, before = text(dig(event, "value.name")), text(dig(event, "previousValue.name"))
    if name is not None:
        deal["name"] = name
    return {
        "change": present({"field": "name", "value": name}),
        "changed": ["deal.name"],
        "previous": {"deal": present({"name": before})},
    }


def _change(column: str, event: Mapping[str, object]) -> dict[str, object]:
    now, before = _plain(event.get("value")), _plain(event.get("previousValue"))
    here = _fields(present({column: now}))
    was = _fields(present({column: before}))
    others = [name for name in ("stage", "status") if here.get(name) != was.get(name)]
    return {
        "change": present({"field": column, "value": now}),
        "changed": [f"deal.custom.{column}", *(f"deal.{name}" for name in others)],
        "previous": {"deal": was},
    }


def _fields(values: Mapping[str, object]) -> dict[str, object]:
    """Values by column id as fields of a deal."""
    fields: dict[str, object] = {"custom": dict(values)} if values else {}
    for column, value in values.items():
        if column not in _STAGES or not isinstance(value, str):
            continue
        fields["stage"] = value
        status = _CLOSED.get(value.strip().lower(), "open" if column == "deal_stage" else None)
        if status is not None:
            fields["status"] = status
    return fields


def _address(values: list[object]) -> str | None:
    found = (text(dig(value, "email")) for value in values)
    return next((address for address in found if address is not None), None)


def _plain(value: object) -> object:
    """A column's value without what monday wraps it in."""
    if not isinstance(value, dict):
        return value
    return next((read(value) for key, read in _READERS.items() if key in value), value)


def _ids(key: str, name: str) -> Callable[[Mapping[str, object]], object]:
    def read(value: Mapping[str, object]) -> object:
        found = (dig(entry, name) for entry in listing(value.get(key)))
        return [entry for entry in found if entry is not None]

    return read


def _label(value: Mapping[str, object]) -> object:
    label = value["label"]
    return text(dig(label, "text")) if isinstance(label, dict) else label


def _date(value: Mapping[str, object]) -> object:
    day, time = text(value["date"]), text(value.get("time"))
    return f"{day}T{time}Z" if day is not None and time is not None else day


# a key that tells the kind of column -> how its value is read; the first that is there counts
_READERS: Mapping[str, Callable[[Mapping[str, object]], object]] = {
    "label": _label,
    "chosenValues": _ids("chosenValues", "name"),
    "personsAndTeams": _ids("personsAndTeams", "id"),
    "linkedPulseIds": _ids("linkedPulseIds", "linkedPulseId"),
    "email": lambda value: text(value["email"]),
    "phone": lambda value: text(value["phone"]),
    "url": lambda value: text(value["url"]),
    "date": _date,
    "checked": lambda value: value["checked"] in (True, "true"),
    "rating": lambda value: value["rating"],
    "value": lambda value: value["value"],
    "text": lambda value: text(value["text"]),
}

_ITEM = (
    Field("deal.id", "number of the item", 1483920571, Presence.ALWAYS),
    Field("deal.name", "name of the item", "Harbour Ltd: Safety Basics", Presence.ALWAYS),
    Field("deal.pipeline", "number of the board", 5092817364, Presence.ALWAYS),
)
_VALUES = (
    Field("deal.stage", "label in the column deal_stage or status", "Won", Presence.SOMETIMES),
    Field("deal.status", "won or lost by that label, else open", "won", Presence.SOMETIMES),
    Field("deal.custom.*", "value of a column, by the column's id", "Safety Basics"),
    Field("contact.email", "address in an e-mail column", "mira@x.example", Presence.SOMETIMES),
)
_CHANGE = (
    Field("change.field", "id of the column that changed", "deal_stage", Presence.ALWAYS),
    Field("change.value", "its new value", "Won"),
    Field("changed", "names of the fields that changed", ["deal.stage"], Presence.ALWAYS),
    Field("previous.deal.*", "what a changed field held before", "Negotiation"),
)

ADAPTER = Adapter(
    # a board's integrations send types of their own
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "item.created": (*_ITEM, *_VALUES),
        "item.updated": (*_ITEM, *_VALUES, *_CHANGE),
        "item.deleted": _ITEM,
        "item.archived": _ITEM,
        "item.restored": _ITEM,
        "item.moved": _ITEM,
    },
)
