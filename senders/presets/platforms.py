"""GitHub, Slack, Zapier and Make: tools that pass on what happens elsewhere."""

from senders.preset import Preset

ROWS: tuple[Preset, ...] = ()
