"""The one loader: it reads RULES_DIR, reviews what has come to rest, and publishes what is fit.

Every worker has one; which of them is at work is elected through Redis. With different folders on
different machines that of the elected one counts; one with rules comes before one without.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from rulebook import Rule, Snapshot, SnapshotError, Vocabulary, document_of, is_rule_file
from workers.rulebooks import live_snapshot
from workers.rulefiles import Folder, has_rules
from workers.rulereview import Reviewed, decide, review
from workers.store import Asked, Office, Publication, Report, StoreUnavailable
from workers.work_tree import commit_of

POLL: Final = 1.0
# A loader that is silent for so many polls has lost its office.
TERM: Final = 5
# A Redis that was away long, or was emptied, is told again what is refused (seconds).
TELL_AGAIN: Final = 20.0
SHOWN_OF_VERSION: Final = 12

log = structlog.get_logger("rules")


class RuleLoader:
    """Loads for all workers while this one is elected; else it waits for its turn.

    `poll` is the time between two looks in seconds; `published` is called when something new is
    live, so that this worker need not wait to have it.
    """

    name = "rule loader"

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        publication: Publication,
        worker: str,
        *,
        poll: float = POLL,
        published: Callable[[], None] = lambda: None,
    ) -> None:
        self._root = folder
        self._vocabulary = vocabulary
        self._publication = publication
        self._worker = worker
        self._poll = poll
        self._published = published
        self._asked = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._elected = False
        # why the live rules are closed to this worker: it must not replace what it cannot read
        self._closed = ""
        self._forget()

    def _forget(self) -> None:
        self._folder = Folder(self._root, self._poll)
        self._live: dict[str, tuple[Rule, ...]] = {}
        self._good: dict[str, str] = {}
        self._refused: Mapping[str, str] = {}
        self._document = ""
        self._commit = ""
        self._noted: object = None
        self._told_at = 0.0

    def start(self) -> None:
        """Loads what is there if this worker is elected, then goes on in a thread of its own."""
        with suppress(StoreUnavailable):
            self.turn()
            if self._elected and self._folder.restless and not self._stop.wait(self._poll):
                self.turn()
        self._thread.start()

    def stop(self) -> None:
        """Leaves the office to another worker."""
        self._stop.set()
        self._asked.set()
        self._thread.join()
        with suppress(StoreUnavailable):
            self._publication.resign(self._worker)

    def look_now(self) -> None:
        """Has the folder read at once, whoever is the loader. May be called by a signal handler."""
        self._asked.set()

    def _run(self) -> None:
        now = False
        while not self._stop.is_set():
            now = self._asked.wait(self._poll) or now
            self._asked.clear()
            if self._stop.is_set():
                return
            with suppress(StoreUnavailable):
                self.turn(now=now)
                now = False

    def turn(self, *, now: bool = False) -> None:
        """One look, if this worker is the loader. `now`: what is there counts as it is, and where
        another worker is the loader, it is asked to look."""
        fit = not self._closed and has_rules(self._root)
        office, live = self._publication.elect(self._worker, fit, self._poll * TERM)
        if office is Office.NOT:
            self._elected = False
            if now:
                self._publication.ask(self._worker)
            return
        if office is Office.NEWLY or not self._elected:
            self._begin()
        elif live != self._document and self._live:
            # what is live is not what was made so: that Redis was emptied
            self._publish(self._good, ())
            self._tell()
        asked = self._publication.requests()
        accept = any(one.accept_removal for one in asked)
        self._look(now=now or bool(asked), accept=accept)
        self._answer(asked)

    def _begin(self) -> None:
        """Starts from what is live: a file that is broken now has its last good version there."""
        self._forget()
        try:
            found = live_snapshot(self._publication)
        except SnapshotError as error:
            self._closed = str(error)
        else:
            self._closed = ""
            if found is not None:
                live, snapshot = found
                self._document = live.document
                for rule in snapshot.rules:
                    self._live[rule.file] = (*self._live.get(rule.file, ()), rule)
        self._good = self._publication.good_texts()
        self._elected = True
        log.info("this worker loads the rules", folder=str(self._root))

    def _look(self, *, now: bool, accept: bool) -> None:
        try:
            changed = self._folder.look(now=now)
        except OSError as error:
            # what is there once it can be read again is news, though it be the same
            self._noted = None
            self._refuse({str(self._root): f"{self._root}: cannot be read: {error}"})
            return
        gone = frozenset(path for path in self._live if self._folder.is_gone(path))
        commit = commit_of(self._root)
        noted = (gone, commit)
        if changed or accept or noted != self._noted:
            self._commit = commit
            self._load(gone, accept=accept)
            self._noted = noted
        elif time.monotonic() - self._told_at > TELL_AGAIN:
            self._tell()

    def _load(self, gone: frozenset[str], *, accept: bool) -> None:
        folder = self._folder
        there = (*folder.files, *folder.unreadable, *folder.restless)
        if self._closed and not accept:
            self._refuse({str(self._root): _CLOSED.format(self._root, self._closed)})
        elif not any(map(is_rule_file, there)):
            # an unmounted volume must not switch every rule off
            what = "there is no such folder" if folder.missing else "there is no rule file in it"
            self._refuse({str(self._root): f"{self._root}: {what}"})
        else:
            self._review(gone, accept=accept)

    def _review(self, gone: frozenset[str], *, accept: bool) -> None:
        folder = self._folder
        order = sorted(folder.files, key=self._claim)
        try:
            found = review(folder.files, self._vocabulary, order)
        except Exception as error:
            # a fault of ours in one file must not end one loader after the other
            log.exception("unforeseen failure", folder=str(self._root))
            told = f"{self._root}: Usher itself failed: {type(error).__name__}: {error}"
            self._refuse({str(self._root): told})
        else:
            whole = Reviewed(found.good, {**found.refused, **folder.unreadable})
            self._put_live(whole, gone, accept=accept)

    def _claim(self, path: str) -> tuple[bool, int, str]:
        """Who has the older right to a rule id: what is live as it is, then what changed first."""
        changed = self._good.get(path) != self._folder.files[path]
        return changed, self._folder.changed_at(path), path

    def _put_live(self, found: Reviewed, gone: frozenset[str], *, accept: bool) -> None:
        decision = decide(self._live, found, gone, accept_removal=accept)
        self._live = dict(decision.live)
        # of a file whose last good version stays live, the text of that stays
        fit = [path for path in found.good if path not in decision.refused]
        good = {path: self._folder.files[path] for path in fit}
        dropped = [path for path in self._good if path not in self._live]
        # before anything was published, events wait: no rule is not the same as none yet
        if not (self._live or self._document):
            self._refuse(decision.refused)
        elif self._publish(good, dropped):
            self._closed = ""
            for path in decision.removed:
                log.info(f"removed {path}")
            self._refuse(decision.refused)

    def _publish(self, good: Mapping[str, str], dropped: Sequence[str]) -> bool:
        """Whether this worker is still the loader, and what it holds is live."""
        rules = (rule for _, each in sorted(self._live.items()) for rule in each)
        snapshot = Snapshot(tuple(rules), self._commit)
        document = document_of(snapshot.text)
        pointer: dict[str, str | int] = {
            "document": document,
            "version": snapshot.version,
            "rules": len(snapshot.rules),
            "files": len(self._live),
            "folder": str(self._root.resolve()),
            "commit": self._commit,
        }
        if not self._publication.publish(
            self._worker, pointer, snapshot.text, snapshot.bodies, good, dropped
        ):
            self._elected = False
            return False
        if document != self._document or self._noted is None:
            shown = snapshot.version[:SHOWN_OF_VERSION]
            many = len(snapshot.rules)
            loaded = "1 rule" if many == 1 else f"{many} rules"
            log.info(f"loaded {loaded}, version {shown}", files=len(self._live))
        self._document = document
        self._published()
        kept = {path: text for path, text in self._good.items() if path not in dropped}
        self._good = {**kept, **good}
        return True

    def _refuse(self, refused: Mapping[str, str]) -> None:
        for path, why in refused.items():
            if self._refused.get(path) != why:
                owner = next((rule.owner for rule in self._live.get(path, ()) if rule.owner), None)
                log.error(f"REFUSED {why}", then=self._then(path), **_owner(owner))
        for path in self._refused:
            if path not in refused:
                log.info(f"no longer refused: {path}")
        self._refused = refused
        self._tell()

    def _then(self, path: str) -> str:
        if path in self._live or not is_rule_file(path):
            return "what was live stays live"
        return "it is not live"

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        folder = str(self._root.resolve())
        self._publication.tell(Report(self._worker, folder, self._refused))

    def _answer(self, asked: tuple[Asked, ...]) -> None:
        said: dict[str, Any] = {
            "document": self._document,
            "loader": self._worker,
            "refused": dict(self._refused),
        }
        for one in asked:
            self._publication.answer(one, said)


_CLOSED: Final = (
    "{}: these rules are not loaded, because the live ones would be lost: {}. To put these in "
    "their place all the same: `usher rules reload --accept-removal`"
)


def _owner(owner: str | None) -> dict[str, str]:
    return {"owner": owner} if owner else {}
