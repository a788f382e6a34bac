"""Dataverse (Dynamics 365): the execution context of a step, with the columns that were written.

https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks
https://learn.microsoft.com/dotnet/api/microsoft.xrm.sdk.remoteexecutioncontext
An update brings the columns that were written; images of the row before and after complete it.
`changed` has the columns that were written with another value than the image from before shows,
all of them where there is no such image. Choices are option numbers, look-ups the id of the row.
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
from senders.moments import iso, read_moment
from senders.shapes import block, dig, listing, text

_KINDS = kinds("opportunity", "contact", "lead", "account")
_VERBS = {"create": "created", "update": "updated", "delete": "deleted"}
_PERSON: Table = {
    "fullname": "name",
    "firstname": "first_name",
    "lastname": "last_name",
    "emailaddress1": "email",
    "telephone1": "phone",
    "address1_country": "country",
    "ownerid": "owner_id",
}
_TABLES: Mapping[str, Table] = {
    "opportunity": {
        "opportunityid": "id",
        "name": "name",
        "stepname": "stage",
        "estimatedvalue": "amount",
        "actualclosedate": "closed_at",
        "ownerid": "owner_id",
        "parentcontactid": "contact_id",
        "parentaccountid": "company_id",
        "originatingleadid": "lead_id",
    },
    "contact": {**_PERSON, "contactid": "id", "parentcustomerid": "company_id"},
    "lead": {
        **_PERSON,
        "leadid": "id",
        "companyname": "company_name",
        "parentaccountid": "company_id",
    },
    "account": {
        "accountid": "id",
        "name": "name",
        "websiteurl": "domain",
        "telephone1": "phone",
        "address1_country": "country",
        "ownerid": "owner_id",
    },
}
# of an opportunity:
# https://learn.microsoft.com/dynamics365/sales/developer/entities/opportunity
_STATUS = {"0": "open", "1": "won", "2": "lost"}
_ORIGINS = Origins("statecode", _STATUS, "firstname", "lastname", "websiteurl")
# a value can be wrapped in another: a look-up's column in an amount, and so on
_DEEPEST = 3


def _event_type(body: object, said: str | None) -> str | None:
    table = text(dig(body, "PrimaryEntityName"))
    message = (text(dig(body, "MessageName")) or "").lower()
    if table is None or not message:
        return None
    named = _KINDS[table][0] if table in _KINDS else table
    return f"{named}.{_VERBS.get(message, message)}"


def _roots(body: object, type: str) -> dict[str, object]:
    table = text(dig(body, "PrimaryEntityName"))
    if table not in _KINDS or table is None:
        return {}
    root = _KINDS[table][1]
    before, after = (_image(body, name) for name in ("PreEntityImages", "PostEntityImages"))
    target = _target(body)
    written = _attributes(target)
    fields, _ = _fields(table, {**before, **after, **written})
    fields.setdefault("id", text(target.get("Id")) or text(dig(body, "PrimaryEntityId")))
    present = filled(fields)
    roots: dict[str, object] = {root: present} if present else {}
    if written and (text(dig(body, "MessageName")) or "").lower() == "update":
        roots.update(_change(table, before, written))
    return roots


def _change(
    table: str, before: Mapping[str, object], written: Mapping[str, object]
) -> dict[str, object]:
    """`changed`, and `previous` where the image from before shows the values."""
    root = _KINDS[table][1]
    differing = {
        name: value
        for name, value in written.items()
        if _TABLES[table].get(name) != "id" and (name not in before or before[name] != value)
    }
    _, changed = _fields(table, differing)
    previous, _ = _fields(table, {name: before[name] for name in differing if name in before})
    return {"changed": changed, **({"previous": {root: previous}} if previous else {})}


def _fields(table: str, columns: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    return derived_record(_KINDS[table][1], _TABLES[table], _ORIGINS, columns)


def _target(body: object) -> Mapping[str, object]:
    return block(dict(_pairs(dig(body, "InputParameters"))).get("Target"))


def _image(body: object, name: str) -> dict[str, object]:
    """The columns of the row as it was or is, of all images of that kind together."""
    columns: dict[str, object] = {}
    for _, entity in _pairs(dig(body, name)):
        columns.update(_attributes(block(entity)))
    return columns


def _attributes(entity: Mapping[str, object]) -> dict[str, object]:
    return plain({name: _unwrapped(value) for name, value in _pairs(entity.get("Attributes"))})


def _pairs(collection: object) -> Iterator[tuple[str, object]]:
    """Dataverse writes its collections as lists of `{"key": ..., "value": ...}`."""
    for item in listing(collection):
        name = text(block(item).get("key"))
        if name is not None:
            yield name, block(item).get("value")


def _unwrapped(value: object, depth: int = 0) -> object:
    """The value out of an option, an amount or a look-up; times in ISO 8601, in UTC."""
    if isinstance(value, list):
        return [_unwrapped(item, depth + 1) for item in value] if depth < _DEEPEST else value
    if isinstance(value, str):
        moment = read_moment(value) if value.startswith("/Date(") else None
        return value if moment is None else iso(moment)
    for name in ("Value", "Id"):
        if isinstance(value, dict) and name in value and depth < _DEEPEST:
            return _unwrapped(value[name], depth + 1)
    return value


_PERSON_FIELDS = {
    "id": "7f1c5a0e-90b3-ee11-a569-000d3a2b4c5d",
    **PERSON,
    "country": "Germany",
    "company_id": "5e0b4f9d-8fa2-ee11-a569-000d3a2b4c5d",
    "owner_id": "2b8d1c6a-5d70-ee11-9ae7-000d3a2b4c5d",
    "custom.*": "Safety Basics",
}
_DEAL = described(
    "deal",
    {
        "id": "9a3e7c2b-a1c4-ee11-9079-000d3a2b4c5d",
        "name": "Harbour Ltd: Safety Basics",
        "stage": "4-Close",
        "status": "won",
        "amount": 1490.0,
        "closed_at": "2026-04-15T00:00:00Z",
        "owner_id": "2b8d1c6a-5d70-ee11-9ae7-000d3a2b4c5d",
        "contact_id": "7f1c5a0e-90b3-ee11-a569-000d3a2b4c5d",
        "company_id": "5e0b4f9d-8fa2-ee11-a569-000d3a2b4c5d",
        "lead_id": "c04d9f1a-77c1-ee11-9079-000d3a2b4c5d",
        "custom.*": "mira.sol@harbour.example",
    },
)
_CONTACT = described("contact", _PERSON_FIELDS)
_LEAD = described("contact", {**_PERSON_FIELDS, "company_name": "Harbour Ltd"})
_COMPANY = described(
    "company",
    {
        "id": "5e0b4f9d-8fa2-ee11-a569-000d3a2b4c5d",
        **COMPANY,
        "owner_id": "2b8d1c6a-5d70-ee11-9ae7-000d3a2b4c5d",
        "custom.*": 25,
    },
)

ADAPTER = Adapter(
    # any: steps can be registered for every message of every table
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue=by_type(
        {"deal": _DEAL, "contact": _CONTACT, "lead": _LEAD, "company": _COMPANY},
        _VERBS.values(),
        changed=True,
        previous=True,
    ),
)
