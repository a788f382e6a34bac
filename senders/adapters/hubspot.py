"""HubSpot: CRM events (one changed property each) and workflow webhooks (the whole object).

https://developers.hubspot.com/docs/api/webhooks
https://developers.hubspot.com/docs/methods/workflows/webhook_information
"""

from collections.abc import Callable, Mapping

from senders.adapters.adapter import Adapter, Catalogue, Field, Presence
from senders.adapters.crm_records import CHANGED, COMPANY, PERSON, described, full_name
from senders.adapters.record import Table, record
from senders.shapes import block, dig, listing, text

# "object.creation" with a type id is the newer spelling of "contact.creation"
_OBJECT_TYPE_IDS = {
    "0-1": "contact",
    "0-2": "company",
    "0-3": "deal",
    "0-5": "ticket",
    "0-7": "product",
    "0-8": "line_item",
}
_VERBS = {
    "creation": "created",
    "propertyChange": "updated",
    "deletion": "deleted",
    "privacyDeletion": "privacy_deleted",
    "restore": "restored",
    "merge": "merged",
    "associationChange": "associated",
    "newMessage": "message",
}
_OBJECTS = (*_OBJECT_TYPE_IDS.values(), "object")

_TABLES: Mapping[str, Table] = {
    "deal": {
        "dealname": "name",
        "dealstage": "stage",
        "amount": "amount",
        "deal_currency_code": "currency",
        "pipeline": "pipeline",
        "closedate": "closed_at",
        "hubspot_owner_id": "owner_id",
    },
    "contact": {
        "email": "email",
        "firstname": "first_name",
        "lastname": "last_name",
        "phone": "phone",
        "company": "company_name",
        "hubspot_owner_id": "owner_id",
    },
    "company": {
        "name": "name",
        "domain": "domain",
        "phone": "phone",
        "country": "country",
        "hubspot_owner_id": "owner_id",
    },
}
# the stages of HubSpot's default pipeline; other pipelines have numbers, and only
# hs_is_closed_won tells
_STATUS_OF_STAGE = {"closedwon": "won", "closedlost": "lost"}


def _event_type(body: object, said: str | None) -> str | None:
    subscription = dig(body, "subscriptionType")
    if not isinstance(subscription, str):
        kind = _workflow_object(body)
        return f"{kind or 'object'}.workflow" if isinstance(body, dict) else None
    kind, _, verb = subscription.partition(".")
    return f"{_object(kind, body)}.{_VERBS.get(verb, verb)}" if verb else None


def _object(kind: str, body: object) -> str:
    if kind != "object":
        return kind
    return _OBJECT_TYPE_IDS.get(text(dig(body, "objectTypeId")) or "", kind)


def _workflow_object(body: object) -> str | None:
    named = (text(dig(body, "objectType")) or "").lower()
    known = named if named in _OBJECTS else _object("object", body)
    if known != "object":
        return known
    marks = {"vid": "contact", "canonical-vid": "contact", "dealId": "deal", "companyId": "company"}
    return next((kind for mark, kind in marks.items() if mark in block(body)), None)


def _roots(body: object, type: str) -> dict[str, object]:
    event = block(body)
    if isinstance(event.get("subscriptionType"), str):
        return _crm_event(event)
    kind = _workflow_object(body)
    return _whole_object(kind, event) if kind in _TABLES and kind is not None else {}


def _crm_event(event: Mapping[str, object]) -> dict[str, object]:
    kind = _object(str(event["subscriptionType"]).partition(".")[0], event)
    name, value = event.get("propertyName"), event.get("propertyValue")
    roots: dict[str, object] = {}
    properties: dict[str, object] = {}
    if isinstance(name, str):
        roots["change"] = _with({"field": name, "value": value}, {})
        properties = {name: value}
    if kind in _TABLES:
        fields, changed = _fields(kind, properties)
        roots[kind] = _with({"id": event.get("objectId")}, fields)
        if properties:
            roots["changed"] = changed
    return roots


def _whole_object(kind: str, event: Mapping[str, object]) -> dict[str, object]:
    properties = {name: _value(value) for name, value in block(event.get("properties")).items()}
    fields, _ = _fields(kind, properties)
    ids = (event.get(name) for name in ("objectId", "vid", "canonical-vid", "dealId", "companyId"))
    extra = {
        "id": next((found for found in ids if found is not None), properties.get("hs_object_id")),
        "owner_email": dig(event, "associated-owner.email"),
    }
    if kind == "deal":
        extra["contact_id"] = _first(dig(event, "associations.associatedVids"))
        extra["company_id"] = _first(dig(event, "associations.associatedCompanyIds"))
    return {kind: _with(extra, fields)}


def _fields(kind: str, properties: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    fields, changed = record(kind, _TABLES[kind], properties)
    derived = _DERIVED[kind](properties) if kind in _DERIVED else {}
    for name, value in derived.items():
        if value:
            fields[name] = value
            changed.append(f"{kind}.{name}")
    return fields, changed


def _of_deal(properties: Mapping[str, object]) -> dict[str, object]:
    product = properties.get("product") or properties.get("product_name")
    return {"status": _status(properties), "product": product}


def _of_contact(properties: Mapping[str, object]) -> dict[str, object]:
    return {"name": full_name(properties.get("firstname"), properties.get("lastname"))}


_DERIVED: Mapping[str, Callable[[Mapping[str, object]], dict[str, object]]] = {
    "deal": _of_deal,
    "contact": _of_contact,
}


def _status(properties: Mapping[str, object]) -> str | None:
    if _true(properties.get("hs_is_closed_won")):
        return "won"
    if "hs_is_closed" in properties and not _true(properties["hs_is_closed"]):
        return "open"
    if "hs_is_closed" in properties and "hs_is_closed_won" in properties:
        return "lost"
    return _STATUS_OF_STAGE.get(text(properties.get("dealstage")) or "")


def _true(value: object) -> bool:
    return value is True or value == "true"


def _value(value: object) -> object:
    return value.get("value") if isinstance(value, dict) else value


def _first(value: object) -> object:
    return next(iter(listing(value)), None)


def _with(extra: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    return {**{name: value for name, value in extra.items() if value is not None}, **fields}


_EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "deal": {
        "id": 90210001,
        "name": "Harbour Ltd: Safety Basics",
        "stage": "closedwon",
        "status": "won",
        "amount": "1490.00",
        "currency": "EUR",
        "pipeline": "default",
        "product": "Safety Basics",
        "owner_id": "76023669",
        "closed_at": "2026-04-15T10:00:00Z",
        "custom.*": "mira.sol@harbour.example",
    },
    "contact": {
        "id": 70110002,
        **PERSON,
        "company_name": "Harbour Ltd",
        "owner_id": "76023669",
        "custom.*": "Safety Basics",
    },
    "company": {
        "id": 50440004,
        **COMPANY,
        "owner_id": "76023669",
        "custom.*": "25",
    },
}
# what only the webhooks of workflows bring
_ASSOCIATED: Mapping[str, Mapping[str, object]] = {
    "deal": {
        "owner_email": "olga.berg@training.example",
        "contact_id": 70110002,
        "company_id": 50440004,
    },
    "contact": {"owner_email": "olga.berg@training.example"},
    "company": {"owner_email": "olga.berg@training.example"},
}
_CHANGE = (
    Field("change.field", "HubSpot's name of what changed", "dealstage", Presence.ALWAYS),
    Field("change.value", "its value now", "closedwon", Presence.ALWAYS),
)


def _fields_of(kind: str, verb: str) -> tuple[Field, ...]:
    examples = _EXAMPLES.get(kind, {})
    if verb == "workflow":
        return described(kind, {**examples, **_ASSOCIATED.get(kind, {})})
    if verb == "updated":
        # one property an event
        properties = described(kind, examples, others=Presence.SOMETIMES)
        return (*properties, *_CHANGE, CHANGED) if properties else _CHANGE
    return described(kind, {name: value for name, value in examples.items() if name == "id"})


_TYPES = (
    *(f"{kind}.{verb}" for kind in _OBJECTS for verb in _VERBS.values() if verb != "message"),
    *(f"{kind}.workflow" for kind in _OBJECTS),
    *("conversation.created", "conversation.updated", "conversation.deleted"),
    *("conversation.privacy_deleted", "conversation.message"),
)
_CATALOGUE: Catalogue = {type: _fields_of(*type.split(".")) for type in _TYPES}

ADAPTER = Adapter(
    types=frozenset(_TYPES),
    event_type=_event_type,
    roots=_roots,
    catalogue=_CATALOGUE,
)
