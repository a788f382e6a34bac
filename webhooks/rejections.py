"""What the receiver turns away is counted and kept, so that it can be judged again later.

A flood must not become a burden: of each source and cause, every process keeps at most
MOST_A_SECOND deliveries a second, and only counts the others. That is decided here, before anything
is encrypted; how much is kept in all is the store's affair.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from senders.delivery import Delivery
from senders.headers import one_family
from senders.preset import Preset
from senders.sources import Source
from workers.store import Rejected, Request, StoreUnavailable

MOST_A_SECOND: Final = 20

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Gate:
    """Lets at most `most` through per name and second of the clock."""

    most: int = MOST_A_SECOND
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # name -> (second, how many were let through in it); as many names as sources have causes
    _let: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def lets(self, name: tuple[str, str]) -> bool:
        """Whether one more of that name may pass now."""
        now = int(self.clock())
        with self._lock:
            second, count = self._let.get(name, (now, 0))
            count = count + 1 if second == now else 1
            self._let[name] = (now, count)
        return count <= self.most


@dataclass(frozen=True, slots=True)
class Rejections:
    """Keeps refused deliveries as well as it can: whatever fails, the sender hears the same."""

    rejected: Rejected
    gate: Gate = field(default_factory=Gate)

    def keep(
        self, source: Source, cause: str, detail: str, request: Request, *, read: bool
    ) -> None:
        """Counts the delivery and keeps it. Not `read`: the body is not there, or not all of it."""
        try:
            self._keep(source, cause, detail, request, read)
        except StoreUnavailable as error:
            log.warning("A refused delivery is not kept", reason=error.reason)
        except Exception:
            # it came from anybody: what it does to us must not show in the answer
            log.exception("A refused delivery could not be kept", source=source.name, cause=cause)

    def _keep(self, source: Source, cause: str, detail: str, request: Request, read: bool) -> None:
        if not self.gate.lets((source.name, cause)):
            self.rejected.count(source.name, cause)
            return
        same_as = _same_as(source.preset, request.delivery)
        self.rejected.keep(source.name, cause, detail, request, same_as=same_as, complete=read)


def _same_as(preset: Preset, delivery: Delivery) -> bytes:
    """What two deliveries have in common that are one and the same, posted twice."""
    names = [path.removeprefix("header:") for paths in preset.id for path in paths]
    spelled = one_family(preset, delivery)
    values = [value for name in names for value in spelled.values(name)]
    # tells deliveries apart of which no body was read
    values += delivery.values("Content-Length")
    return "\n".join(values).encode("utf-8", "surrogatepass") + b"\n\n" + delivery.body
