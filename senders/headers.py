"""Headers that a proof rests on: each is there exactly once, in one spelling of its name."""

from senders.delivery import Cause, Delivery, Refused
from senders.preset import Preset


def one_header(delivery: Delivery, name: str) -> bytes:
    """The header's value as it came; Refused if it is missing, empty or there more than once."""
    values = delivery.values(name)
    if len(values) > 1:
        raise Refused(Cause.REPEATED_HEADER, f"{name} is there {len(values)} times")
    if not values or not values[0]:
        raise Refused(Cause.MISSING_HEADER, f"{name} is missing or empty")
    return latin1(values[0], name)


def latin1(text: str, what: str) -> bytes:
    """The bytes that came over the wire; Refused for text that no header can have held."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise Refused(Cause.MALFORMED_HEADER, f"{what} holds what no header can hold") from None


def one_family(preset: Preset, delivery: Delivery) -> Delivery:
    """The delivery with the headers of one family only, in the spelling that the preset uses.

    The first of `Preset.families` of which any header is there is taken whole; the headers of the
    others are dropped, so that nothing is put together out of two. A delivery of a preset without
    families comes back as it is.
    """
    of_family = [_family(preset, name) for name, _ in delivery.headers] if preset.families else []
    used = next((family for family in preset.families if family in of_family), None)
    if used is None:
        return delivery
    spelling = preset.families[0]
    headers = tuple(
        (name, value) if family is None else (spelling + name[len(used) :], value)
        for (name, value), family in zip(delivery.headers, of_family, strict=True)
        if family in (None, used)
    )
    return Delivery(delivery.method, delivery.target, headers, delivery.body, delivery.token)


def _family(preset: Preset, name: str) -> str | None:
    lower = name.lower()
    fitting = [family for family in preset.families if lower.startswith(family.lower())]
    return max(fitting, key=len, default=None)
