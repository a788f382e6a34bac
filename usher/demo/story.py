"""What happens in the demo, as data: who posts what, which trouble waits, what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from workers.store import EventState

# The waits between tries in the demo: short, so that nobody has to wait long for the third one.
RETRY_SCHEDULE: Final = "1 s, 1 s, 2 s"

# Secrets of invented senders, known to everybody.
SECRETS: Final[Mapping[str, str]] = {
    "HUBSPOT_CLIENT_SECRET": "sample-hubspot-client-secret",
    "PIPEDRIVE_BASIC": "usher:sample-pipedrive-password",
    "TYPEFORM_SECRET": "sample-typeform-secret",
    "PARTNER_SECRET": "whsec_c2FtcGxlLXBhcnRuZXItc2VjcmV0LW9mLXRoZS1kZW1v",
    "SHOP_SECRET": "sample-shop-secret",
}
FORGERS_SECRET: Final = "sample-secret-that-is-wrong"  # noqa: S105 - it is meant to be wrong


@dataclass(frozen=True, slots=True)
class Post:
    """One delivery: by whom, in words, its body, the answer it should get, what becomes of it."""

    sender: str
    source: str
    what: str
    body: Any
    status: int = 202
    forged: bool = False
    states: tuple[EventState, ...] = (EventState.FINISHED,)
    duplicates: int = 0
    waits: bool = False  # until what came before it has been done


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble that waits in the simulator."""

    call: str
    fault: str
    details: Mapping[str, Any] = field(default_factory=dict)


FAULTS: Final = (
    # two tries for this learner meet a portal that is overloaded; the third succeeds
    Fault("createAccount", "status", {"status": 503, "times": 2, "match": "ada.lindt"}),
    # until somebody mends it, the portal does not let Usher seat anyone in First Aid
    Fault("enrolUser", "status", {"status": 403, "times": None, "match": "102"}),
)
MENDED: Final = "the API user is made an administrator of First Aid"


def _properties(**values: str) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in values.items()}


DEAL: Final = {
    "portalId": 33221100,
    "objectType": "DEAL",
    "objectTypeId": "0-3",
    "objectId": 90210001,
    "properties": _properties(
        dealname="Harbour Ltd: Safety Basics",
        dealstage="closedwon",
        pipeline="default",
        amount="1490.00",
        product_name="Safety Basics",
        learner_email="mira.sol@harbour.example",
        learner_first_name="Mira",
        learner_last_name="Sol",
    ),
}

CHANGES: Final = [
    {
        "eventId": 3816279340 + number,
        "subscriptionId": 25,
        "portalId": 33221100,
        "appId": 1160452,
        "occurredAt": 1776247200000 + number,
        "subscriptionType": "deal.propertyChange",
        "attemptNumber": 0,
        "objectId": 90210002,
        "propertyName": name,
        "propertyValue": value,
    }
    for number, (name, value) in enumerate((("amount", "980"), ("dealstage", "contractsent")))
]

PIPEDRIVE: Final = {
    "data": {
        "id": 7712,
        "title": "Lakeside Clinic: First Aid",
        "value": 980,
        "currency": "EUR",
        "status": "won",
        "custom_fields": {
            "3f1c0a7be54d9281c6f0aa12d7e85b3390cc41fe": {
                "type": "varchar",
                "value": "jon.vale@lakeside.example",
            },
            "a94be2c17d0f5836ee19cb74a0d2f68813577b0c": {"type": "varchar", "value": "Jon Vale"},
            "c2d87f3e1a0b4695d8e7f6a5b4c3d2e1f0a9b8c7": {"type": "enum", "id": 41},
        },
    },
    "previous": {"status": "open"},
    "meta": {
        "action": "change",
        "entity": "deal",
        "entity_id": "7712",
        "id": "6ba407fc-006d-4556-9804-8298e584a288",
        "timestamp": "2026-04-15T10:00:01.057Z",
        "version": "2.0",
        "attempt": 1,
    },
}


def _form(event_id: str, email: str, first_name: str, last_name: str) -> dict[str, Any]:
    texts = (("first_name", first_name), ("last_name", last_name))
    return {
        "event_id": event_id,
        "event_type": "form_response",
        "form_response": {
            "form_id": "lT4Z3j",
            "token": event_id.lower(),
            "submitted_at": "2026-04-15T10:00:00Z",
            "definition": {"id": "lT4Z3j", "title": "Sign up for a course", "fields": []},
            "answers": [
                {"type": "email", "email": email, "field": {"type": "email", "ref": "email"}},
                *(
                    {"type": "text", "text": text, "field": {"type": "short_text", "ref": ref}}
                    for ref, text in texts
                ),
                {
                    "type": "choice",
                    "choice": {"label": "Safety Basics"},
                    "field": {"type": "multiple_choice", "ref": "course"},
                },
                {"type": "boolean", "boolean": True, "field": {"type": "legal", "ref": "terms"}},
            ],
        },
    }


BOOKING: Final = {
    "type": "training.booked",
    "timestamp": "2026-04-15T10:00:00Z",
    "data": {
        "course": "Manual Handling",
        "learner": {"email": "tom.reed@orchard.example", "first_name": "Tom", "last_name": "Reed"},
    },
}


CUSTOMER: Final = {
    "email": "lea.brook@valley.example",
    "first_name": "Lea",
    "last_name": "Brook",
}


def _order(event_id: str, kind: str, at: str, *skus: str) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "kind": kind,
        "at": at,
        "order": {"number": "S-1042", "items": [{"sku": sku, "quantity": 1} for sku in skus]},
        "refund": {"amount": "149.00", "reason": "changed my mind"},
        "customer": CUSTOMER,
    }


ORDER: Final = _order("evt-20011", "order.paid", "2026-04-15T10:00:00Z", "COURSE-101", "COURSE-103")
LATE: Final = _order("evt-20009", "order.paid", "2026-04-15T09:00:00Z", "COURSE-103")
REFUND: Final = _order("evt-20017", "order.refunded", "2026-04-15T12:30:00Z", "COURSE-103")

STORY: Final = (
    Post("HubSpot", "hubspot", "a deal is closed as won", DEAL),
    Post("HubSpot", "hubspot", "the same delivery once more", DEAL, duplicates=1),
    Post(
        "HubSpot", "hubspot", "two changes of another deal, in one batch", CHANGES,
        states=(EventState.IGNORED, EventState.IGNORED),
    ),
    Post("Pipedrive", "pipedrive", "a deal is won", PIPEDRIVE, states=(EventState.DEAD,)),
    Post(
        "Typeform", "sign-up-form", "Ada signs up for a course",
        _form("01KPA1CZ5D3YF3TQG1W0S5VJ7N", "ada.lindt@meadow.example", "Ada", "Lindt"),
    ),
    Post(
        "a forger", "sign-up-form", "the same form, with a wrong secret",
        _form("01KPA1CZ5D3YF3TQG1W0FORGED", "eve@forger.example", "Eve", "Forger"),
        status=401, forged=True, states=(),
    ),
    Post("a partner", "partner", "a training is booked", BOOKING),
    Post("the shop", "shop", "two courses are paid", ORDER),
    Post("the shop", "shop", "one of them is refunded", REFUND, waits=True),
    Post("the shop", "shop", "an older order for it comes late", LATE, waits=True),
)  # fmt: skip
