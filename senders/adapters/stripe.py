"""Stripe: payments, refunds and customers, each as the object that the event is about.

https://docs.stripe.com/api/events
https://docs.stripe.com/checkout/fulfillment
`order.id` is the payment intent where there is one, so that a payment and its refund have the same;
`order.number` is the id of the object itself, or an invoice's number.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.orders import lines, minor_units
from senders.adapters.record import present, when
from senders.shapes import block, dig, listing, text

_TYPES = {
    "checkout.session.async_payment_succeeded": "order.paid",
    "checkout.session.async_payment_failed": "order.payment_failed",
    "checkout.session.expired": "order.expired",
    "invoice.paid": "order.paid",
    "charge.refunded": "order.refunded",
    "customer.created": "contact.created",
    "customer.updated": "contact.updated",
    "customer.deleted": "contact.deleted",
}
_COMPLETED = "checkout.session.completed"
# a session can be completed long before a bank transfer is: https://docs.stripe.com/payments/checkout
_UNPAID = "unpaid"
_ORDERS = frozenset({"checkout.session", "invoice", "charge", "payment_intent", "subscription"})
_AMOUNTS = ("amount_total", "amount_paid", "amount_received", "amount")


def _event_type(body: object, said: str | None) -> str | None:
    name = said or text(dig(body, "type"))
    if name == _COMPLETED:
        unpaid = dig(body, "data.object.payment_status") == _UNPAID
        return "order.created" if unpaid else "order.paid"
    return _TYPES.get(name or "", name)


def _roots(body: object, type: str) -> dict[str, object]:
    thing, before = block(dig(body, "data.object")), block(dig(body, "data.previous_attributes"))
    kind = text(thing.get("object"))
    if kind == "customer":
        return {"contact": _customer(thing), **_changes(thing, before)}
    if kind == "refund":
        return {"refund": _refund(thing)}
    if kind not in _ORDERS:
        return {"body": body}
    roots = {"order": _order(thing), "contact": _payer(thing)}
    if kind == "charge" and thing.get("amount_refunded"):
        roots["refund"] = _refund_of_charge(thing, before)
    return {name: fields for name, fields in roots.items() if fields}


def _order(thing: Mapping[str, object]) -> dict[str, object]:
    currency = text(thing.get("currency"))
    return present(
        {
            "id": _intent(thing),
            "number": thing.get("number") or thing.get("id"),
            "status": thing.get("payment_status") or thing.get("status"),
            "amount": _amount(thing, currency),
            "currency": currency.upper() if currency else None,
            "email": _email(thing),
            **_lines(thing, currency),
            "customer_id": _id(thing.get("customer")),
            "created_at": when(thing.get("created")),
            "paid_at": when(dig(thing, "status_transitions.paid_at")),
            "custom": _metadata(thing) or None,
        }
    )


def _intent(thing: Mapping[str, object]) -> object:
    return _id(thing.get("payment_intent")) or thing.get("id")


def _id(value: object) -> str | None:
    """An id, or that of an object which stands in its place."""
    return text(dig(value, "id")) if isinstance(value, dict) else text(value)


def _amount(thing: Mapping[str, object], currency: str | None) -> int | float | None:
    found = (minor_units(thing.get(name), currency) for name in _AMOUNTS)
    return next((amount for amount in found if amount is not None), None)


def _email(thing: Mapping[str, object]) -> str | None:
    paths = (
        *("customer_details.email", "customer_email", "billing_details.email", "receipt_email"),
        *("charges.data[0].billing_details.email", "customer.email"),
    )
    found = (text(dig(thing, path)) for path in paths)
    return next((address for address in found if address is not None), None)


def _metadata(thing: Mapping[str, object]) -> dict[str, object]:
    """Fields of the author's own; those of a subscription stand beside its invoice's."""
    inherited = (
        block(dig(thing, "subscription_details.metadata")),
        block(dig(thing, "parent.subscription_details.metadata")),
    )
    return present({**inherited[0], **inherited[1], **block(thing.get("metadata"))})


def _lines(thing: Mapping[str, object], currency: str | None) -> dict[str, object]:
    entries = next(
        (
            found
            for path in ("line_items.data", "lines.data", "items.data")
            if (found := listing(dig(thing, path)))
        ),
        [],
    )
    listed = lines(_line(block(entry), currency) for entry in entries)
    named = text(_metadata(thing).get("product")) or listed.get("product")
    named = named or text(thing.get("description"))
    if named is None:
        return listed
    return {"products": [named], **listed, "product": named}


def _line(entry: Mapping[str, object], currency: str | None) -> dict[str, object]:
    priced = ("price.product", "plan.product", "pricing.price_details.product")
    products = (_id(dig(entry, path)) for path in priced)
    each = ("price.unit_amount", "plan.amount", "pricing.unit_amount_decimal")
    prices = (minor_units(dig(entry, path), currency) for path in each)
    return {
        "id": next((product for product in products if product is not None), None),
        "name": text(entry.get("description")) or text(dig(entry, "price.nickname")),
        "quantity": entry.get("quantity"),
        "price": next((price for price in prices if price is not None), None),
    }


def _payer(thing: Mapping[str, object]) -> dict[str, object]:
    details = block(thing.get("customer_details")) or block(thing.get("billing_details"))
    return present(
        {
            "id": _id(thing.get("customer")),
            "name": text(details.get("name")) or text(thing.get("customer_name")),
            "email": _email(thing),
            "phone": text(details.get("phone")) or text(thing.get("customer_phone")),
            "country": text(dig(details, "address.country")),
        }
    )


def _refund_of_charge(
    charge: Mapping[str, object], before: Mapping[str, object]
) -> dict[str, object]:
    """What this event gave back: `amount_refunded` counts all refunds of the charge so far."""
    currency = text(charge.get("currency"))
    total = minor_units(charge.get("amount_refunded"), currency)
    earlier = minor_units(before.get("amount_refunded"), currency) or 0
    latest = block(dig(charge, "refunds.data[0]"))
    return present(
        {
            "id": latest.get("id"),
            "order_id": _intent(charge),
            "amount": None if total is None else round(total - earlier, 3),
            "currency": currency.upper() if currency else None,
            "reason": latest.get("reason"),
            "full": charge["refunded"] if isinstance(charge.get("refunded"), bool) else None,
            "refunded_at": when(latest.get("created")),
        }
    )


def _refund(refund: Mapping[str, object]) -> dict[str, object]:
    currency = text(refund.get("currency"))
    return present(
        {
            "id": refund.get("id"),
            "order_id": _id(refund.get("payment_intent")) or _id(refund.get("charge")),
            "amount": minor_units(refund.get("amount"), currency),
            "currency": currency.upper() if currency else None,
            "reason": refund.get("reason"),
            "refunded_at": when(refund.get("created")),
        }
    )


def _customer(thing: Mapping[str, object]) -> dict[str, object]:
    return present(
        {
            **{name: thing.get(name) for name in ("id", "name", "email", "phone")},
            "country": text(dig(thing, "address.country")),
            "language": next(iter(listing(thing.get("preferred_locales"))), None),
            "custom": present(block(thing.get("metadata"))) or None,
        }
    )


def _changes(thing: Mapping[str, object], before: Mapping[str, object]) -> dict[str, object]:
    if not before:
        return {}
    was = _customer(before)
    own = block(before.get("metadata"))
    names = [name for name in ("name", "email", "phone") if name in before]
    names += [name for name in ("country", "language") if name in was]
    changed = [*names, *(f"custom.{name}" for name in own)]
    return {
        "changed": [f"contact.{name}" for name in changed],
        "previous": {"contact": was},
    }


_ORDER = (
    Field("order.id", "payment intent, or the object's own id", "pi_3Qx7", Presence.ALWAYS),
    Field("order.number", "id of the object, or an invoice's number", "cs_live_a1b2"),
    Field("order.status", "Stripe's payment_status or status", "paid"),
    Field("order.amount", "amount, in whole currency units", 49.9),
    Field("order.currency", "currency in capitals", "EUR"),
    Field("order.email", "address of who pays", "mira.sol@harbour.example"),
    Field("order.product", "metadata.product, else the first line", "Safety Basics"),
    Field("order.products", "descriptions of all lines, or the product", ["Safety Basics"]),
    Field("order.items", "lines: id, name, quantity, price each", [], Presence.SOMETIMES),
    Field("order.customer_id", "Stripe's customer", "cus_R5tY", Presence.SOMETIMES),
    Field("order.created_at", "when the object was made", "2026-04-15T10:00:00Z"),
    Field("order.paid_at", "when an invoice was paid", "2026-04-15T10:00:00Z", Presence.SOMETIMES),
    Field("order.custom.*", "metadata, by your own name", "101", Presence.SOMETIMES),
)
_PAYER = (
    Field("contact.id", "Stripe's customer", "cus_R5tY", Presence.SOMETIMES),
    Field("contact.name", "whole name", "Mira Sol"),
    Field("contact.email", "e-mail address", "mira.sol@harbour.example"),
    Field("contact.phone", "phone number", "+49301234567", Presence.SOMETIMES),
    Field("contact.country", "two letters", "DE", Presence.SOMETIMES),
)
_REFUND = (
    Field("refund.id", "id of the refund", "re_3Qx7", Presence.SOMETIMES),
    Field("refund.order_id", "order.id of the payment", "pi_3Qx7", Presence.ALWAYS),
    Field("refund.amount", "given back by this event, in whole units", 49.9, Presence.ALWAYS),
    Field("refund.currency", "currency in capitals", "EUR", Presence.ALWAYS),
    Field("refund.reason", "why, in Stripe's words", "requested_by_customer", Presence.SOMETIMES),
    Field("refund.full", "true where nothing is left of the payment", True, Presence.ALWAYS),
    Field("refund.refunded_at", "when", "2026-04-16T08:00:00Z", Presence.SOMETIMES),
)
_CUSTOMER = (
    *_PAYER,
    Field("contact.language", "first preferred language", "de", Presence.SOMETIMES),
    Field("contact.custom.*", "metadata, by your own name", "7712", Presence.SOMETIMES),
)
_UPDATE = (
    Field("changed", "names of the fields that changed", ["contact.email"]),
    Field("previous.contact.*", "what a changed field held before", "mira@harbour.example"),
)

ADAPTER = Adapter(
    # Stripe has more than two hundred types, and adds some every few months
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "order.paid": (*_ORDER, *_PAYER),
        "order.created": (*_ORDER, *_PAYER),
        "order.payment_failed": (*_ORDER, *_PAYER),
        "order.expired": (*_ORDER, *_PAYER),
        "order.refunded": (*_ORDER, *_PAYER, *_REFUND),
        "payment_intent.succeeded": (*_ORDER, *_PAYER),
        "charge.succeeded": (*_ORDER, *_PAYER),
        "customer.subscription.deleted": _ORDER,
        "contact.created": _CUSTOMER,
        "contact.updated": (*_CUSTOMER, *_UPDATE),
        "contact.deleted": _CUSTOMER,
    },
)
