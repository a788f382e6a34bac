"""Keeps the live rules in step with RULES_DIR: a good edit goes live, a bad one hurts no other."""

import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from rulebook import Book, RuleFile, Severity, Vocabulary, is_rule_file, read_folder, run_tests
from workers.rulefiles import fingerprint, read_tree
from workers.store import Store, StoreUnavailable

POLL: Final = 1.0
# a Redis that was away long, or was emptied, is told again what is refused
TELL_AGAIN: Final = 20.0

log = structlog.get_logger("rules")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reading of the folder: files fit to go live, and "file:line:column: why" for the others."""

    good: Mapping[str, RuleFile]
    refused: Mapping[str, str]


def review(files: Mapping[str, str], vocabulary: Vocabulary) -> Reviewed:
    """Reads all rule files and runs their inline tests: a file that fails one is refused. Pure."""
    reading = read_folder(files, vocabulary)
    refused: dict[str, str] = {}
    for problem in reading.problems:
        if problem.severity is Severity.ERROR:
            refused.setdefault(problem.file, problem.headline)
    good = {path: file for path, file in reading.files.items() if path not in refused}
    for path, file in list(good.items()):
        failed = [result for result in run_tests(file) if not result.passed]
        if failed:
            first = failed[0]
            refused[path] = f"{first.file}:{first.line}: test failed: {first.name}: {first.message}"
            del good[path]
    return Reviewed(good, refused)


class RuleWatch:
    """The live rules of one worker process. `book` is one immutable snapshot, swapped whole."""

    name = "rules"

    def __init__(self, folder: Path, vocabulary: Vocabulary, store: Store, worker: str) -> None:
        self._folder = folder
        self._vocabulary = vocabulary
        self._store = store
        self._worker = worker
        self._live: dict[str, RuleFile] = {}
        self._refused: Mapping[str, str] = {}
        self._seen: object = None
        self._loaded: object = None
        self._told_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.book = Book(())

    def start(self) -> None:
        """Loads what is there, then goes on watching in a thread of its own."""
        self._restore()
        # twice: what has not changed between two looks is read
        self._look()
        self._look()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(POLL):
            with suppress(StoreUnavailable):
                self._look()

    def _look(self) -> None:
        try:
            self.poll()
        except OSError as error:
            # what is there once it can be read again is news, though it be the same
            self._loaded = None
            self._refuse({str(self._folder): f"{self._folder}: cannot be read: {error}"})

    def poll(self) -> None:
        """One look: reads the folder when it differs from what is loaded and has come to rest."""
        seen = fingerprint(self._folder)
        settled = seen == self._seen
        self._seen = seen
        if settled and seen != self._loaded:
            self._load()
            self._loaded = seen
        if time.monotonic() - self._told_at > TELL_AGAIN:
            self._tell()

    def _restore(self) -> None:
        """Starts from the last good text of every file, for one that is broken at this moment."""
        for path, kept in self._store.good_rules().items():
            found = review(json.loads(kept), self._vocabulary)
            if path in found.good:
                self._live[path] = found.good[path]
        self._go_live()

    def _load(self) -> None:
        tree = read_tree(self._folder)
        if not any(is_rule_file(path) for path in (*tree.files, *tree.unreadable)):
            # an unmounted volume must not switch every rule off
            what = "there is no such folder" if tree.missing else "there is no rule file in it"
            self._refuse({str(self._folder): f"{self._folder}: {what}"})
            return
        found = review(tree.files, self._vocabulary)
        refused = {**found.refused, **tree.unreadable}
        kept = {path: file for path, file in self._live.items() if path in refused}
        gone = [path for path in self._live if path not in found.good and path not in refused]
        self._live = {**kept, **found.good}
        self._go_live()
        self._keep(tree.files, found.good, gone)
        self._refuse(refused)
        log.info("rules loaded", files=len(self._live), rules=len(self.book), gone=gone)

    def _go_live(self) -> None:
        self.book = Book(rule for _, file in sorted(self._live.items()) for rule in file.rules)

    def _keep(
        self, files: Mapping[str, str], good: Mapping[str, RuleFile], gone: list[str]
    ) -> None:
        beside = {path: text for path, text in files.items() if not is_rule_file(path)}
        self._store.keep_good_rules(
            {path: json.dumps({path: files[path], **beside}) for path in good}
        )
        self._store.forget_good_rules(gone)

    def _refuse(self, refused: Mapping[str, str]) -> None:
        for path, why in refused.items():
            if self._refused.get(path) != why:
                stays = (
                    "what was live stays live"
                    if path in self._live or path == str(self._folder)
                    else "it is not live"
                )
                log.error("rule file refused", why=why, then=stays)
        for path in self._refused:
            if path not in refused:
                log.info("rule file accepted again", file=path)
        self._refused = refused
        self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        self._store.tell_rule_problems(self._worker, sorted(self._refused.values()))
