"""Whose account a sender posts for, where it says so and sources.yaml names the ones to accept."""

from senders.delivery import Delivery
from senders.identity import look
from senders.preset import Preset
from senders.shapes import text

_SHORT = 15
_GROUP = 5
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def wanted_organization(preset: Preset, delivery: Delivery, body: object) -> bool:
    """Whether the sender's account is one of `preset.organizations`; any is, where none is named.

    Such an id is no secret: it keeps accounts apart, and proves nothing.
    """
    if not preset.organizations:
        return True
    said = text(look(preset.organization, body, delivery)) if preset.organization else None
    return said is not None and _long(said) in map(_long, preset.organizations)


def _long(identity: str) -> str:
    """An id of 15 letters and digits in Salesforce's longer spelling; any other as it is.

    The three letters at the end say which of the 15 are capitals:
    https://help.salesforce.com/s/articleView?id=000383751
    """
    if len(identity) != _SHORT or not (identity.isascii() and identity.isalnum()):
        return identity
    groups = (identity[start : start + _GROUP] for start in range(0, _SHORT, _GROUP))
    return identity + "".join(_ALPHABET[_capitals(group)] for group in groups)


def _capitals(group: str) -> int:
    return sum(1 << place for place, letter in enumerate(group) if letter.isupper())
