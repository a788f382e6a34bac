"""WooCommerce: the order or customer as the REST API shows it; the topic stands in a header.

https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks
A paid order and a refunded one are `order.updated`: `order.status` tells, in WooCommerce's words.
The topic is not signed, the body is: `deleted` counts only where the body bears it out.
"""

from collections.abc import Mapping

from senders.adapters.adapter import Adapter, Field, Presence
from senders.adapters.crm_records import full_name
from senders.adapters.orders import BUYER, COMPANY_NAME, PRODUCTS, lines, noted, number
from senders.adapters.record import present, when
from senders.shapes import block, dig, listing, text

_THINGS = {"customer": "contact"}
_REFUNDED = "refunded"
# names that begin so belong to WordPress and its plug-ins, not to the shop's own fields
_HIDDEN = "_"


def _event_type(body: object, said: str | None) -> str | None:
    thing, dot, verb = (said or "").partition(".")
    if verb == "deleted" and set(block(body)) > {"id"}:
        # of what is deleted, WooCommerce sends nothing but the id
        verb = "updated"
    return f"{_THINGS.get(thing, thing)}.{verb}" if dot else said


def _roots(body: object, type: str) -> dict[str, object]:
    thing, kind = block(body), type.partition(".")[0]
    if kind == "contact":
        return {"contact": _customer(thing)}
    if kind != "order":
        return {"body": body}
    roots = {"order": _order(thing), "contact": _buyer(thing), "refund": _refund(thing)}
    return {name: fields for name, fields in roots.items() if fields}


def _order(order: Mapping[str, object]) -> dict[str, object]:
    email = text(dig(order, "billing.email"))
    return present(
        {
            "id": order.get("id"),
            "number": order.get("number"),
            "status": order.get("status"),
            "amount": number(order.get("total")),
            "currency": order.get("currency"),
            "email": email,
            **lines(_line(block(item)) for item in listing(order.get("line_items"))),
            # 0 is a guest
            "customer_id": order.get("customer_id") or None,
            "created_at": when(order.get("date_created_gmt")),
            "paid_at": when(order.get("date_paid_gmt")),
            "custom": _custom(order) or None,
        }
    )


def _custom(thing: Mapping[str, object]) -> dict[str, object]:
    known = {name: text(thing.get(name)) for name in ("payment_method", "customer_note")}
    return present({**known, **_meta(thing)})


def _meta(thing: Mapping[str, object]) -> dict[str, object]:
    found = noted(thing.get("meta_data"), "key")
    return {name: value for name, value in found.items() if not name.startswith(_HIDDEN)}


def _line(item: Mapping[str, object]) -> dict[str, object]:
    return {
        "id": item.get("product_id"),
        "sku": text(item.get("sku")),
        "name": text(item.get("parent_name")) or text(item.get("name")),
        "quantity": item.get("quantity"),
        "price": number(item.get("price")),
        "custom": _meta(item) or None,
    }


def _buyer(order: Mapping[str, object]) -> dict[str, object]:
    return _person(block(order.get("billing")), order.get("customer_id") or None)


def _person(address: Mapping[str, object], identifier: object) -> dict[str, object]:
    first, last = text(address.get("first_name")), text(address.get("last_name"))
    return present(
        {
            "id": identifier,
            "first_name": first,
            "last_name": last,
            "name": full_name(first, last),
            "email": text(address.get("email")),
            "phone": text(address.get("phone")),
            "country": text(address.get("country")),
            "company_name": text(address.get("company")),
        }
    )


def _customer(customer: Mapping[str, object]) -> dict[str, object]:
    billing = _person(block(customer.get("billing")), None)
    known = {name: text(customer.get(name)) for name in ("role", "username")}
    custom = present({**known, **_meta(customer)})
    return {
        **billing,
        **_person(customer, customer.get("id")),
        **({"custom": custom} if custom else {}),
    }


def _refund(order: Mapping[str, object]) -> dict[str, object]:
    """The latest refund of an order that has any; the list has the newest first."""
    is_full = order.get("status") == _REFUNDED
    latest = block(next(iter(listing(order.get("refunds"))), None))
    if not latest and not is_full:
        return {}
    amount = number(latest.get("total"))
    return present(
        {
            "id": latest.get("id"),
            "order_id": order.get("id"),
            "amount": None if amount is None else abs(amount),
            "currency": order.get("currency"),
            "reason": text(latest.get("reason")),
            "full": is_full,
        }
    )


_PERSON = (
    Field("contact.id", "number of the customer, none for a guest", 318, Presence.SOMETIMES),
    *BUYER,
    Field("contact.country", "two letters", "DE"),
    COMPANY_NAME,
)
_ORDER = (
    Field("order.id", "number of the order", 7268, Presence.ALWAYS),
    Field("order.number", "number as people see it", "7268", Presence.ALWAYS),
    Field("order.status", "pending, processing, completed, refunded ...", "completed"),
    Field("order.amount", "total", 149, Presence.ALWAYS),
    Field("order.currency", "currency", "EUR", Presence.ALWAYS),
    Field("order.email", "address of who bought", "mira.sol@harbour.example"),
    *PRODUCTS,
    Field("order.items", "lines with id, sku, name, quantity, price, custom", []),
    Field("order.customer_id", "number of the customer", 318, Presence.SOMETIMES),
    Field("order.created_at", "when it was ordered", "2026-04-15T10:00:00Z", Presence.ALWAYS),
    Field("order.paid_at", "when it was paid", "2026-04-15T10:00:09Z", Presence.SOMETIMES),
    Field("order.custom.*", "meta data; payment_method and customer_note too", "101"),
    *_PERSON,
)
_REFUND = (
    Field("refund.id", "number of the latest refund", 7301, Presence.SOMETIMES),
    Field("refund.order_id", "number of the order", 7268, Presence.SOMETIMES),
    Field("refund.amount", "given back by it", 149, Presence.SOMETIMES),
    Field("refund.currency", "currency", "EUR", Presence.SOMETIMES),
    Field("refund.reason", "why", "Cannot attend", Presence.SOMETIMES),
    Field("refund.full", "true once the order's status is refunded", True, Presence.SOMETIMES),
)
_CUSTOMER = (
    *_PERSON,
    Field("contact.custom.*", "meta data; role and username too", "customer"),
)

ADAPTER = Adapter(
    # plug-ins add topics of their own
    types=frozenset(),
    event_type=_event_type,
    roots=_roots,
    catalogue={
        "order.created": _ORDER,
        "order.updated": (*_ORDER, *_REFUND),
        "order.restored": _ORDER,
        "order.deleted": (Field("order.id", "number of the order", 7268, Presence.ALWAYS),),
        "contact.created": _CUSTOMER,
        "contact.updated": _CUSTOMER,
        "contact.deleted": (Field("contact.id", "number of the customer", 318, Presence.ALWAYS),),
    },
)
