"""Form plug-ins of WordPress."""

from senders.preset import Preset

ROWS: tuple[Preset, ...] = ()
