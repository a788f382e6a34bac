"""Intercom: the object as it is now under `data.item`, without a word of what changed.

https://developers.intercom.com/docs/references/webhooks/webhook-models
"""

import re
from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.crm_records import host
from senders.adapters.record import present
from senders.shapes import block, dig, listing, text

# users and leads are both people: "contact.user.created", "contact.lead.tag.created"
_PERSON = re.compile(r"(?:contact\.(?:user|lead)|contact|user)\.(tag\.)?(.+)")
_TAGGING = {"created": "tagged", "deleted": "untagged"}
_PEOPLE = frozenset({"contact", "user", "lead"})


def _event_type(body: object, said: str | None) -> str | None:
    topic = text(dig(body, "topic"))
    person = _PERSON.fullmatch(topic or "")
    if person is None:
        return topic
    return f"contact.{_TAGGING.get(person[2], person[2]) if person[1] else person[2]}"


def _roots(body: object, type: str) -> dict[str, object]:
    item = block(dig(body, "data.item"))
    kind = text(item.get("type")) or ""
    if kind in _PEOPLE:
        return {"contact": _contact(item)}
    if kind == "company":
        return {"company": _company(item)}
    if isinstance(item.get("tag"), dict):
        return {
            "contact": _contact(block(item.get("contact")) or block(item.get("user"))),
            "change": present({"field": "tags", "value": dig(item, "tag.name")}),
        }
    author = block(dig(item, "source.author"))
    if text(author.get("type")) in _PEOPLE:
        return {"contact": present({name: author.get(name) for name in ("id", "name", "email")})}
    return {}


def _contact(item: Mapping[str, object]) -> dict[str, object]:
    company = next(iter(listing(dig(item, "companies.data"))), None)
    tags = listing(dig(item, "tags.data")) or listing(dig(item, "tags.tags"))
    names = [name for tag in tags if (name := text(dig(tag, "name"))) is not None]
    return _filled(
        item,
        {
            "id": item.get("id"),
            "name": item.get("name"),
            "email": item.get("email"),
            "phone": item.get("phone"),
            "country": dig(item, "location.country") or dig(item, "location_data.country_name"),
            "language": item.get("language_override") or item.get("browser_language"),
            "tags": names or None,
            "company_id": dig(company, "id"),
            "company_name": dig(company, "name"),
            "owner_id": item.get("owner_id"),
        },
        ("external_id", "role", "unsubscribed_from_emails"),
    )


def _company(item: Mapping[str, object]) -> dict[str, object]:
    return _filled(
        item,
        {
            "id": item.get("id"),
            "name": item.get("name"),
            "domain": host(item.get("website")),
        },
        ("company_id", "industry", "size"),
    )


def _filled(
    item: Mapping[str, object], fields: Mapping[str, object], more: tuple[str, ...]
) -> dict[str, object]:
    """The fields, and under `custom` the attributes of your own beside some of Intercom's."""
    attributes = block(item.get("custom_attributes"))
    custom = present({**{name: item.get(name) for name in more}, **attributes})
    return present({**fields, "custom": custom or None})


_CONTACT = (
    Field("contact.id", "Intercom's id", "65f1c2d3e4a5b6c7d8e9f001", Presence.ALWAYS),
    Field("contact.name", "whole name", "Mira Sol"),
    Field("contact.email", "e-mail address", "mira.sol@harbour.example"),
    Field("contact.phone", "phone number", "+49301234567", Presence.SOMETIMES),
    Field("contact.country", "country by last visit", "Germany", Presence.SOMETIMES),
    Field("contact.language", "language chosen, or the browser's", "de", Presence.SOMETIMES),
    Field("contact.tags", "names of the tags", ["learner"], Presence.SOMETIMES),
    Field("contact.company_id", "id of the first company", "65f1c2d3e4a5", Presence.SOMETIMES),
    Field("contact.company_name", "its name", "Harbour Ltd", Presence.SOMETIMES),
    Field("contact.owner_id", "number of the teammate", 814860, Presence.SOMETIMES),
    Field("contact.custom.*", "attribute of your own; external_id and role too", "pro"),
)
_TAG = (
    Field("change.field", "always tags", "tags", Presence.ALWAYS),
    Field("change.value", "name of the tag", "learner"),
)
_COMPANY = (
    Field("company.id", "Intercom's id", "65f1c2d3e4a5b6c7d8e9f002", Presence.ALWAYS),
    Field("company.name", "name", "Harbour Ltd"),
    Field("company.domain", "host of the web site", "harbour.example", Presence.SOMETIMES),
    Field("company.custom.*", "attribute of your own; company_id and industry too", "gold"),
)
_CONVERSATION = (
    Field("contact.id", "Intercom's id of who wrote first", "65f1c2d3e4a5b6c7d8e9f001"),
    Field("contact.name", "whole name of who wrote first", "Mira Sol"),
    Field("contact.email", "address of who wrote first", "mira.sol@harbour.example"),
)

ADAPTER = Adapter(
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "contact.created": _CONTACT,
        "contact.updated": _CONTACT,
        "contact.deleted": _CONTACT,
        "contact.signed_up": _CONTACT,
        "contact.tagged": (*_CONTACT, *_TAG),
        "contact.untagged": (*_CONTACT, *_TAG),
        "company.created": _COMPANY,
        "company.updated": _COMPANY,
        "conversation.user.created": _CONVERSATION,
        "conversation.user.replied": _CONVERSATION,
    },
)
