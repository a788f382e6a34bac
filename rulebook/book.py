"""All live rules as one immutable snapshot, quick to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from rulebook.paths import Scope
from rulebook.rule import FIRST, Rule, Verdict


class Book:
    """Rules by id and by what they are about. Rules keep the order in which they were given."""

    __slots__ = ("_by_id", "_by_subject")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_id = {rule.id: rule for rule in rules}
        self._by_subject: dict[tuple[object, object], list[Rule]] = {}
        for rule in self._by_id.values():
            for when in dict.fromkeys(rule.when):
                self._by_subject.setdefault((when.source, when.event), []).append(rule)

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
        taken: dict[str, str] = {}
        verdicts = []
        for rule in self._about(event):
            if rule.matching == FIRST and rule.file in taken:
                verdict = rule.no(f"rule {taken[rule.file]} of this file came first")
            else:
                verdict = rule.judge(event, now)
            if verdict.matched:
                taken.setdefault(rule.file, rule.id)
            verdicts.append(verdict)
        return tuple(verdicts)

    def match(self, event: Scope, now: datetime) -> tuple[Rule, ...]:
        """The rules that want the event, as `judge` says, without the words."""
        taken: set[str] = set()
        wanted = []
        for rule in self._about(event):
            first = rule.matching == FIRST
            if (first and rule.file in taken) or not rule.wants(event, now):
                continue
            wanted.append(rule)
            if first:
                taken.add(rule.file)
        return tuple(wanted)

    def _about(self, event: Scope) -> list[Rule]:
        about = event.get("event")
        if not isinstance(about, Mapping):
            return []
        source, kind = about.get("source"), about.get("type")
        if not (isinstance(source, str) and isinstance(kind, str)):
            return []
        return self._by_subject.get((source, kind), [])
