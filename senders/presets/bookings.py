"""Calendly and Cal.com: booked meetings."""

from senders.preset import Preset

ROWS: tuple[Preset, ...] = ()
