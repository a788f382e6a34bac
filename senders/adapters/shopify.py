"""Shopify: the order, refund or customer as it is now; the topic stands in a header.

https://shopify.dev/docs/api/webhooks
The topic is not signed, the body is: what pays, cancels, refunds or deletes an order counts only
where the body bears it out.
"""

from collections.abc import Callable, Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.crm_records import full_name
from senders.adapters.orders import BUYER, COMPANY_NAME, PRODUCTS, lines, noted, number
from senders.adapters.record import present, when
from senders.shapes import block, dig, listing, text

_THINGS = {
    "orders": "order",
    "customers": "contact",
    "refunds": "refund",
    "checkouts": "checkout",
    "products": "product",
    "carts": "cart",
    "draft_orders": "draft_order",
    "fulfillments": "fulfillment",
    "order_transactions": "order_transaction",
}
_VERBS = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "enable": "enabled",
    "disable": "disabled",
}
_PAID = ("paid", "partially_refunded")
# topic -> whether the body is one of that topic
_BORNE_OUT: Mapping[str, Callable[[object], bool]] = {
    "orders/paid": lambda body: text(dig(body, "financial_status")) in _PAID,
    "orders/cancelled": lambda body: dig(body, "cancelled_at") is not None,
    # of what is deleted, nothing but the id is left
    "orders/delete": lambda body: set(block(body)) <= {"id"},
    "refunds/create": lambda body: isinstance(dig(body, "refund_line_items"), list),
}


def _event_type(body: object, said: str | None) -> str | None:
    thing, slash, verb = (said or "").partition("/")
    if not slash:
        return said
    borne_out = _BORNE_OUT.get(said or "")
    if borne_out is not None and not borne_out(body):
        return "order.updated"
    if said == "refunds/create":
        return "order.refunded"
    return f"{_THINGS.get(thing, thing)}.{_VERBS.get(verb, verb)}"


def _roots(body: object, type: str) -> dict[str, object]:
    thing = block(body)
    if type == "order.refunded":
        return _refunded(thing)
    kind = type.partition(".")[0]
    if kind == "order":
        return {"order": _order(thing), "contact": _buyer(thing)}
    if kind == "contact":
        return {"contact": _customer(thing)}
    return {"body": body}


def _order(order: Mapping[str, object]) -> dict[str, object]:
    return present(
        {
            "id": order.get("id"),
            "number": order.get("name") or order.get("order_number"),
            "status": order.get("financial_status"),
            "amount": number(order.get("total_price")),
            "currency": order.get("currency"),
            "email": text(order.get("email")) or text(order.get("contact_email")),
            **lines(_line(block(item)) for item in listing(order.get("line_items"))),
            "customer_id": dig(order, "customer.id"),
            "created_at": when(order.get("created_at")),
            "custom": _custom(order) or None,
        }
    )


def _custom(order: Mapping[str, object]) -> dict[str, object]:
    """What the shop noted of the order: its attributes by name, its tags, its cancellation."""
    attributes = noted(order.get("note_attributes"), "name")
    known = {name: order.get(name) for name in ("fulfillment_status", "note", "cancel_reason")}
    known["cancelled_at"] = when(order.get("cancelled_at"))
    return present({**known, "tags": _tags(order.get("tags")), **attributes})


def _tags(value: object) -> list[str] | None:
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else []
    return [part for part in parts if part] or None


def _line(item: Mapping[str, object]) -> dict[str, object]:
    return {
        "id": item.get("product_id"),
        "sku": text(item.get("sku")),
        "name": text(item.get("title")) or text(item.get("name")),
        "variant": text(item.get("variant_title")),
        "quantity": item.get("quantity"),
        "price": number(item.get("price")),
        "custom": noted(item.get("properties"), "name") or None,
    }


def _buyer(order: Mapping[str, object]) -> dict[str, object]:
    """The customer; without one, who stands in the billing address."""
    customer, billing = block(order.get("customer")), block(order.get("billing_address"))
    found = _customer({**billing, **present(customer)}) if customer or billing else {}
    found["id"] = customer.get("id")
    found["email"] = found.get("email") or order.get("email") or order.get("contact_email")
    found.setdefault("country", text(billing.get("country_code")))
    found.setdefault("company_name", text(billing.get("company")))
    found.pop("custom", None)
    return {name: value for name, value in present(found).items() if value != ""}


def _customer(customer: Mapping[str, object]) -> dict[str, object]:
    first, last = text(customer.get("first_name")), text(customer.get("last_name"))
    address = block(customer.get("default_address"))
    custom = {name: customer.get(name) for name in ("state", "note", "verified_email")}
    return present(
        {
            "id": customer.get("id"),
            "first_name": first,
            "last_name": last,
            "name": full_name(first, last),
            "email": customer.get("email"),
            "phone": customer.get("phone") or address.get("phone"),
            "country": text(address.get("country_code")),
            "company_name": text(address.get("company")),
            "language": customer.get("locale"),
            "tags": _tags(customer.get("tags")),
            "custom": present(custom) or None,
        }
    )


def _refunded(refund: Mapping[str, object]) -> dict[str, object]:
    back = [
        block(entry)
        for entry in listing(refund.get("transactions"))
        if dig(entry, "kind") == "refund" and dig(entry, "status") in ("success", None)
    ]
    amounts = [amount for entry in back if (amount := number(entry.get("amount"))) is not None]
    currency = next((entry["currency"] for entry in back if entry.get("currency")), None)
    taken = (block(entry) for entry in listing(refund.get("refund_line_items")))
    items = (
        {**_line(block(entry.get("line_item"))), "quantity": entry.get("quantity")}
        for entry in taken
    )
    return {
        "order": present({"id": refund.get("order_id"), **lines(items)}),
        "refund": present(
            {
                "id": refund.get("id"),
                "order_id": refund.get("order_id"),
                "amount": number(round(sum(amounts), 3)) if amounts else None,
                "currency": currency,
                "reason": text(refund.get("note")),
                "refunded_at": when(refund.get("processed_at") or refund.get("created_at")),
            }
        ),
    }


_LINES = (
    *PRODUCTS,
    Field("order.items", "lines with id, sku, name, variant, quantity, price, custom", []),
)
_PERSON = (
    *BUYER,
    Field("contact.country", "two letters", "DE", Presence.SOMETIMES),
    COMPANY_NAME,
    Field("contact.language", "language", "de", Presence.SOMETIMES),
)
_ORDER = (
    Field("order.id", "number of the order", 5871204931, Presence.ALWAYS),
    Field("order.number", "the order's name", "#1042", Presence.ALWAYS),
    Field("order.status", "Shopify's financial_status", "paid"),
    Field("order.amount", "total", 149, Presence.ALWAYS),
    Field("order.currency", "currency of the shop", "EUR", Presence.ALWAYS),
    Field("order.email", "address of who bought", "mira.sol@harbour.example"),
    *_LINES,
    Field("order.customer_id", "number of the customer", 7390112844, Presence.SOMETIMES),
    Field("order.created_at", "when it was ordered", "2026-04-15T10:00:00Z", Presence.ALWAYS),
    Field("order.custom.*", "attribute of the cart; note, tags, cancelled_at", "101"),
    Field("contact.id", "number of the customer", 7390112844, Presence.SOMETIMES),
    *_PERSON,
    Field("contact.tags", "tags of the customer", ["learner"], Presence.SOMETIMES),
)
_REFUND = (
    Field("order.id", "number of the order", 5871204931, Presence.ALWAYS),
    *_LINES,
    Field("refund.id", "number of the refund", 940112233, Presence.ALWAYS),
    Field("refund.order_id", "number of the order", 5871204931, Presence.ALWAYS),
    Field("refund.amount", "given back", 149),
    Field("refund.currency", "its currency", "EUR"),
    Field("refund.reason", "note of the staff", "Cannot attend", Presence.SOMETIMES),
    Field("refund.refunded_at", "when", "2026-04-16T08:00:00Z", Presence.ALWAYS),
)
_CUSTOMER = (
    Field("contact.id", "number of the customer", 7390112844, Presence.ALWAYS),
    *_PERSON,
    Field("contact.tags", "tags", ["learner"], Presence.SOMETIMES),
    Field("contact.custom.*", "state, note, verified_email", "enabled"),
)

ADAPTER = Adapter(
    # an app may subscribe to more than a hundred topics
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "order.created": _ORDER,
        "order.paid": _ORDER,
        "order.updated": _ORDER,
        "order.cancelled": _ORDER,
        "order.fulfilled": _ORDER,
        "order.refunded": _REFUND,
        "contact.created": _CUSTOMER,
        "contact.updated": _CUSTOMER,
        "contact.deleted": _CUSTOMER,
    },
)
