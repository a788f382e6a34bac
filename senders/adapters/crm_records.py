"""What the records of all CRMs have in common: plain values, full names, and fields described."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from senders.adapters.adapter import Catalogue, Field, Presence
from senders.adapters.record import Table, record
from senders.shapes import text

_HOST = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:www\.)?([^/?#:\s@]+\.[^/?#:\s@]+)(?:[/?#:]|$)"
)

_MEANINGS: Mapping[str, str] = {
    "deal.id": "the deal's id in the CRM",
    "deal.name": "what the deal is called",
    "deal.stage": "the stage it is in, as the CRM says it",
    "deal.status": "open, won or lost",
    "deal.amount": "what it is worth",
    "deal.currency": "the currency of the amount",
    "deal.pipeline": "the pipeline it runs in",
    "deal.product": "what is sold",
    "deal.owner_id": "who of your people looks after it",
    "deal.owner_email": "that person's e-mail address",
    "deal.contact_id": "the person it is about",
    "deal.company_id": "the company it is about",
    "deal.lead_id": "the lead it was made from",
    "deal.closed_at": "when it was or will be closed",
    "contact.id": "the person's id in the CRM",
    "contact.name": "the person's full name",
    "contact.first_name": "first name",
    "contact.last_name": "last name",
    "contact.email": "e-mail address",
    "contact.phone": "phone number",
    "contact.country": "country",
    "contact.language": "language",
    "contact.tags": "the tags on the person, as a list",
    "contact.company_id": "the company the person belongs to",
    "contact.company_name": "that company's name",
    "contact.owner_id": "who of your people looks after the person",
    "contact.owner_email": "that colleague's e-mail address",
    "company.id": "the company's id in the CRM",
    "company.name": "what the company is called",
    "company.domain": "the domain of its web site",
    "company.phone": "phone number",
    "company.country": "country",
    "company.owner_id": "who of your people looks after the company",
    "company.owner_email": "that person's e-mail address",
}
_CUSTOM = "any other field, by the CRM's own name of it"

# examples of what every CRM has in much the same way
PERSON: Mapping[str, object] = {
    "name": "Mira Sol",
    "first_name": "Mira",
    "last_name": "Sol",
    "email": "mira.sol@harbour.example",
    "phone": "+49 40 555 0101",
}
COMPANY: Mapping[str, object] = {
    "name": "Harbour Ltd",
    "domain": "harbour.example",
    "phone": "+49 40 555 0100",
    "country": "Germany",
}

CHANGED = Field("changed", "the fields that changed, as names of this list", ["deal.status"])


def described(
    root: str,
    examples: Mapping[str, object],
    always: Collection[str] = ("id",),
    others: Presence = Presence.USUALLY,
) -> tuple[Field, ...]:
    """The fields of a root with their meanings, in the order of the examples.

    examples: field name, `custom.*` for all others, -> a value as this CRM sends it. always: the
    names that no event of the kind lacks. others: how often the rest is there.
    """
    return tuple(
        Field(
            f"{root}.{name}",
            _MEANINGS.get(f"{root}.{name}", _CUSTOM),
            example,
            Presence.ALWAYS if name in always else others,
        )
        for name, example in examples.items()
    )


def by_type(
    fields: Mapping[str, tuple[Field, ...]],
    verbs: Iterable[str],
    *,
    changed: bool = False,
    previous: bool = False,
) -> Catalogue:
    """The catalogue of kinds of records with their fields.

    changed, previous: whether updates say what changed, and what was there before.
    """
    return {
        f"{kind}.{verb}": (
            *known,
            *((CHANGED,) if changed and verb == "updated" else ()),
            *((_previous(known),) if previous and verb == "updated" else ()),
        )
        for kind, known in fields.items()
        for verb in dict.fromkeys(verbs)
    }


def _previous(known: tuple[Field, ...]) -> Field:
    root = known[0].path.partition(".")[0]
    return Field(f"previous.{root}.*", "the values before", None, Presence.SOMETIMES)


def kinds(deal: str, contact: str, lead: str, company: str) -> dict[str, tuple[str, str]]:
    """The CRM's name of a kind of record -> the first part of our event types, and our root."""
    return {
        deal: ("deal", "deal"),
        contact: ("contact", "contact"),
        lead: ("lead", "contact"),
        company: ("company", "company"),
    }


@dataclass(frozen=True, slots=True)
class Origins:
    """The CRM's fields that fields of ours are made from.

    status, statuses: the field that tells a deal's status, and its values -> open, won or lost.
    first_name, last_name: make up a person's name where the CRM gives none. website: has the
    company's domain in it.
    """

    status: str
    statuses: Mapping[str, str]
    first_name: str
    last_name: str
    website: str


def derived_record(
    root: str, table: Table, origins: Origins, values: Mapping[str, object]
) -> tuple[dict[str, object], list[str]]:
    """As `record`, and a deal's status, a person's name and a company's domain."""
    fields, paths = record(root, table, values)
    if root == "deal" and origins.status in values:
        said = text(values[origins.status]) or ""
        fields.update(filled({"status": origins.statuses.get(said)}))
        paths.append("deal.status")
    if root == "contact" and "name" not in fields:
        whole = full_name(values.get(origins.first_name), values.get(origins.last_name))
        fields.update(filled({"name": whole}))
    if root == "company":
        fields.update(filled({"domain": host(values.get(origins.website))}))
    return fields, paths


def plain(properties: Mapping[str, object]) -> dict[str, object]:
    """Those with a value that rules can compare: text, number, yes or no, or a list of such.

    Null stays: it says that the field is empty. What is nested is left to `raw`.
    """
    return {name: value for name, value in properties.items() if _is_plain(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str | int | float) for item in value)
    return value is None or isinstance(value, str | int | float)


def filled(properties: Mapping[str, object]) -> dict[str, object]:
    """Those that say something: neither null nor empty text."""
    return {name: value for name, value in properties.items() if value not in (None, "")}


def full_name(first: object, last: object) -> str | None:
    """Both names with a space between; None unless both are there."""
    given, family = text(first), text(last)
    return f"{given} {family}" if given and family else None


def host(url: object) -> str | None:
    """`harbour.example` out of `https://www.harbour.example/about`; None if it is no address."""
    found = _HOST.match(url.strip()) if isinstance(url, str) else None
    return found[1].lower() if found else None


def first_text(values: Iterable[object]) -> str | None:
    """The first that is text or a number, as text."""
    return next((found for found in map(text, values) if found is not None), None)
