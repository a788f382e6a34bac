"""The senders that Usher knows, one row each, a module a family."""

from collections.abc import Mapping
from types import MappingProxyType

from senders.preset import Preset
from senders.presets import (
    bookings,
    crm_platforms,
    crm_suites,
    form_builders,
    forms,
    generic,
    mailings,
    platforms,
    sales_tools,
    shops,
    wordpress,
)

_FAMILIES = (
    crm_suites,
    crm_platforms,
    sales_tools,
    forms,
    form_builders,
    wordpress,
    bookings,
    shops,
    mailings,
    platforms,
    generic,
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {row.name: row for family in _FAMILIES for row in family.ROWS}
)
_BY_ANY_NAME = {name: row for row in PRESETS.values() for name in (row.name, *row.also)}


def preset_named(name: str) -> Preset | None:
    """The preset of that name, or of one of its other names; None if there is none."""
    return _BY_ANY_NAME.get(name)
