"""Every adapter by the name that presets call it."""

from collections.abc import Mapping
from types import MappingProxyType

from senders.adapters import (
    elementor,
    generic,
    google_forms,
    gravity_forms,
    hubspot,
    jotform,
    pipedrive,
    tally,
    typeform,
    wpforms,
)
from senders.adapters.adapter import Adapter

ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        "elementor": elementor.ADAPTER,
        "generic": generic.ADAPTER,
        "google_forms": google_forms.ADAPTER,
        "gravity_forms": gravity_forms.ADAPTER,
        "hubspot": hubspot.ADAPTER,
        "jotform": jotform.ADAPTER,
        "pipedrive": pipedrive.ADAPTER,
        "tally": tally.ADAPTER,
        "typeform": typeform.ADAPTER,
        "wpforms": wpforms.ADAPTER,
    }
)
