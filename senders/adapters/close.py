"""Close: the object after the change under `event.data`, what it was under `event.previous_data`.

https://developer.close.com/resources/webhook-subscriptions/
https://developer.close.com/resources/event-log/
An opportunity is a deal; a lead, which is a company with its people, gives `company` and, for the
first of its people who has an address, `contact`.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.crm_records import host
from senders.adapters.orders import minor_units
from senders.adapters.record import Table, present, record
from senders.shapes import block, dig, listing, text

_ROOTS = {"opportunity": "deal", "lead": "company", "contact": "contact"}
_STATUSES = {"active": "open", "won": "won", "lost": "lost"}
_TABLES: Mapping[str, Table] = {
    "deal": {
        "id": "id",
        "status_label": "stage",
        "status_type": "status",
        "value": "amount",
        "value_currency": "currency",
        "pipeline_name": "pipeline",
        "user_id": "owner_id",
        "contact_id": "contact_id",
        "lead_id": "lead_id",
        "date_won": "closed_at",
        "date_lost": "closed_at",
    },
    "company": {"id": "id", "name": "name", "url": "domain"},
    "contact": {
        "id": "id",
        "name": "name",
        "emails": "email",
        "phones": "phone",
        "lead_id": "company_id",
    },
}
# fields of your own stand beside the others as `custom.cf_...`
_CUSTOM = "custom."


def _event_type(body: object, said: str | None) -> str | None:
    kind, action = text(dig(body, "event.object_type")), text(dig(body, "event.action"))
    if kind is None or action is None:
        return None
    return f"{'deal' if kind == 'opportunity' else kind}.{action}"


def _roots(body: object, type: str) -> dict[str, object]:
    event = block(dig(body, "event"))
    root = _ROOTS.get(text(event.get("object_type")) or "")
    if root is None:
        return {}
    now, before = block(event.get("data")), block(event.get("previous_data"))
    # a deletion may come without data
    fields = _fields(root, now or before)
    if event.get("object_id") is not None:
        fields.setdefault("id", event["object_id"])
    roots: dict[str, object] = {root: fields, **_companions(root, now)}
    if event.get("action") == "updated":
        roots["changed"] = _changed(root, event)
        roots["previous"] = {root: _fields(root, before)}
    return {name: value for name, value in roots.items() if value}


def _fields(root: str, data: Mapping[str, object]) -> dict[str, object]:
    fields, _ = record(root, _TABLES[root], _properties(root, data))
    return fields


def _changed(root: str, event: Mapping[str, object]) -> list[str]:
    names = [name for name in listing(event.get("changed_fields")) if isinstance(name, str)]
    named = dict.fromkeys(
        name.removeprefix(_CUSTOM) for name in (*names, *block(event.get("previous_data")))
    )
    return list(dict.fromkeys(record(root, _TABLES[root], named)[1]))


def _properties(root: str, data: Mapping[str, object]) -> dict[str, object]:
    """The object's values by name, those of your own fields without `custom.`."""
    named = {name.removeprefix(_CUSTOM): value for name, value in data.items() if name != "custom"}
    # older leads have their fields in an object, by label
    found = {**block(data.get("custom")), **named}
    if root == "deal":
        found.update(_of_deal(found))
    if "url" in found:
        found["url"] = host(found["url"])
    for name, part in (("emails", "email"), ("phones", "phone")):
        if name in found:
            found[name] = _first(found[name], part)
    return found


def _of_deal(data: Mapping[str, object]) -> dict[str, object]:
    values: dict[str, object] = {}
    if "status_type" in data:
        values["status_type"] = _STATUSES.get(text(data["status_type"]) or "")
    if "value" in data:
        # Close counts every currency in hundredths
        values["value"] = minor_units(data["value"], None)
    if data.get("date_won") is not None:
        values["date_lost"] = None
    return values


def _companions(root: str, data: Mapping[str, object]) -> dict[str, object]:
    """Who else the object names: a deal's lead and person, a lead's first person."""
    if root == "deal":
        return {
            "company": present({"id": data.get("lead_id"), "name": data.get("lead_name")}),
            "contact": present({"id": data.get("contact_id"), "name": data.get("contact_name")}),
        }
    if root == "company":
        people = [block(person) for person in listing(data.get("contacts"))]
        reachable = [person for person in people if _first(person.get("emails"), "email")]
        person = next(iter(reachable or people), {})
        return {"contact": _fields("contact", person)}
    return {}


def _first(entries: object, part: str) -> str | None:
    found = (text(dig(entry, part)) for entry in listing(entries))
    return next((value for value in found if value is not None), None)


_CHANGED = "names of the fields that changed"
_BEFORE = "what a changed field held before"
_DEAL = (
    Field("deal.id", "id of the opportunity", "oppo_7H4mQxT1", Presence.ALWAYS),
    Field("deal.status", "open, won or lost", "won", Presence.ALWAYS),
    Field("deal.stage", "label of the status", "Contract signed", Presence.ALWAYS),
    Field("deal.pipeline", "name of the pipeline", "Training"),
    Field("deal.amount", "value, in whole currency units", 1490),
    Field("deal.currency", "currency of the value", "EUR"),
    Field("deal.owner_id", "id of the user who owns it", "user_2bKp"),
    Field("deal.lead_id", "id of the lead", "lead_9Zd3", Presence.ALWAYS),
    Field("deal.contact_id", "id of the person", "cont_4Rt8"),
    Field("deal.closed_at", "day it was won or lost", "2026-04-15T00:00:00Z", Presence.SOMETIMES),
    Field("deal.custom.*", "all else, fields of your own by their cf_ id", "Safety Basics"),
    Field("company.id", "id of the lead", "lead_9Zd3"),
    Field("company.name", "name of the lead", "Harbour Ltd"),
    Field("contact.id", "id of the person", "cont_4Rt8", Presence.SOMETIMES),
    Field("contact.name", "whole name of the person", "Mira Sol", Presence.SOMETIMES),
)
_PERSON = (
    Field("contact.id", "id of the person", "cont_4Rt8"),
    Field("contact.name", "whole name", "Mira Sol"),
    Field("contact.email", "first e-mail address", "mira.sol@harbour.example"),
    Field("contact.phone", "first phone number", "+49301234567", Presence.SOMETIMES),
    Field("contact.company_id", "id of the lead", "lead_9Zd3"),
    Field("contact.custom.*", "all else, fields of your own by their cf_ id", "HR"),
)
_LEAD = (
    Field("company.id", "id of the lead", "lead_9Zd3", Presence.ALWAYS),
    Field("company.name", "name of the lead", "Harbour Ltd", Presence.ALWAYS),
    Field("company.domain", "host of the web address", "harbour.example"),
    Field("company.custom.*", "all else, such as status_label", "Customer"),
    *_PERSON,
)


def _told(root: str, field: str, before: object) -> tuple[Field, ...]:
    return (
        Field("changed", _CHANGED, [f"{root}.{field}"], Presence.ALWAYS),
        Field(f"previous.{root}.*", _BEFORE, before),
    )


ADAPTER = Adapter(
    # activities, tasks and custom objects have types without end
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "deal.created": _DEAL,
        "deal.updated": (*_DEAL, *_told("deal", "status", "open")),
        "deal.deleted": _DEAL,
        "lead.created": _LEAD,
        "lead.updated": (*_LEAD, *_told("company", "custom.status_label", "Trial")),
        "lead.deleted": _LEAD,
        "lead.merged": _LEAD,
        "contact.created": _PERSON,
        "contact.updated": (*_PERSON, *_told("contact", "email", "mira@harbour.example")),
        "contact.deleted": _PERSON,
    },
)
