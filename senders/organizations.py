"""Whose account a sender posts for, where it says so and sources.yaml names the ones to accept."""

from senders.delivery import Delivery
from senders.identity import look
from senders.preset import Preset
from senders.salesforce_ids import long_id
from senders.shapes import text


def wanted_organization(preset: Preset, delivery: Delivery, body: object) -> bool:
    """Whether the sender's account is one of `preset.organizations`; any is, where none is named.

    Such an id is no secret: it keeps accounts apart, and proves nothing.
    """
    if not preset.organizations:
        return True
    said = text(look(preset.organization, body, delivery)) if preset.organization else None
    # Salesforce says it in its longer spelling, and shows the shorter one to administrators
    return said is not None and long_id(said) in map(long_id, preset.organizations)
