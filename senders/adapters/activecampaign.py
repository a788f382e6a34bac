"""ActiveCampaign: forms with the deal, contact or account as it is after the event.

https://developers.activecampaign.com/page/webhooks
A person's own fields have the number of the field as their name (`contact.custom["3"]`), those of
a deal the name that the form brings. Values are text.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.crm_records import (
    PERSON,
    described,
    filled,
    first_text,
    full_name,
    host,
    plain,
)
from senders.adapters.record import Table, record
from senders.shapes import block, text

_TYPES = {
    "subscribe": "contact.subscribed",
    "unsubscribe": "contact.unsubscribed",
    "contact_add": "contact.created",
    "update": "contact.updated",
    "contact_tag_added": "contact.tag_added",
    "contact_tag_removed": "contact.tag_removed",
    "contact_task_add": "contact.task_added",
    "contact_task_complete": "contact.task_completed",
    "subscriber_note": "contact.note_added",
    "deal_add": "deal.created",
    "deal_update": "deal.updated",
    "deal_note_add": "deal.note_added",
    "deal_task_add": "deal.task_added",
    "deal_task_complete": "deal.task_completed",
    "deal_tasktype_add": "deal.task_type_added",
    "deal_pipeline_add": "deal.pipeline_added",
    "deal_stage_add": "deal.stage_added",
    "account_add": "company.created",
    "account_update": "company.updated",
    "account_contact_add": "company.contact_added",
    "account_contact_update": "company.contact_updated",
    "account_contact_remove": "company.contact_removed",
    "open": "email.opened",
    "click": "email.clicked",
    "bounce": "email.bounced",
    "reply": "email.replied",
    "forward": "email.forwarded",
    "share": "email.shared",
    "sent": "campaign.sent",
    "list_add": "list.created",
    "sms_sent": "sms.sent",
    "sms_reply": "sms.replied",
    "sms_unsub": "sms.unsubscribed",
}
_DEAL: Table = {
    "id": "id",
    "title": "name",
    "stage_title": "stage",
    "pipeline_title": "pipeline",
    "value_raw": "amount",
    "owner": "owner_id",
    "contactid": "contact_id",
    "orgid": "company_id",
}
_CONTACT: Table = {
    "id": "id",
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "phone": "phone",
    "orgname": "company_name",
}
_COMPANY: Table = {"id": "id", "name": "name", "account_url": "domain"}
_STATUS = {"0": "open", "1": "won", "2": "lost"}


def _event_type(body: object, said: str | None) -> str | None:
    kind = text(block(body).get("type"))
    if kind is None:
        return None
    if kind in _TYPES:
        return _TYPES[kind]
    thing, underscore, verb = kind.partition("_")
    return f"{thing}.{verb}" if underscore else kind


def _roots(body: object, type: str) -> dict[str, object]:
    form = block(body)
    deal, contact, account = (block(form.get(name)) for name in ("deal", "contact", "account"))
    roots: dict[str, object] = {
        "deal": _deal(deal, contact),
        "contact": _contact(contact, deal, _list_of(form)),
        "company": _company(account),
        "change": _tag(form),
    }
    return {root: fields for root, fields in roots.items() if fields}


def _deal(deal: Mapping[str, object], contact: Mapping[str, object]) -> dict[str, object]:
    if not deal:
        return {}
    fields = _record("deal", _DEAL, _values(deal), _own(deal.get("fields")))
    currency = text(deal.get("currency"))
    derived = {
        "status": _STATUS.get(text(deal.get("status")) or ""),
        "stage": first_text([deal.get("stage_title"), deal.get("stageid")]),
        "pipeline": first_text([deal.get("pipeline_title"), deal.get("pipelineid")]),
        "amount": first_text([deal.get("value_raw"), deal.get("value")]),
        "currency": currency.upper() if currency else None,
        "contact_id": first_text([deal.get("contactid"), contact.get("id")]),
    }
    return {**fields, **filled(derived)}


def _contact(
    contact: Mapping[str, object], deal: Mapping[str, object], list_id: str | None
) -> dict[str, object]:
    # a deal's own copy of the person is there even where the person is not
    copied = {
        "id": deal.get("contactid"),
        "email": deal.get("contact_email"),
        "first_name": deal.get("contact_firstname"),
        "last_name": deal.get("contact_lastname"),
    }
    values = {**_values(copied), **_values(contact)}
    tags = [tag.strip() for tag in (text(values.pop("tags", None)) or "").split(",")]
    on_list = filled({"list": list_id if contact else None})
    fields = _record("contact", _CONTACT, values, {**on_list, **_own(contact.get("fields"))})
    derived = {"name": full_name(values.get("first_name"), values.get("last_name"))}
    named = [tag for tag in tags if tag]
    return {**fields, **filled(derived), **({"tags": named} if named else {})}


def _company(account: Mapping[str, object]) -> dict[str, object]:
    fields = _record("company", _COMPANY, _values(account), _own(account.get("fields")))
    return {**fields, **filled({"domain": host(account.get("account_url"))})}


def _record(
    root: str, table: Table, values: Mapping[str, object], own: Mapping[str, object]
) -> dict[str, object]:
    """The account's own fields go to `custom`, even where one is called like a field of ours."""
    fields, _ = record(root, table, values)
    custom = {**block(fields.get("custom")), **own}
    return {**fields, **({"custom": custom} if custom else {})}


def _values(fields: Mapping[str, object]) -> dict[str, object]:
    """What a form says of a record; "0" as a reference to another one says that there is none."""
    said = filled(plain(fields))
    return {name: value for name, value in said.items() if value != "0" or not name.endswith("id")}


def _own(fields: object) -> dict[str, object]:
    """The account's own fields: value by number, or a block each with its name and value."""
    found: dict[str, object] = {}
    for number, value in block(fields).items():
        name = first_text([block(value).get("key"), block(value).get("id"), number])
        found[name or number] = block(value).get("value") if isinstance(value, dict) else value
    return filled(plain(found))


def _list_of(form: Mapping[str, object]) -> str | None:
    """The mailing list that it is about; "0" stands for none."""
    number = text(form.get("list"))
    return None if number == "0" else number


def _tag(form: Mapping[str, object]) -> dict[str, object]:
    tag = text(form.get("tag"))
    return {"field": "tag", "value": tag} if tag else {}


_CONTACT_EXAMPLES: Mapping[str, object] = {
    "id": "27",
    **PERSON,
    "company_name": "Harbour Ltd",
    "tags": ["customer", "safety"],
    "custom.*": "Safety Basics",
}
_CONTACT_FIELDS = described("contact", _CONTACT_EXAMPLES)
# a deal, an account or a message can come without its person
_BESIDE = described("contact", _CONTACT_EXAMPLES, always=())
_DEAL_FIELDS = described(
    "deal",
    {
        "id": "412",
        "name": "Harbour Ltd: Safety Basics",
        "stage": "Contract",
        "status": "won",
        "amount": "1490",
        "currency": "EUR",
        "pipeline": "Course sales",
        "owner_id": "3",
        "contact_id": "27",
        "company_id": "9",
        "custom.*": "Safety Basics",
    },
)
_COMPANY_FIELDS = described(
    "company",
    {"id": "9", "name": "Harbour Ltd", "domain": "harbour.example", "custom.*": "25"},
    # one that a person is added to comes without its own fields
    always=(),
)
_TAG_FIELDS = (
    Field("change.field", "`tag`, where a tag was added or removed", "tag", Presence.SOMETIMES),
    Field("change.value", "that tag", "safety", Presence.SOMETIMES),
)
_FIELDS_OF = {
    "deal": (*_DEAL_FIELDS, *_BESIDE),
    "contact": (*_CONTACT_FIELDS, *_TAG_FIELDS),
    "company": (*_COMPANY_FIELDS, *_BESIDE),
}

ADAPTER = Adapter(
    types=frozenset(_TYPES.values()),
    event_type=_event_type,
    roots=_roots,
    catalogue={type: _FIELDS_OF.get(type.partition(".")[0], _BESIDE) for type in _TYPES.values()},
)
