"""What shops and payment services say of orders, in the names of the normal form.

Amounts are numbers in whole currency units: 19.9, not "19.90" and not 1990.
"""

import re
from collections.abc import Iterable, Mapping

from senders.adapters.adapter import Field, Presence
from senders.adapters.record import present
from senders.shapes import dig, listing, text

# Amounts of these are whole units, of three decimals, or (all others) of two. ISK and UGX have no
# decimals of their own, but Stripe writes them with two: https://docs.stripe.com/currencies
_WHOLE = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
        *("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
_THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})

PRODUCTS = (
    Field("order.product", "name of the first line", "Safety Basics"),
    Field("order.products", "names of all lines", ["Safety Basics"]),
)
BUYER = (
    Field("contact.name", "whole name", "Mira Sol"),
    Field("contact.first_name", "first name", "Mira"),
    Field("contact.last_name", "last name", "Sol"),
    Field("contact.email", "e-mail address", "mira.sol@harbour.example"),
    Field("contact.phone", "phone number", "+49301234567", Presence.SOMETIMES),
)
COMPANY_NAME = Field("contact.company_name", "company", "Harbour Ltd", Presence.SOMETIMES)

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?", re.ASCII)
_LARGEST = 10**15


def number(value: object) -> int | float | None:
    """An amount or a count, given as a number or as plain text such as "19.90"."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -_LARGEST < value < _LARGEST:
        return None
    return int(value) if value == int(value) else value


def minor_units(value: object, currency: str | None) -> int | float | None:
    """An amount that is given in the smallest unit of its currency, in hundredths without one."""
    amount = number(value)
    if amount is None:
        return None
    code = (currency or "").upper()
    return number(amount / (1 if code in _WHOLE else 1000 if code in _THOUSANDTHS else 100))


def noted(entries: object, called: str) -> dict[str, object]:
    """What a shop noted of something, from a list of objects: name -> value, neither of them null.

    called: the key of an object under which the name stands, its value stands under `value`.
    """
    pairs = ((text(dig(entry, called)), dig(entry, "value")) for entry in listing(entries))
    return {name: value for name, value in pairs if name is not None and value is not None}


def lines(items: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """`items`, `products` (their names) and `product` (the first name), where there are any."""
    found = [filled for item in items if (filled := present(item))]
    names = [item["name"] for item in found if "name" in item]
    return present(
        {
            "product": names[0] if names else None,
            "products": names or None,
            "items": found or None,
        }
    )
