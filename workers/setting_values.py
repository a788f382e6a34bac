"""What the text of a setting may be, and what it is made into."""

import re
from typing import Annotated, Any, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from coursebox.address import check_address
from coursebox.attributes import GUARDED
from coursebox.errors import CourseboxError
from workers.schedule import parse_length, parse_schedule

# The longest length of time that a setting takes (seconds).
A_YEAR: Final = 365 * 86_400.0
ACCOUNT_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


def setting(default: Any, meaning: str, allowed: str, **more: Any) -> Any:
    """A field of the settings; `allowed` is what an error says of a wrong value."""
    return Field(default, description=meaning, json_schema_extra={"allowed": allowed}, **more)


def as_schedule(value: object) -> object:
    """Waits out of their text; anything else as it is. Raises ValueError."""
    return parse_schedule(value) if isinstance(value, str) else value


def _as_seconds(value: object) -> object:
    return parse_length(value, A_YEAR) if isinstance(value, str) else value


def _as_names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(name.strip() for name in value.split(",")))


def _account_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not ACCOUNT_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an account")
    return names


def _guarded(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in GUARDED:
            raise ValueError(f"{name!r} is no guarded attribute")
    return names


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


def _portal_address(text: str) -> str:
    try:
        return check_address(text)
    except CourseboxError as error:
        raise ValueError(error.message) from None


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
PortalAddress = Annotated[str, AfterValidator(_portal_address)]
PublicAddress = Annotated[str, AfterValidator(_public_address)]
# Seconds, written as "10 min"; a type of its own, so that it is shown so again.
Length = Annotated[float, BeforeValidator(_as_seconds)]
AccountNames = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_as_names), AfterValidator(_account_names)
]
GuardedAttributes = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_as_names), AfterValidator(_guarded)
]
