"""The senders that Usher knows, one row each, a module a family."""

import re
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
_BETWEEN_WORDS = re.compile(r"[-_. ]+")


def _plain(name: str) -> str:
    return _BETWEEN_WORDS.sub("", name.lower())


_BY_ANY_NAME = {_plain(name): row for row in PRESETS.values() for name in (row.name, *row.also)}


def preset_named(name: str) -> Preset | None:
    """The preset of that name, or of one of its other names; None if there is none.

    Neither capitals count nor what stands between words: `Cal.com` is `cal-com`.
    """
    return _BY_ANY_NAME.get(_plain(name))
