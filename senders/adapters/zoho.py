"""Zoho CRM notifications: which records of a module changed, and in which fields.

https://www.zoho.com/crm/developer/docs/api/v8/notifications/enable.html
A notification names up to many records; each is an event of its own here, with `id` beside what
the notification says of all. The record itself is not in it: only the fields that changed, and
those only where the channel was made with `return_affected_field_values`.
"""

from collections.abc import Iterator, Mapping

from senders.adapters.adapter import Adapter
from senders.adapters.crm_records import (
    COMPANY,
    PERSON,
    Origins,
    by_type,
    derived_record,
    described,
    filled,
    kinds,
    plain,
)
from senders.adapters.record import Table
from senders.shapes import block, dig, listing, text

_KINDS = kinds("Deals", "Contacts", "Leads", "Accounts")
_VERBS = {
    "insert": "created",
    "create": "created",
    "update": "updated",
    "edit": "updated",
    "delete": "deleted",
}
_PERSON: Table = {
    "Full_Name": "name",
    "First_Name": "first_name",
    "Last_Name": "last_name",
    "Email": "email",
    "Phone": "phone",
    "Owner": "owner_id",
}
_TABLES: Mapping[str, Table] = {
    "Deals": {
        "Deal_Name": "name",
        "Stage": "stage",
        "Amount": "amount",
        "Currency": "currency",
        "Pipeline": "pipeline",
        "Closing_Date": "closed_at",
        "Owner": "owner_id",
        "Contact_Name": "contact_id",
        "Account_Name": "company_id",
    },
    "Contacts": {**_PERSON, "Account_Name": "company_id", "Mailing_Country": "country"},
    "Leads": {**_PERSON, "Company": "company_name", "Country": "country"},
    "Accounts": {
        "Account_Name": "name",
        "Website": "domain",
        "Phone": "phone",
        "Billing_Country": "country",
        "Owner": "owner_id",
    },
}
# the stages that every new Zoho CRM account has
_STATUS_OF_STAGE = {
    "Closed Won": "won",
    "Closed Lost": "lost",
    "Closed Lost to Competition": "lost",
    **dict.fromkeys(
        (
            "Qualification",
            "Needs Analysis",
            "Value Proposition",
            "Identify Decision Makers",
            "Proposal/Price Quote",
            "Negotiation/Review",
        ),
        "open",
    ),
}
_ORIGINS = Origins("Stage", _STATUS_OF_STAGE, "First_Name", "Last_Name", "Website")


def _event_type(body: object, said: str | None) -> str | None:
    module, operation = (text(dig(body, name)) for name in ("module", "operation"))
    if module is None or operation is None:
        return None
    named = _KINDS[module][0] if module in _KINDS else module.lower()
    return f"{named}.{_VERBS.get(operation.lower(), operation.lower())}"


def _roots(body: object, type: str) -> dict[str, object]:
    module, number = text(dig(body, "module")), text(dig(body, "id"))
    if module is None or module not in _KINDS:
        return {}
    root = _KINDS[module][1]
    values = _values(body, number)
    fields, paths = _fields(module, values)
    roots: dict[str, object] = {root: filled({"id": number, **fields})}
    if _VERBS.get((text(dig(body, "operation")) or "").lower()) == "updated":
        named = _named(body, number)
        # the names alone, where the channel was made without values
        _, others = _fields(module, {name: None for name in named if name not in values})
        roots["changed"] = [*paths, *others]
    return {name: found for name, found in roots.items() if found}


def _values(body: object, number: str | None) -> dict[str, object]:
    """The fields of that record as the notification gives them; null where one was emptied."""
    found = next(_of(dig(body, "affected_values"), number), {})
    values = {name: _unwrapped(value) for name, value in block(found.get("values")).items()}
    return plain(values)


def _of(entries: object, number: str | None) -> Iterator[dict[str, object]]:
    blocks = (block(entry) for entry in listing(entries))
    return (entry for entry in blocks if number and text(entry.get("record_id")) == number)


def _named(body: object, number: str | None) -> list[str]:
    """The names of the fields that changed: `[{"<record's id>": ["Stage", ...]}]`."""
    entries = (block(entry).get(number or "") for entry in listing(dig(body, "affected_fields")))
    return [name for names in entries for name in map(text, listing(names)) if name is not None]


def _unwrapped(value: object) -> object:
    """A look-up is its id; of several people or records the ids."""
    if isinstance(value, list):
        return [block(item).get("id", item) if isinstance(item, dict) else item for item in value]
    return value.get("id", value) if isinstance(value, dict) else value


def _fields(module: str, values: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    return derived_record(_KINDS[module][1], _TABLES[module], _ORIGINS, values)


_PERSON_FIELDS = {
    "id": "4876876000000624007",
    **PERSON,
    "country": "Germany",
    "owner_id": "4876876000000327001",
    "custom.*": "Safety Basics",
}
_DEAL = described(
    "deal",
    {
        "id": "4876876000000731012",
        "name": "Harbour Ltd: Safety Basics",
        "stage": "Closed Won",
        "status": "won",
        "amount": 1490,
        "currency": "EUR",
        "pipeline": "Standard (Standard)",
        "closed_at": "2026-04-15T00:00:00Z",
        "owner_id": "4876876000000327001",
        "contact_id": "4876876000000624007",
        "company_id": "4876876000000624001",
        "custom.*": "mira.sol@harbour.example",
    },
)
_CONTACT = described("contact", {**_PERSON_FIELDS, "company_id": "4876876000000624001"})
_LEAD = described("contact", {**_PERSON_FIELDS, "company_name": "Harbour Ltd"})
_COMPANY = described(
    "company",
    {
        "id": "4876876000000624001",
        **COMPANY,
        "owner_id": "4876876000000327001",
        "custom.*": 25,
    },
)

ADAPTER = Adapter(
    # any: modules of your own notify as well
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue=by_type(
        {"deal": _DEAL, "contact": _CONTACT, "lead": _LEAD, "company": _COMPANY},
        _VERBS.values(),
        changed=True,
    ),
)
