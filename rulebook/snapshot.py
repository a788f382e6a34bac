"""Rules that go live together: their version, and one text that every process reads alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rulebook.rule import FIRST, Body, Rule, unknown_in

# Raised when the meaning of the text changes.
FORMAT: Final = 1


class SnapshotError(ValueError):
    """A published snapshot that this code cannot read, or must not; says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rules in their order, with the commit of the work tree they were read from ("" = none)."""

    rules: tuple[Rule, ...]
    commit: str = ""

    @property
    def version(self) -> str:
        """What people and runs call it by; see `version_of`."""
        return version_of(self.rules)

    @property
    def text(self) -> str:
        """Canonical JSON of all but the bodies, which are kept under their own hashes."""
        told = {"format": FORMAT, "commit": self.commit, "rules": list(map(_entry, self.rules))}
        return json.dumps(told, sort_keys=True, separators=(",", ":"))

    @property
    def bodies(self) -> dict[str, Body]:
        """The body of every rule by its hash."""
        return {rule.hash: rule.body for rule in self.rules}


def version_of(rules: Iterable[Rule]) -> str:
    """A sha256 (hex) over id and hash of all rules in their order.

    A file with `matching: first` is told by its name, since there the rules hang on each other.
    """
    lines = (
        f"{rule.id} {rule.hash}{f' first of {rule.file}' if rule.matching == FIRST else ''}\n"
        for rule in rules
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def document_of(text: str) -> str:
    """The name (sha256, hex) under which a snapshot's text is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def hashes_named(text: str) -> tuple[str, ...]:
    """The hashes of the bodies that a snapshot's text stands on. Raises SnapshotError."""
    return tuple(dict.fromkeys(entry["hash"] for entry in _read(text)["rules"]))


def read_snapshot(text: str, bodies: Mapping[str, Body], known: Iterable[Rule] = ()) -> Snapshot:
    """The snapshot of this text; rules that are `known` already are not compiled again.

    Raises SnapshotError where a body is missing, or holds what this code does not know: it must
    not be run as if that were not there.
    """
    compiled = {_key(_entry(rule)): rule for rule in known}
    told = _read(text)
    rules = (compiled.get(_key(entry)) or _rule(entry, bodies) for entry in told["rules"])
    return Snapshot(tuple(rules), told["commit"])


def _read(text: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(text)
    if told.get("format") != FORMAT:
        raise SnapshotError(
            f"it is written in format {told.get('format')}, and this Usher reads {FORMAT}: "
            "update this machine"
        )
    return told


def _entry(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "hash": rule.hash,
        "name": rule.name,
        "file": rule.file,
        "line": rule.line,
        "matching": rule.matching,
        "owner": rule.owner,
        "tags": list(rule.tags),
    }


def _key(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, sort_keys=True)


def _rule(entry: Mapping[str, Any], bodies: Mapping[str, Body]) -> Rule:
    body = bodies.get(entry["hash"])
    if body is None:
        raise SnapshotError(f"the body of rule {entry['id']} is not kept any more")
    unknown = unknown_in(body)
    if unknown:
        raise SnapshotError(
            f"rule {entry['id']} uses {unknown}, which this Usher does not know: "
            "update this machine"
        )
    told = {name: value for name, value in entry.items() if name not in ("id", "hash")}
    try:
        return Rule.from_body(body, **told)
    # whatever a newer version may have put into a body: an action, an operator, a filter
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise SnapshotError(
            f"rule {entry['id']} cannot be read by this Usher ({type(error).__name__}: {error}): "
            "update this machine"
        ) from error
