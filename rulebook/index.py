"""Finds the few rules of a bucket that one event can match, by the value of one of its fields.

A bucket holds the rules about one source and event type. Of the fields that its rules compare for
equality, the one is taken that leaves the fewest candidates: those rules that name the event's
value, and those that do not ask for the field at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rulebook.condition_checks import GROUPS
from rulebook.equality import Key, event_keys, rule_key
from rulebook.operators import IGNORE_CASE
from rulebook.paths import Getter, Path, Scope, parse_path

# Fewer rules are asked more quickly than an index.
LEAST_RULES: Final = 4

# Of the field a rule asks for, the keys one of which an event must have.
Needs = Mapping[Path, frozenset[Key]]


@dataclass(frozen=True, slots=True)
class EqualityIndex:
    """Rules by the values of one field; they are told by their place in the bucket."""

    field: Path
    _get: Getter
    _by_key: Mapping[Key, tuple[int, ...]]
    _others: tuple[int, ...]

    def candidates(self, event: Scope) -> Sequence[int]:
        """The places of the rules that this event can match, in their order."""
        found: Sequence[int] = self._others
        for key in event_keys(self._get(event)):
            named = self._by_key.get(key)
            if named:
                found = sorted({*found, *named}) if found else named
        return found


def index_of(conditions: Sequence[Mapping[str, Any] | None]) -> EqualityIndex | None:
    """The best index of a bucket, given what stands under `if` in each of its rules.

    None where a bucket is too small, or no field would spare a single rule.
    """
    if len(conditions) < LEAST_RULES:
        return None
    needs = [needed(block) if block else {} for block in conditions]
    fields = {path: None for each in needs for path in each}
    best = min(fields, key=lambda path: _most_candidates(path, needs), default=None)
    if best is None or _most_candidates(best, needs) >= len(conditions):
        return None
    by_key: dict[Key, list[int]] = {}
    for place, each in enumerate(needs):
        for key in each.get(best, ()):
            by_key.setdefault(key, []).append(place)
    return EqualityIndex(
        best,
        best.getter(),
        {key: tuple(places) for key, places in by_key.items()},
        tuple(place for place, each in enumerate(needs) if best not in each),
    )


def needed(block: Mapping[str, Any]) -> Needs:
    """The fields that have to equal something for the block to hold; the first ask of each."""
    needs: dict[Path, frozenset[Key]] = {}
    for name, value in block.items():
        if name == "all":
            found = [needed(entry).items() for entry in value]
            pairs = [pair for items in found for pair in items]
        elif name in GROUPS:
            continue
        else:
            literals = _literals(value)
            pairs = [(parse_path(name), frozenset(map(rule_key, literals)))] if literals else []
        for path, keys in pairs:
            needs.setdefault(path, keys)
    return needs


def _literals(value: object) -> list[object]:
    """What the field must be one of; nothing where capitals and spaces do not count."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return [value]
    if value.get(IGNORE_CASE) is True:
        return []
    for name in ("equals", "becomes"):
        if name in value:
            return [value[name]]
    return list(value.get("one_of", ()))


def _most_candidates(path: Path, needs: Sequence[Needs]) -> int:
    asking = [each[path] for each in needs if path in each]
    named = Counter(key for keys in asking for key in keys)
    return max(named.values()) + len(needs) - len(asking)
