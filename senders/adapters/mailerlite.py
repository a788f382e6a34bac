"""MailerLite: what happened to a subscriber.

https://developers.mailerlite.com/docs/webhooks
Most events have the subscriber's fields at the top, those about a group or an automation have them
under `subscriber`. The group stands in `contact.custom.group` and `contact.custom.group_id`, the
automation in `contact.custom.automation` and `contact.custom.automation_id`.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.answers import is_blank
from senders.adapters.record import Table, record
from senders.adapters.submission import joined
from senders.shapes import block, dig, listing, text

_SUBSCRIBER = "subscriber."
_VERBS = (
    *("created", "updated", "deleted", "unsubscribed", "bounced", "spam_reported", "activated"),
    *("added_to_group", "removed_from_group", "automation_triggered", "automation_completed"),
)
_CAMPAIGNS = ("campaign.sent", "campaign.open", "campaign.click")
# fields that every account has; in MailerLite `name` is the first name
_TABLE: Table = {
    "id": "id",
    "email": "email",
    "name": "first_name",
    "last_name": "last_name",
    "phone": "phone",
    "country": "country",
    "company": "company_name",
    "groups": "tags",
}
_KEPT = ("status", "source")
_ABOUT = ("group", "automation")


def _event_type(body: object, said: str | None) -> str | None:
    event = text(dig(body, "event")) or text(dig(body, "type"))
    if event is None or not event.startswith(_SUBSCRIBER):
        return event
    verb = event.removeprefix(_SUBSCRIBER)
    return f"contact.{'activated' if verb == 'active' else verb}"


def _roots(body: object, type: str) -> dict[str, object]:
    whole = block(body)
    subscriber = block(whole.get("subscriber")) or whole
    if "email" not in subscriber:
        return {}
    return {"contact": _contact(subscriber, whole)}


def _contact(subscriber: Mapping[str, object], whole: Mapping[str, object]) -> dict[str, object]:
    groups = (text(dig(group, "name")) for group in listing(subscriber.get("groups")))
    known = {
        **block(subscriber.get("fields")),
        **{name: subscriber.get(name) for name in _KEPT},
        "id": subscriber.get("id"),
        "email": subscriber.get("email"),
        "groups": [group for group in groups if group],
    }
    for thing in _ABOUT:
        known[thing] = text(dig(whole, f"{thing}.name")) or known.get(thing)
        known[f"{thing}_id"] = text(dig(whole, f"{thing}.id")) or known.get(f"{thing}_id")
    given = {name: value for name, value in known.items() if not is_blank(value)}
    fields, _ = record("contact", _TABLE, given)
    name = joined((fields.get("first_name"), fields.get("last_name")), " ")
    return {**fields, "name": name} if name else fields


_CONTACT = (
    Field("contact.id", "the subscriber's identity", "73940285618304772", Presence.ALWAYS),
    Field("contact.email", "the subscriber's address", "ada@meadow.example", Presence.ALWAYS),
    Field("contact.first_name", "the field name", "Ada"),
    Field("contact.last_name", "the field last_name", "Lindt"),
    Field("contact.name", "first and last name", "Ada Lindt"),
    Field("contact.phone", "the field phone", "+49 30 901820", Presence.SOMETIMES),
    Field("contact.country", "the field country", "Germany", Presence.SOMETIMES),
    Field("contact.company_name", "the field company", "Harbour Ltd", Presence.SOMETIMES),
    Field("contact.tags", "the names of all groups", ["Course buyers"], Presence.SOMETIMES),
    Field("contact.custom.status", "active, unsubscribed, bounced, junk", "active"),
    Field("contact.custom.*", "your own fields, by key", "Safety Basics", Presence.SOMETIMES),
)
_GROUP = (
    Field("contact.custom.group", "the group's name", "Course buyers", Presence.ALWAYS),
    Field("contact.custom.group_id", "the group's identity", "54201175883", Presence.ALWAYS),
)
_AUTOMATION = (
    Field("contact.custom.automation", "the automation's name", "Welcome", Presence.ALWAYS),
    Field("contact.custom.automation_id", "its identity", "88120175883", Presence.ALWAYS),
)

ADAPTER = Adapter(
    types=frozenset({*(f"contact.{verb}" for verb in _VERBS), *_CAMPAIGNS}),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        **{f"contact.{verb}": _CONTACT for verb in _VERBS},
        **{f"contact.{verb}": (*_CONTACT, *_GROUP) for verb in _VERBS if "group" in verb},
        **{f"contact.{verb}": (*_CONTACT, *_AUTOMATION) for verb in _VERBS if "autom" in verb},
        **dict.fromkeys(_CAMPAIGNS, ()),
    },
)
