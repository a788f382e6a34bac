"""All live rules as one immutable snapshot, quick to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from rulebook.paths import Scope
from rulebook.rule import Rule, Verdict


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
        """What every rule about this source and type says of an event in its normal form."""
        about = event.get("event")
        if not isinstance(about, Mapping):
            return ()
        source, kind = about.get("source"), about.get("type")
        if not (isinstance(source, str) and isinstance(kind, str)):
            return ()
        rules = self._by_subject.get((source, kind), ())
        return tuple(rule.judge(event, now) for rule in rules)
