"""Every adapter by the name that presets call it."""

from collections.abc import Mapping
from types import MappingProxyType

from senders.adapters import (
    activecampaign,
    dataverse,
    elementor,
    generic,
    google_forms,
    gravity_forms,
    hubspot,
    jotform,
    pipedrive,
    salesforce,
    tally,
    typeform,
    wpforms,
    zoho,
)
from senders.adapters.adapter import Adapter

ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        "activecampaign": activecampaign.ADAPTER,
        "dataverse": dataverse.ADAPTER,
        "elementor": elementor.ADAPTER,
        "generic": generic.ADAPTER,
        "google_forms": google_forms.ADAPTER,
        "gravity_forms": gravity_forms.ADAPTER,
        "hubspot": hubspot.ADAPTER,
        "jotform": jotform.ADAPTER,
        "pipedrive": pipedrive.ADAPTER,
        "salesforce": salesforce.ADAPTER,
        "tally": tally.ADAPTER,
        "typeform": typeform.ADAPTER,
        "wpforms": wpforms.ADAPTER,
        "zoho": zoho.ADAPTER,
    }
)
