"""What listens: ports that somebody has already, and a receiver that becomes ready."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Final

from usher.failing import Failed

LOOK_AGAIN: Final = 0.1


def refuse_taken(host: str, port: int, setting: str) -> None:
    """Raises Failed, which names the setting or option, where something listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failed(
                f"{host}:{port} cannot be used: {error.strerror}.",
                f"Stop what listens there, or set {setting} to another port.",
            ) from None


def becomes_ready(receiver: str, within: float, also: Callable[[], bool] = lambda: True) -> bool:
    """True as soon as `also` holds and the receiver's /readyz says 200; False after `within` s."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if also() and _ready(f"{receiver}/readyz"):
            return True
        time.sleep(LOOK_AGAIN)
    return False


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
