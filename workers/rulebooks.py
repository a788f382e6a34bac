"""The live rules as a worker has them: it follows what the loader publishes."""

import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import structlog

from rulebook import Book, Rule, Snapshot, SnapshotError, hashes_named, read_snapshot
from workers.store import Follower, Live, Publication, StoreUnavailable

POLL: Final = 1.0
SHOWN_OF_VERSION: Final = 12

log = structlog.get_logger("rules")


class RuleBooks:
    """The live rules of one worker process. `book` is one immutable snapshot, swapped whole.

    Before anything was published it is empty. What this worker cannot read it refuses, and goes on
    with what it has: a rule made for a newer Usher must not be run as if it were an older one.
    """

    name = "rules"

    def __init__(self, publication: Publication, worker: str, *, poll: float = POLL) -> None:
        self._publication = publication
        self._worker = worker
        self._poll = poll
        self._document = ""
        self._problem = ""
        # the document that cannot be read
        self._closed = ""
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.book = Book(())

    def start(self) -> None:
        """Takes what is live, then goes on following in a thread of its own."""
        with suppress(StoreUnavailable):
            self.follow()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._poll):
            with suppress(StoreUnavailable):
                self.follow()

    def follow(self) -> None:
        """Takes what is live, if it is other than what this worker has, and says what it has."""
        with self._turn:
            while found := self._publication.follow(self._told()):
                live, text = found
                if live.document == self._closed:
                    return
                self._take(live, text)

    def _told(self) -> Follower:
        version = self.book.version if self._document else ""
        return Follower(self._worker, self._document, version, self._problem)

    def _take(self, live: Live, text: str) -> None:
        try:
            snapshot = _open(self._publication, text, self.book)
        except SnapshotError as error:
            self._closed = live.document
            shown = live.version[:SHOWN_OF_VERSION]
            self._problem = f"worker {self._worker} does not take version {shown}: {error}"
            log.error(f"REFUSED version {shown}: {error}", then="this worker keeps what it has")
            return
        self.book = Book(snapshot.rules, commit=snapshot.commit)
        self._document, self._problem, self._closed = live.document, "", ""
        log.info(f"on version {live.version[:SHOWN_OF_VERSION]}", rules=len(self.book))


def live_snapshot(publication: Publication) -> tuple[Live, Snapshot] | None:
    """What is live for all workers; None before anything was published.

    Raises SnapshotError where this Usher cannot read it.
    """
    found = publication.live()
    if found is None:
        return None
    live, text = found
    return live, _open(publication, text, ())


def _open(publication: Publication, text: str, known: Iterable[Rule]) -> Snapshot:
    rules = tuple(known)
    bodies = {rule.hash: rule.body for rule in rules}
    missing = [each for each in hashes_named(text) if each not in bodies]
    return read_snapshot(text, {**bodies, **publication.bodies(missing)}, rules)
