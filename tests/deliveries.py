"""Deliveries as the five senders of sources.yaml post them, signed with the sample secrets."""

import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from senders.delivery import Delivery
from senders.signing import sign
from senders.sources import Sources, read_sources

ROOT: Final = Path(__file__).parent.parent
# Those of .env.example.
SECRETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "HUBSPOT_CLIENT_SECRET": "sample-hubspot-client-secret",
        "PIPEDRIVE_BASIC": "usher:sample-pipedrive-password",
        "TYPEFORM_SECRET": "sample-typeform-secret",
        "PARTNER_SECRET": "whsec_c2FtcGxlIHNlY3JldCBvZiBhIHBhcnRuZXI=",
        "SHOP_SECRET": "sample-shop-secret",
    }
)
SAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hubspot": "hubspot-batch",
        "pipedrive": "pipedrive-deal-won",
        "sign-up-form": "typeform-response",
        "partner": "standard-webhooks",
        "shop": "shop-order",
    }
)


def all_sources() -> Sources:
    """The senders of sources.yaml, all of them started."""
    return read_sources((ROOT / "sources.yaml").read_text(encoding="utf-8"), SECRETS)


def sample(source: str) -> bytes:
    """A body that this sender posts."""
    return (ROOT / "tests" / "samples" / f"{SAMPLES[source]}.json").read_bytes()


def signed(
    source: str,
    body: bytes | None = None,
    *,
    ago: float = 0.0,
    target: str | None = None,
    public_url: str = "http://127.0.0.1:8000",
    content_type: str | None = None,
) -> Delivery:
    """What the sender posts of the body (the sample, if none), signed `ago` seconds ago."""
    return sign(
        all_sources()[source],
        sample(source) if body is None else body,
        target=target or f"/hooks/{source}",
        now=time.time() - ago,
        public_url=public_url,
        event_id="msg_1",
        content_type=content_type,
    )
