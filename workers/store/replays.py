"""Dead letters that go on with another rule than they were made for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workers.store.connection import Connection
from workers.store.records import Run, Step
from workers.store.texts import steps_text


@dataclass(frozen=True, slots=True)
class Successor:
    """What a run goes on with: a rule and the steps it has under that rule.

    `places` leads from the number of a step under the old rule to that under the new one, both
    from 0: what a step has noted down goes along. `forget` names the look-ups to be made again.
    `prepare`: what the rule asks before its first step is asked again.
    """

    rule_hash: str
    body: Mapping[str, Any]
    name: str
    file: str
    line: int
    dry_run: bool
    priority: str
    rules_version: str
    commit: str
    steps: tuple[Step, ...]
    places: Mapping[int, int]
    forget: Sequence[str] = ()
    prepare: bool = False


def replay_with(connection: Connection, run: Run, by: str, to: Successor) -> bool:
    """Brings a dead run back to life with another rule; False when it is dead no more, or has been
    replayed since it was looked at. Raises StoreUnavailable."""
    steps = tuple(replace(step, failures=0, failing_since=None) for step in to.steps)
    account = to.body["rule"].get("account", "default")
    # what was noted down in one portal, such as an id, means something else in another
    kept = _moved(run.notes, to.places) if account == run.account else {}
    dropped = [f"note:{name}" for name in run.notes]
    fields = {
        "rule_hash": to.rule_hash,
        "rule_name": to.name,
        "file": to.file,
        "line": str(to.line),
        "dry_run": "1" if to.dry_run else "0",
        "priority": to.priority,
        "rules_version": to.rules_version,
        "commit": to.commit,
        "engine": str(to.body["engine"]),
        "account": account,
        "prepare": "1" if to.prepare else "0",
        "fault": "",
        **{f"note:{name}": text for name, text in kept.items()},
    }
    answer = connection.run(
        "replay", run.id, steps_text(steps), by, run.replays, to.rule_hash, json.dumps(to.body),
        len(dropped), len(to.forget), *dropped, *to.forget,
        *(part for pair in fields.items() for part in pair),
    )  # fmt: skip
    return bool(answer)


def _moved(notes: Mapping[str, str], places: Mapping[int, int]) -> dict[str, str]:
    """The notes of the steps that go along, under the new numbers of those."""
    moved = {}
    for name, text in notes.items():
        number, _, key = name.partition(":")
        if number.isdecimal() and int(number) in places:
            moved[f"{places[int(number)]}:{key}"] = text
    return moved
