"""Salesforce outbound messages: the fields of one record that the message was set up to carry.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_notifications.htm
A message does not say what happened. It counts as `created` where its fields CreatedDate and
LastModifiedDate (or SystemModstamp) are the same time, else as `updated`. It brings the record as
it is when the message is delivered, not as it was when the message was queued.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter
from senders.adapters.crm_records import (
    COMPANY,
    PERSON,
    by_type,
    described,
    filled,
    first_text,
    full_name,
    host,
    kinds,
    plain,
)
from senders.adapters.record import Table, record
from senders.moments import read_moment
from senders.salesforce_ids import long_id
from senders.shapes import block, dig, text

_KINDS = kinds("Opportunity", "Contact", "Lead", "Account")
_PERSON: Table = {
    "Id": "id",
    "Name": "name",
    "FirstName": "first_name",
    "LastName": "last_name",
    "Email": "email",
    "Phone": "phone",
    "OwnerId": "owner_id",
}
_TABLES: Mapping[str, Table] = {
    "Opportunity": {
        "Id": "id",
        "Name": "name",
        "StageName": "stage",
        "Amount": "amount",
        "CurrencyIsoCode": "currency",
        "CloseDate": "closed_at",
        "OwnerId": "owner_id",
        "ContactId": "contact_id",
        "AccountId": "company_id",
    },
    "Contact": {**_PERSON, "AccountId": "company_id", "MailingCountry": "country"},
    "Lead": {**_PERSON, "Company": "company_name", "Country": "country"},
    "Account": {
        "Id": "id",
        "Name": "name",
        "Website": "domain",
        "Phone": "phone",
        "BillingCountry": "country",
        "OwnerId": "owner_id",
    },
}
# the stages that every new Salesforce account has
_STATUS_OF_STAGE = {
    "Closed Won": "won",
    "Closed Lost": "lost",
    **dict.fromkeys(
        (
            "Prospecting",
            "Qualification",
            "Needs Analysis",
            "Value Proposition",
            "Id. Decision Makers",
            "Perception Analysis",
            "Proposal/Price Quote",
            "Negotiation/Review",
        ),
        "open",
    ),
}


def _event_type(body: object, said: str | None) -> str | None:
    kind = _kind(body)
    if kind is None:
        return None
    named = _KINDS[kind][0] if kind in _KINDS else kind.lower()
    return f"{named}.{'created' if _is_new(_values(body)) else 'updated'}"


def _kind(body: object) -> str | None:
    """The object's name: what its xsi:type says, with or without the prefix of its namespace."""
    said = text(dig(body, "Notification.sObject.type"))
    return (said or "").rpartition(":")[2].strip() or None


def _is_new(values: Mapping[str, object]) -> bool:
    created = read_moment(values.get("CreatedDate"))
    touched = read_moment(values.get("LastModifiedDate") or values.get("SystemModstamp"))
    return created is not None and created == touched


def _values(body: object) -> dict[str, object]:
    """The record's fields that say something, ids in their long spelling."""
    found = block(dig(body, "Notification.sObject"))
    single = {name: _single(value) for name, value in found.items() if name != "type"}
    return {
        name: long_id(value) if name.endswith("Id") and isinstance(value, str) else value
        for name, value in filled(plain(single)).items()
    }


def _single(value: object) -> object:
    """Some messages bring the Id twice."""
    return value[0] if isinstance(value, list) and value else value


def _roots(body: object, type: str) -> dict[str, object]:
    kind = _kind(body)
    if kind not in _KINDS:
        return {}
    values, root = _values(body), _KINDS[kind][1]
    fields, _ = record(root, _TABLES[kind], values)
    fields = {**fields, **filled(_derived(root, values))}
    return {root: fields} if fields else {}


def _derived(root: str, values: Mapping[str, object]) -> dict[str, object]:
    if root == "deal":
        return {"status": _status(values)}
    if root == "company":
        return {"domain": host(values.get("Website"))}
    whole = text(values.get("Name"))
    return {"name": whole or full_name(values.get("FirstName"), values.get("LastName"))}


def _status(values: Mapping[str, object]) -> str | None:
    won, closed = (_flag(values.get(name)) for name in ("IsWon", "IsClosed"))
    if won:
        return "won"
    if closed is False:
        return "open"
    named = _STATUS_OF_STAGE.get(first_text([values.get("StageName")]) or "")
    if closed:
        # closed in a stage of your own: lost only where Salesforce says that it is not won
        return "lost" if won is False else named
    return named


def _flag(value: object) -> bool | None:
    known = {"true": True, "1": True, "false": False, "0": False}
    return value if isinstance(value, bool) else known.get(text(value) or "")


_DEAL = described(
    "deal",
    {
        "id": "0068d00000BqK4XAAV",
        "name": "Harbour Ltd: Safety Basics",
        "stage": "Closed Won",
        "status": "won",
        "amount": "1490.0",
        "currency": "EUR",
        "closed_at": "2026-04-15T00:00:00Z",
        "owner_id": "0058d000003AbCdAAK",
        "contact_id": "0038d00000QwErTAAV",
        "company_id": "0018d00000AbCdEAAV",
        "custom.*": "mira.sol@harbour.example",
    },
)
_CONTACT = described(
    "contact",
    {
        "id": "0038d00000QwErTAAV",
        **PERSON,
        "country": "Germany",
        "company_id": "0018d00000AbCdEAAV",
        "owner_id": "0058d000003AbCdAAK",
        "custom.*": "Safety Basics",
    },
)
_LEAD = described(
    "contact",
    {
        "id": "00Q8d000001AbCdEAK",
        **PERSON,
        "country": "Germany",
        "company_name": "Harbour Ltd",
        "owner_id": "0058d000003AbCdAAK",
        "custom.*": "Open - Not Contacted",
    },
)
_COMPANY = described(
    "company",
    {
        "id": "0018d00000AbCdEAAV",
        **COMPANY,
        "owner_id": "0058d000003AbCdAAK",
        "custom.*": "25.0",
    },
)

ADAPTER = Adapter(
    # any: objects of your own send messages as well
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue=by_type(
        {"deal": _DEAL, "contact": _CONTACT, "lead": _LEAD, "company": _COMPANY},
        ("created", "updated"),
    ),
)
