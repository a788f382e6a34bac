"""What the text of a setting may be, and what it is made into."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

from workers.schedule import parse_schedule


def as_schedule(value: object) -> object:
    """Waits out of their text; anything else as it is. Raises ValueError."""
    return parse_schedule(value) if isinstance(value, str) else value


def _redis_address(text: str) -> str:
    address = _split(text)
    if address.scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("another scheme")
    if not (address.path if address.scheme == "unix" else address.hostname):
        raise ValueError("no address")
    return text.strip()


def _http_address(text: str) -> str:
    address = _split(text)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ValueError("not an http address")
    if address.username is not None or address.query or address.fragment:
        raise ValueError("has more than scheme, host, port and path")
    return text.strip().rstrip("/")


def _public_address(text: str) -> str:
    address = _http_address(text)
    if f"{urlsplit(address).path}/".startswith("/hooks/"):
        raise ValueError("is the address of a source")
    return address


def _split(text: str) -> SplitResult:
    address = urlsplit(text.strip())
    _ = address.port  # raises ValueError where it is no port
    if re.search(r"[\s\x00-\x1f]", text.strip()):
        raise ValueError("white space inside")
    return address


def lower(value: object) -> object:
    """Text in small letters without spaces round it; anything else as it is."""
    return value.strip().lower() if isinstance(value, str) else value


RedisAddress = Annotated[str, AfterValidator(_redis_address)]
HttpAddress = Annotated[str, AfterValidator(_http_address)]
PublicAddress = Annotated[str, AfterValidator(_public_address)]
