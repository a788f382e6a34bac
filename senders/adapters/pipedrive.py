"""Pipedrive: the object after the change under `data`, and what changed under `previous`.

https://pipedrive.readme.io/docs/guide-for-webhooks-v2
https://pipedrive.readme.io/docs/guide-for-webhooks
Bodies of the first version (`current`, `added`, `merged`, custom fields beside the others) are
read as well, since existing subscriptions may still send them.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.record import Table, present, record
from senders.shapes import block, dig, text

_VERBS = {
    "create": "created",
    "change": "updated",
    "delete": "deleted",
    "added": "created",
    "updated": "updated",
    "deleted": "deleted",
    "merged": "merged",
}
_ENTITIES = (
    "deal",
    "person",
    "organization",
    "lead",
    "product",
    "activity",
    "activity_type",
    "note",
    "pipeline",
    "stage",
    "user",
    "deal_product",
    "deal_installment",
    "board",
    "phase",
    "project",
    "task",
)
_ROOTS = {"deal": "deal", "person": "contact", "organization": "company"}
_TABLES: Mapping[str, Table] = {
    "deal": {
        "id": "id",
        "title": "name",
        "stage_id": "stage",
        "status": "status",
        "value": "amount",
        "currency": "currency",
        "pipeline_id": "pipeline",
        "person_id": "contact_id",
        "org_id": "company_id",
        "lead_id": "lead_id",
        "owner_id": "owner_id",
        "user_id": "owner_id",
        "close_time": "closed_at",
    },
    "contact": {
        "id": "id",
        "name": "name",
        "first_name": "first_name",
        "last_name": "last_name",
        "emails": "email",
        "email": "email",
        "phones": "phone",
        "phone": "phone",
        "org_id": "company_id",
        "org_name": "company_name",
        "owner_id": "owner_id",
    },
    "company": {
        "id": "id",
        "name": "name",
        "country_code": "country",
        "owner_id": "owner_id",
    },
}
_STATUSES = ("open", "won", "lost")


def _event_type(body: object, said: str | None) -> str | None:
    entity = text(dig(body, "meta.entity")) or text(dig(body, "meta.object"))
    action = text(dig(body, "meta.action"))
    if entity is None or action is None:
        return None
    return f"{entity}.{_VERBS.get(action, action)}"


def _roots(body: object, type: str) -> dict[str, object]:
    entity = text(dig(body, "meta.entity")) or text(dig(body, "meta.object")) or ""
    root = _ROOTS.get(entity)
    if root is None:
        return {}
    now = _properties(block(dig(body, "data")) or block(dig(body, "current")))
    before = _properties(block(dig(body, "previous")))
    # a deletion has no data, only what was there before
    fields, _ = _fields(root, now or before)
    fields.setdefault("id", dig(body, "meta.entity_id"))
    roots: dict[str, object] = {root: present(fields)}
    if now and before:
        previous, roots["changed"] = _fields(root, _differing(before, now))
        roots["previous"] = {root: previous}
    return roots


def _properties(data: Mapping[str, object]) -> dict[str, object]:
    """All of an object's values by name, those of custom fields beside the others."""
    own = {name: value for name, value in data.items() if name != "custom_fields"}
    together = {**block(data.get("custom_fields")), **own}
    return {name: _plain(value) for name, value in together.items()}


def _fields(root: str, properties: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    fields, paths = record(root, _TABLES[root], properties)
    closing = properties.get("won_time") or properties.get("lost_time")
    if root == "deal" and fields.get("status") not in _STATUSES:
        fields.pop("status", None)
    if root == "deal" and "closed_at" not in fields and closing is not None:
        fields.update(record(root, {"time": "closed_at"}, {"time": closing})[0])
        paths.append("deal.closed_at")
    return fields, list(dict.fromkeys(paths))


def _differing(before: Mapping[str, object], now: Mapping[str, object]) -> dict[str, object]:
    """What was another value before: the first version of the bodies repeats the whole object."""
    return {name: value for name, value in before.items() if name not in now or now[name] != value}


def _plain(value: object) -> object:
    """The value out of what Pipedrive wraps it in; of several addresses or numbers the primary."""
    if isinstance(value, list) and value and all("value" in block(item) for item in value):
        primary = [item for item in value if block(item).get("primary") is True]
        return _unwrapped((primary or value)[0])
    return _unwrapped(value)


def _unwrapped(value: object) -> object:
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("values"), list):
        return [item.get("id") if isinstance(item, dict) else item for item in value["values"]]
    for name in ("value", "id"):
        if name in value:
            return value[name]
    return value


_DEAL = (
    Field("deal.id", "number of the deal", 7712, Presence.ALWAYS),
    Field("deal.name", "title of the deal", "Lakeside Clinic: First Aid"),
    Field("deal.status", "open, won or lost", "won"),
    Field("deal.stage", "number of the stage", 5),
    Field("deal.pipeline", "number of the pipeline", 1),
    Field("deal.amount", "value of the deal", 980),
    Field("deal.currency", "currency of the value", "EUR"),
    Field("deal.owner_id", "number of the user who owns it", 12597982),
    Field("deal.contact_id", "number of the person", 179),
    Field("deal.company_id", "number of the organization", 130),
    Field("deal.lead_id", "id of the lead it was made of", "adf21080", Presence.SOMETIMES),
    Field("deal.closed_at", "when it was won or lost", "2026-04-15T10:00:00Z", Presence.SOMETIMES),
    Field("deal.custom.*", "field of your own, by its 40-character key", 41),
)
_CHANGE = (
    Field("changed", "names of the fields that changed", ["deal.status"], Presence.ALWAYS),
    Field("previous.deal.*", "what a changed field held before", "open"),
)
_PERSON = (
    Field("contact.id", "number of the person", 179, Presence.ALWAYS),
    Field("contact.name", "whole name", "Jon Vale"),
    Field("contact.first_name", "first name", "Jon"),
    Field("contact.last_name", "last name", "Vale"),
    Field("contact.email", "primary e-mail address", "jon.vale@lakeside.example"),
    Field("contact.phone", "primary phone number", "+49 30 1234567"),
    Field("contact.company_id", "number of the organization", 130),
    Field("contact.company_name", "its name, in v1 bodies", "Lakeside", Presence.SOMETIMES),
    Field("contact.owner_id", "number of the user who owns it", 12597982),
    Field("contact.custom.*", "field of your own, by its 40-character key", "yes"),
)
_ORGANIZATION = (
    Field("company.id", "number of the organization", 130, Presence.ALWAYS),
    Field("company.name", "name of the organization", "Lakeside Clinic"),
    Field("company.country", "country, in v1 bodies", "DE", Presence.SOMETIMES),
    Field("company.owner_id", "number of the user who owns it", 12597982),
    Field("company.custom.*", "field of your own, by its 40-character key", "clinic"),
)
_CATALOGUE = {
    "deal.created": _DEAL,
    "deal.updated": (*_DEAL, *_CHANGE),
    "deal.deleted": _DEAL,
    "person.created": _PERSON,
    "person.updated": (
        *_PERSON,
        Field("changed", "names of the fields that changed", ["contact.email"], Presence.ALWAYS),
        Field("previous.contact.*", "what a changed field held before", "jon@lakeside.example"),
    ),
    "person.deleted": _PERSON,
    "organization.created": _ORGANIZATION,
    "organization.updated": (
        *_ORGANIZATION,
        Field("changed", "names of the fields that changed", ["company.name"], Presence.ALWAYS),
        Field("previous.company.*", "what a changed field held before", "Lakeside"),
    ),
    "organization.deleted": _ORGANIZATION,
}

ADAPTER = Adapter(
    types=frozenset(
        f"{entity}.{verb}" for entity in _ENTITIES for verb in sorted(set(_VERBS.values()))
    ),
    event_type=_event_type,
    roots=_roots,
    catalogue=_CATALOGUE,
)
