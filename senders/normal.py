"""The normal form: every sender's event under the same names, so that rules know no payloads.

    event       id source type received_at occurred_at                     always there
    deal        id name stage status amount currency pipeline product owner_id owner_email
                contact_id company_id lead_id closed_at custom             CRMs
    contact     id name first_name last_name email phone company_id company_name owner_id
                owner_email country language tags custom                   CRMs, shops
    company     id name domain phone country owner_id owner_email custom   CRMs
    change      field value                                                HubSpot, monday
    changed     list of dotted paths of this form, such as "deal.status"   where told or remembered
    previous    the old values, laid out like the roots                    where told or remembered
    form        id title                                                   forms
    answers     one entry by each question's reference and by its text     forms
    hidden      one entry by each hidden field                             forms
    submission  id submitted_at landed_at                                  forms
    order       id number status amount currency email product products items customer_id
                created_at paid_at custom                                  shops
    refund      id order_id amount currency reason full refunded_at        shops
    body        the JSON as it came                                        generic presets
    raw         the JSON as it came                                        always there

What a sender does not say is absent, never null. `custom` holds what has no name here, by the
CRM's own name of it: `deal.custom.learner_email`, for Pipedrive the field's 40-character hash.

HubSpot: `change.field` and `change.value` are HubSpot's own (`dealstage`, `closedwon`); the same
change also stands in its root (`deal.stage`) and in `changed` (`["deal.stage", "deal.status"]`).
HubSpot never says what was there before: no `previous`. `deal.status` is won, lost or open where
hs_is_closed_won, hs_is_closed or the default pipeline's stage tells, else absent. `deal.product`
is the property `product` or `product_name`; both stand in `custom` as well. Values are text.

Pipedrive: `previous` has only what changed: with `deal.status` "won" and `previous.deal.status`
"open", `changed` is `["deal.status", ...]`. A field that was empty before is in `changed` and not
in `previous`. Stage, pipeline and people are numbers; choices of custom fields are option numbers.
Leads, activities and other objects stand only in `raw`.

Close: a lead is a company with its people, `lead_id` names it. Copper sends the id and what
changed, and nothing else. monday: an item of any board is a deal, a column's value stands under
`deal.custom` by the column's id. Attio sends ids, under `body`.

Shops: amounts are numbers in whole units of their currency, also where the sender counts cents.
`order.status` is the sender's own word. Each item of `order.items` has id, sku, name, quantity and
price where they are said; `order.products` has their names, `order.product` the first. Stripe's
`order.id` is the payment, so that a refund has the same.

Forms: a choice is its text, tick boxes a list of texts, yes/no true or false, files their
addresses. Unanswered questions are absent. An answer stands under its question's reference
(Typeform's, or a field's key or number), under the question's text, `answers["E-mail address"]`,
and under that text in small letters and digits joined by "_", `answers.e_mail_address`; a name of
an earlier kind is never hidden by one of a later kind, and of two equal names the first answered
one counts. Values in parts, such as Jotform's names, are one text, and each part as
`answers.name_first`. Where no question is called `email`, `answers.email` is the answer to the
first question that the tool itself knows to ask for an e-mail address (Typeform, Tally, Elementor)
or the address that it collected (Google Forms). Hidden, calculated and variable fields are
`hidden`. `senders/adapters/answers.py` has the rules in full.

Times are ISO 8601 in UTC: `2026-04-15T10:00:00Z`. `event.occurred_at` is the time of acceptance
where the sender gives no time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from senders.adapters.adapter import Adapter
from senders.adapters.registry import ADAPTERS
from senders.moments import iso
from senders.presets import PRESETS

# The fields of each root. Roots without a list have names of the sender's own.
FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "event": ("id", "source", "type", "received_at", "occurred_at"),
        "deal": (
            *("id", "name", "stage", "status", "amount", "currency", "pipeline", "product"),
            *("products", "owner_id", "owner_email", "contact_id", "company_id", "lead_id"),
            *("closed_at", "custom"),
        ),
        "contact": (
            *("id", "name", "first_name", "last_name", "email", "phone"),
            *("country", "language", "tags", "company_id", "company_name"),
            *("owner_id", "owner_email", "custom"),
        ),
        "company": (
            *("id", "name", "domain", "phone", "country", "owner_id", "owner_email", "custom"),
        ),
        "change": ("field", "value"),
        "changed": (),
        "previous": ("deal", "contact", "company", "order"),
        "form": ("id", "title"),
        "answers": (),
        "hidden": (),
        "submission": ("id", "status", "submitted_at", "landed_at", "starts_at", "ends_at"),
        "order": (
            *("id", "number", "status", "amount", "currency", "email", "product", "products"),
            *("items", "customer_id", "created_at", "paid_at", "custom"),
        ),
        "refund": ("id", "order_id", "amount", "currency", "reason", "full", "refunded_at"),
        "body": (),
        "raw": (),
    }
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an event beside its body: `id` is the sender's own, times are aware."""

    id: str
    source: str
    type: str
    received_at: datetime
    occurred_at: datetime | None = None


def normalise(preset: str, body: object, facts: Facts) -> dict[str, object]:
    """The event in the normal form (see above), whatever the body's shape: it never raises.

    A preset that is not known is read as a generic one. The result shares parts with `body`.
    """
    event = {
        "id": facts.id,
        "source": facts.source,
        "type": facts.type,
        "received_at": iso(facts.received_at),
        "occurred_at": iso(facts.occurred_at or facts.received_at),
    }
    return {"event": event, **adapter_of(preset).roots(body, facts.type), "raw": body}


def event_types(preset: str) -> frozenset[str]:
    """The event types that a rule for such a source may name; empty = any."""
    return adapter_of(preset).types


def adapter_of(preset: str) -> Adapter:
    """The adapter of a preset; the generic one for a preset that is not known."""
    row = PRESETS.get(preset)
    return ADAPTERS[row.adapter if row else "generic"]
