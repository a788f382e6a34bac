"""Copper: which records were touched, and of an update the old and new values; nothing else.

https://developer.copper.com/webhooks/notification-example.html
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.record import Table, record
from senders.shapes import block, dig, text

_VERBS = {"new": "created", "update": "updated", "delete": "deleted"}
_KINDS = {"opportunity": "deal", "person": "contact"}
_ROOTS = {"opportunity": "deal", "person": "contact", "lead": "contact", "company": "company"}
_TYPES = ("deal", "contact", "company", "lead", "project", "task", "activity", "activity_log")
_STATUSES = {"open": "open", "won": "won", "lost": "lost", "abandoned": "lost"}
_TABLES: Mapping[str, Table] = {
    "deal": {
        "name": "name",
        "status": "status",
        "stage": "stage",
        "pipeline_stage_id": "stage",
        "pipeline": "pipeline",
        "pipeline_id": "pipeline",
        "monetary_value": "amount",
        "monetary_unit": "currency",
        "primary_contact_id": "contact_id",
        "company_id": "company_id",
        "assignee_id": "owner_id",
    },
    "contact": {
        "name": "name",
        "first_name": "first_name",
        "last_name": "last_name",
        "email": "email",
        "emails": "email",
        "company_id": "company_id",
        "company_name": "company_name",
        "assignee_id": "owner_id",
        "tags": "tags",
    },
    "company": {
        "name": "name",
        "email_domain": "domain",
        "assignee_id": "owner_id",
    },
}


def _event_type(body: object, said: str | None) -> str | None:
    kind, event = text(dig(body, "type")), text(dig(body, "event"))
    if kind is None or event is None:
        return None
    return f"{_KINDS.get(kind, kind)}.{_VERBS.get(event, event)}"


def _roots(body: object, type: str) -> dict[str, object]:
    root = _ROOTS.get(text(dig(body, "type")) or "")
    if root is None:
        return {}
    updated = _attributes(block(dig(body, "updated_attributes")))
    fields, paths = record(root, _TABLES[root], _told(root, updated, 1))
    identifier = dig(body, "id")
    if identifier is not None:
        fields["id"] = identifier
    roots: dict[str, object] = {root: fields}
    if updated:
        roots["changed"] = list(dict.fromkeys(paths))
        roots["previous"] = {root: record(root, _TABLES[root], _told(root, updated, 0))[0]}
    return roots


def _attributes(given: Mapping[str, object]) -> dict[str, object]:
    """The attributes by name, those of your own fields beside the others."""
    own = {name: value for name, value in given.items() if name != "custom_fields"}
    custom = given.get("custom_fields")
    return {**custom, **own} if isinstance(custom, dict) else dict(given)


def _told(root: str, updated: Mapping[str, object], which: int) -> dict[str, object]:
    """Name -> the old (0) or the new (1) value; None where there is no pair of them."""
    values = {
        name: _plain(pair[which]) if isinstance(pair, list) and len(pair) == 2 else None
        for name, pair in updated.items()
    }
    if root == "deal" and "status" in values:
        values["status"] = _STATUSES.get((text(values["status"]) or "").lower())
    return values


def _plain(value: object) -> object:
    """An address out of the object, or the first of the list of them, that holds it."""
    first = value[0] if isinstance(value, list) and value else value
    address = dig(first, "email")
    return value if address is None else address


def _thin(root: str, kind: str) -> tuple[Field, ...]:
    return (Field(f"{root}.id", f"number of the {kind}", 2827698, Presence.ALWAYS),)


def _update(root: str, kind: str, *fields: Field) -> tuple[Field, ...]:
    path, before = fields[0].path, fields[-1].example
    return (
        *_thin(root, kind),
        *fields,
        Field(f"{root}.custom.*", "new value of a field with no name here", "yes"),
        Field("changed", "names of the fields that changed", [path], Presence.ALWAYS),
        Field(f"previous.{root}.*", "what a changed field held before", before),
    )


_SOMETIMES = Presence.SOMETIMES
_DEAL = (
    Field("deal.status", "open, won or lost, where it changed", "won", _SOMETIMES),
    Field("deal.name", "name, where it changed", "Harbour Ltd: Safety Basics", _SOMETIMES),
    Field("deal.stage", "stage, where it changed", "Contract", _SOMETIMES),
    Field("deal.amount", "value, where it changed", 1490, _SOMETIMES),
    Field("deal.owner_id", "number of the owner, where it changed", 137658, _SOMETIMES),
)
_PERSON = (
    Field("contact.name", "whole name, where it changed", "Mira Sol", _SOMETIMES),
    Field("contact.tags", "tags, where they changed", ["learner"], _SOMETIMES),
    Field("contact.owner_id", "number of the owner, where it changed", 137658, _SOMETIMES),
)
_COMPANY = (
    Field("company.name", "name, where it changed", "Harbour Ltd", _SOMETIMES),
    Field("company.owner_id", "number of the owner, where it changed", 137658, _SOMETIMES),
)

ADAPTER = Adapter(
    types=frozenset(f"{kind}.{verb}" for kind in _TYPES for verb in _VERBS.values()),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "deal.created": _thin("deal", "opportunity"),
        "deal.updated": _update("deal", "opportunity", *_DEAL),
        "deal.deleted": _thin("deal", "opportunity"),
        "contact.created": _thin("contact", "person"),
        "contact.updated": _update("contact", "person", *_PERSON),
        "contact.deleted": _thin("contact", "person"),
        "lead.created": _thin("contact", "lead"),
        "lead.updated": _update("contact", "lead", *_PERSON),
        "lead.deleted": _thin("contact", "lead"),
        "company.created": _thin("company", "company"),
        "company.updated": _update("company", "company", *_COMPANY),
        "company.deleted": _thin("company", "company"),
    },
)
