"""Stripe, Shopify and WooCommerce: orders, payments and refunds."""

from senders.preset import Preset

ROWS: tuple[Preset, ...] = ()
