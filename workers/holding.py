"""What Usher itself puts on hold, and says so: a hold stands in the log once, when it begins."""

import structlog

from workers.store import Store

log = structlog.get_logger("hold")


def put_on_hold(store: Store, destination: str, reason: str) -> None:
    """Holds a destination; one that is there already stays, but for that of a circuit."""
    if store.hold(destination, reason, "usher"):
        tell_of_hold(destination, reason)


def tell_of_hold(destination: str, reason: str) -> None:
    log.warning("on hold: its runs wait", destination=destination, reason=reason)
