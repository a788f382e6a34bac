"""Mailchimp: what happened to a member of an audience.

https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
Merge fields without a name here stand in `contact.custom` by their tags, as `COURSE`; so do the
audience (`contact.custom.list_id`) and why somebody left (`action`, `reason`, `campaign_id`).
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.answers import is_blank
from senders.adapters.record import Table, present, record
from senders.adapters.submission import joined
from senders.shapes import block, dig, text

_TYPES = {
    "subscribe": "contact.subscribed",
    "unsubscribe": "contact.unsubscribed",
    "profile": "contact.updated",
    "upemail": "contact.email_changed",
    "cleaned": "contact.cleaned",
}
_CAMPAIGN = "campaign"
_CAMPAIGNS = {"sent": "campaign.sent", "canceled": "campaign.cancelled"}
_OTHER_CAMPAIGN = "campaign.updated"
# tags that every audience has from the start; the others are the customer's
_TABLE: Table = {
    "id": "id",
    "email": "email",
    "FNAME": "first_name",
    "LNAME": "last_name",
    "PHONE": "phone",
}
_KEPT = ("list_id", "web_id", "email_type", "action", "reason", "campaign_id")


def _event_type(body: object, said: str | None) -> str | None:
    kind = text(dig(body, "type"))
    if kind == _CAMPAIGN:
        status = text(dig(body, "data.status")) or ""
        return _CAMPAIGNS.get(status, _OTHER_CAMPAIGN)
    return _TYPES.get(kind, f"contact.{kind}") if kind else None


def _roots(body: object, type: str) -> dict[str, object]:
    kind = text(dig(body, "type"))
    if kind is None or kind == _CAMPAIGN:
        return {}
    data = block(dig(body, "data"))
    roots: dict[str, object] = {"contact": _contact(data)}
    if kind == "upemail":
        roots["changed"] = ["contact.email"]
        roots["previous"] = {"contact": present({"email": text(data.get("old_email"))})}
    return roots


def _contact(data: Mapping[str, object]) -> dict[str, object]:
    merges = dict(block(data.get("merges")))
    address = merges.pop("EMAIL", None)
    known = {
        **merges,
        **{name: data.get(name) for name in _KEPT},
        "id": data.get("id") or data.get("new_id"),
        "email": data.get("email") or data.get("new_email") or address,
    }
    given = {name: value for name, value in known.items() if not is_blank(value)}
    fields, _ = record("contact", _TABLE, given)
    name = joined((fields.get("first_name"), fields.get("last_name")), " ")
    return {**fields, "name": name} if name else fields


_MEMBER = (
    Field("contact.id", "the member's identity in the audience", "8a25ff1d98"),
    Field("contact.email", "the address, the new one where it changed", "ada@meadow.example"),
    Field("contact.first_name", "the merge field FNAME", "Ada"),
    Field("contact.last_name", "the merge field LNAME", "Lindt"),
    Field("contact.name", "first and last name", "Ada Lindt"),
    Field("contact.phone", "the merge field PHONE", "+49 30 901820", Presence.SOMETIMES),
    Field("contact.custom.list_id", "the audience", "a6b5da1054", Presence.ALWAYS),
    Field("contact.custom.reason", "why an address left", "manual", Presence.SOMETIMES),
    Field("contact.custom.*", "your merge fields, by tag", "Safety Basics", Presence.SOMETIMES),
)
_CHANGED = (
    Field("changed", "what has changed", ["contact.email"], Presence.ALWAYS),
    Field("previous.contact.email", "the address before", "ada@lindt.example", Presence.ALWAYS),
)

ADAPTER = Adapter(
    types=frozenset({*_TYPES.values(), *_CAMPAIGNS.values(), _OTHER_CAMPAIGN}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        **dict.fromkeys(_TYPES.values(), _MEMBER),
        "contact.email_changed": (*_MEMBER, *_CHANGED),
        **dict.fromkeys((*_CAMPAIGNS.values(), _OTHER_CAMPAIGN), ()),
    },
)
