"""The address of a customer's Coursebox portal. Pure."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from coursebox.errors import refused


def check_address(url: str) -> str:
    """The portal's origin without a trailing slash. Raises InvalidArgument with what is wrong."""
    try:
        parts = urlsplit(url.strip())
        wrong = _wrong_with(parts)
    except ValueError:
        wrong = "cannot be read"
    if wrong:
        shown = url.rpartition("@")[2][:100]
        raise refused(
            "settings",
            f"the Coursebox address {shown!r} {wrong}; give your portal's, such as "
            "https://learn.customer.example",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _wrong_with(parts: SplitResult) -> str:
    checks = (
        (parts.scheme not in ("https", "http"), "does not begin with https://"),
        (not parts.hostname, "names no host"),
        (parts.port == 0, "has no usable port"),
        ("@" in parts.netloc, "holds a user name or password, which do not belong there"),
        (parts.path not in ("", "/"), "has a path"),
        (bool(parts.query or parts.fragment), "has something behind the host"),
        (
            parts.scheme == "http" and not is_loopback(parts.geturl()),
            "is not https, so that passwords could be read on the way",
        ),
    )
    return next((why for wrong, why in checks if wrong), "")


def is_loopback(address: str) -> bool:
    """Whether that address is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
