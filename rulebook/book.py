"""All live rules as one immutable snapshot, quick to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rulebook.index import EqualityIndex, index_of
from rulebook.paths import Scope
from rulebook.quick_checks import Check
from rulebook.rule import FIRST, Rule, Verdict
from rulebook.snapshot import version_of


class Book:
    """Rules by id and by what they are about. Rules keep the order in which they were given.

    They are given in the order of their files and, within a file, as they are written there.
    `version` is that of all of them together; `commit` that of the work tree they were read from.
    """

    __slots__ = ("_buckets", "_by_id", "commit", "version")

    def __init__(self, rules: Iterable[Rule], *, commit: str = "") -> None:
        self._by_id = {rule.id: rule for rule in rules}
        self.version = version_of(self._by_id.values())
        self.commit = commit
        about: dict[tuple[str, str], list[Rule]] = {}
        for rule in self._by_id.values():
            for when in dict.fromkeys(rule.when):
                about.setdefault((when.source, when.event), []).append(rule)
        self._buckets = {subject: _Bucket(rules) for subject, rules in about.items()}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._by_id.values())

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id; raises KeyError."""
        return self._by_id[rule_id]

    def judge(self, event: Scope, now: datetime) -> tuple[Verdict, ...]:
        """What every rule about this source and type says of an event in its normal form.

        `now` is when the event was received.
        """
        bucket = self._bucket(event)
        return bucket.judge(event, now) if bucket else ()

    def match(self, event: Scope, now: datetime) -> tuple[Rule, ...]:
        """The rules that want the event, as `judge` says, but without the words, and quickly."""
        bucket = self._bucket(event)
        return bucket.match(event, now) if bucket else ()

    def _bucket(self, event: Scope) -> _Bucket | None:
        about = event.get("event")
        if not isinstance(about, dict):
            return None
        source, kind = about.get("source"), about.get("type")
        if not (isinstance(source, str) and isinstance(kind, str)):
            return None
        return self._buckets.get((source, kind))


class _Bucket:
    """The rules about one source and event type."""

    __slots__ = ("_candidates", "_index", "_rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        asked = [rule for rule in rules if rule.enabled]
        self._candidates: list[tuple[Check, Rule, bool]] = [
            (rule.quick_test(), rule, rule.matching == FIRST) for rule in asked
        ]
        self._index: EqualityIndex | None = index_of(
            [rule.body["rule"].get("if") for rule in asked]
        )

    def judge(self, event: Scope, now: datetime) -> tuple[Verdict, ...]:
        first: dict[str, str] = {}
        verdicts = []
        for rule in self._rules:
            if rule.matching == FIRST and rule.file in first:
                verdict = rule.no(f"rule {first[rule.file]} of this file came first")
            else:
                verdict = rule.judge(event, now)
            if verdict.matched:
                first.setdefault(rule.file, rule.id)
            verdicts.append(verdict)
        return tuple(verdicts)

    def match(self, event: Scope, now: datetime) -> tuple[Rule, ...]:
        candidates = self._candidates
        if self._index is not None:
            candidates = [candidates[place] for place in self._index.candidates(event)]
        taken: set[str] = set()
        wanted: list[Rule] = []
        for wants, rule, is_first in candidates:
            if (is_first and rule.file in taken) or not wants(event, now):
                continue
            wanted.append(rule)
            if is_first:
                taken.add(rule.file)
        return tuple(wanted)
