"""A worker's heartbeat: it keeps what the worker holds; the ticker's also rings for what is due."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from workers.store import Claim, ClaimLost, Store, StoreUnavailable

TICK: Final = 0.5
BEATS_A_LEASE: Final = 4
# an effect is not begun in the last part of a lease that could not be renewed
SAFE_SHARE: Final = 0.8

log = structlog.get_logger("pulse")


@dataclass(eq=False, slots=True)
class Lease:
    """A claim that the pulse keeps alive, with the learner it acts for."""

    claim: Claim
    length: float
    renewed: float
    learner: str = ""
    lost: bool = False

    def guard(self) -> None:
        """Called right before an effect. Raises ClaimLost if the work may be another's by now."""
        if self.lost or time.monotonic() - self.renewed > self.length * SAFE_SHARE:
            raise ClaimLost(self.claim.id)


class Pulse:
    """Beats for one worker process, in a thread of its own.

    `ring` is called with the ids of due work whenever this worker is the elected ticker.
    """

    name = "pulse"

    def __init__(self, store: Store, worker: str, ring: Callable[[Sequence[str]], None]) -> None:
        self._store = store
        self._worker = worker
        self._ring = ring
        self._leases: set[Lease] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._away = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    @contextmanager
    def keeping(self, claim: Claim) -> Iterator[Lease]:
        """Keeps a claim alive for the length of the block."""
        lease = Lease(claim, self._store.lease, claim.asked)
        with self._lock:
            self._leases.add(lease)
        try:
            yield lease
        finally:
            with self._lock:
                self._leases.discard(lease)

    def _run(self) -> None:
        next_beat = 0.0
        while not self._stop.is_set():
            try:
                if time.monotonic() >= next_beat:
                    self.beat()
                    next_beat = time.monotonic() + self._store.lease / BEATS_A_LEASE
                self.tick()
                self._say(away=False)
            except StoreUnavailable as error:
                self._say(away=True, reason=error.reason)
            self._stop.wait(TICK)

    def beat(self) -> None:
        """One sign of life; marks the leases that are no longer ours."""
        with self._lock:
            leases = list(self._leases)
        asked = time.monotonic()
        lost = self._store.beat(self._worker, [(lease.claim, lease.learner) for lease in leases])
        for lease in leases:
            if lease.claim.id in lost:
                lease.lost = True
            else:
                lease.renewed = asked

    def tick(self) -> None:
        """Rings for what is due, if this worker is the ticker."""
        if self._store.elect(self._worker, TICK * 6):
            ids = self._store.to_ring()
            if ids:
                self._ring(ids)

    def _say(self, *, away: bool, reason: str = "") -> None:
        if away and not self._away:
            log.warning("redis is away: waiting for it", reason=reason)
        elif self._away and not away:
            log.info("redis is back")
        self._away = away
