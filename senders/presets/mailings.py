"""Mailchimp and MailerLite: mailing lists."""

from senders.preset import Preset

ROWS: tuple[Preset, ...] = ()
