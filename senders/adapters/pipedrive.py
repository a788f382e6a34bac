"""Pipedrive: the object after the change under `data`, and what changed under `previous`.

https://pipedrive.readme.io/docs/guide-for-webhooks-v2
Bodies of the first version (`current`, `added`, `merged`, custom fields beside the others) are
read as well, since existing subscriptions may still send them.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter
from senders.adapters.record import Table, record
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
    roots: dict[str, object] = {root: _present(fields)}
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


def _present(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


ADAPTER = Adapter(
    types=frozenset(
        f"{entity}.{verb}" for entity in _ENTITIES for verb in sorted(set(_VERBS.values()))
    ),
    event_type=_event_type,
    roots=_roots,
)
