"""Where this server is: the address it listens on, and the one under which it is called."""

from collections.abc import Mapping
from types import MappingProxyType

from workers.settings import Settings

# Listening everywhere is no address to call.
_CALLED_AT: Mapping[str, str] = MappingProxyType(
    {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
)


def bound(host: str, port: int) -> str:
    """Host and port as they stand in an address; IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def public_address(settings: Settings) -> str:
    """What senders call, and HubSpot signs: PUBLIC_URL, or else this machine's own address."""
    host = _CALLED_AT.get(settings.host, settings.host)
    return settings.public_url or f"http://{bound(host, settings.port)}"
