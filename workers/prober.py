"""Tries whether a portal works again that its circuit has put on hold, and lets its runs go on.

Every worker has one; which of them makes a probe is settled in Redis.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog

from coursebox.calls import COURSES
from coursebox.errors import CourseboxError, Decision
from coursebox.gate import Health, health
from workers.holding import put_on_hold
from workers.portals import Portal
from workers.store import Store, StoreUnavailable
from workers.store.gate import PROBE_AT, Probing

LOOK: Final = 1.0

log = structlog.get_logger("prober")


class Prober:
    """Probes these portals, by account. `look` is the time between two looks in seconds."""

    name = "prober"

    def __init__(
        self, store: Store, probing: Probing, portals: Mapping[str, Portal], look: float = LOOK
    ) -> None:
        self._store = store
        self._probing = probing
        self._portals = {portal.destination(): portal for portal in portals.values()}
        self._look = look
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._look):
            with suppress(StoreUnavailable):
                self.turn()

    def turn(self) -> None:
        """One look; raises StoreUnavailable."""
        for destination, hold in self._store.holds().items():
            portal = self._portals.get(destination)
            if portal is None or PROBE_AT not in hold:
                continue
            since = self._probing.claim(destination)
            if since:
                self._probe(portal, destination, since)

    def _probe(self, portal: Portal, destination: str, since: str) -> None:
        """One read, as cheap as they come."""
        try:
            portal.client.courses()
        except CourseboxError as error:
            if error.decision is Decision.HOLD:
                # no more probes: each would be a failed log-in, and enough of them lock the account
                put_on_hold(self._store, destination, error.message)
            elif health(COURSES, error.failure) is Health.GOOD:
                self._release(destination, since)
            log.info("probed", destination=destination, reason=error.message)
        else:
            self._release(destination, since)

    def _release(self, destination: str, since: str) -> None:
        was, freed = self._store.release(destination, since, why="it works again")
        if was:
            log.info("works again: the hold is released", destination=destination, runs=freed)
