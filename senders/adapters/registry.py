"""Every adapter by the name that presets call it."""

from collections.abc import Mapping
from types import MappingProxyType

from senders.adapters import generic, hubspot, pipedrive, typeform
from senders.adapters.adapter import Adapter

ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        "generic": generic.ADAPTER,
        "hubspot": hubspot.ADAPTER,
        "pipedrive": pipedrive.ADAPTER,
        "typeform": typeform.ADAPTER,
    }
)
