"""The store's nouns as text: what stands in its hashes and lists, and how it is read again."""

import json
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any

from workers.store.records import (
    Admission,
    Attempt,
    Event,
    EventState,
    NewRun,
    Run,
    RunState,
    SaidOf,
    Step,
    known_moment,
    moment,
)


def event_of(fields: Mapping[str, str]) -> Event:
    """The event in a hash of the store."""
    received = known_moment(fields["received_at"])
    return Event(
        id=fields["id"],
        source=fields["source"],
        identity=fields["identity"],
        type=fields["type"],
        received_at=received,
        # a sender's clock that runs ahead must not make all later events look superseded
        occurred_at=min(moment(fields.get("occurred_at")) or received, received),
        body=fields["body"],
        sequence=int(fields["sequence"]),
        state=EventState(fields["state"]),
        duplicates=int(fields["duplicates"]),
        takeovers=int(fields["takeovers"]),
        failures=int(fields["failures"]),
        reason=fields.get("reason", ""),
        verdicts=tuple(
            SaidOf(**_known(SaidOf, said)) for said in json.loads(fields.get("verdicts") or "[]")
        ),
        runs=tuple(fields.get("runs", "").split()),
        before=fields.get("before", ""),
    )


def run_of(fields: Mapping[str, str]) -> Run:
    """The run in a hash of the store."""
    return Run(
        id=fields["id"],
        event=fields["event"],
        source=fields["source"],
        rule=fields["rule"],
        rule_name=fields["rule_name"],
        rule_hash=fields["rule_hash"],
        file=fields["file"],
        line=int(fields["line"]),
        item_key=fields["item_key"],
        item=json.loads(fields["item"]),
        dry_run=fields["dry_run"] == "1",
        state=RunState(fields["state"]),
        reason=fields.get("reason", ""),
        fault=fields["fault"],
        steps=steps_of(fields["steps"]),
        created_at=known_moment(fields["created_at"]),
        finished_at=moment(fields.get("finished_at")),
        takeovers=int(fields["takeovers"]),
        replays=int(fields["replays"]),
        notes={k.removeprefix("note:"): v for k, v in fields.items() if k.startswith("note:")},
        priority=fields.get("priority", "normal"),
        prepare=fields.get("prepare") == "1",
        parent=fields.get("parent", ""),
        rules_version=fields.get("rules_version", ""),
        commit=fields.get("commit", ""),
        engine=int(fields.get("engine", 1)),
        account=fields.get("account", "default"),
    )


def fields_of(run: NewRun, source: str) -> dict[str, str]:
    """The hash fields with which a new run starts."""
    return {
        "source": source,
        "rule": run.rule,
        "rule_name": run.rule_name,
        "rule_hash": run.rule_hash,
        "file": run.file,
        "line": str(run.line),
        "item_key": run.item_key,
        "item": json.dumps(run.item),
        "dry_run": "1" if run.dry_run else "0",
        "fault": run.fault,
        "steps": steps_text(run.steps),
        "priority": run.priority,
        "prepare": "1" if run.prepare else "0",
        "parent": run.parent,
        "rules_version": run.rules_version,
        "commit": run.commit,
        "engine": str(run.engine),
        "account": run.account,
    }


def admission_text(admission: Admission) -> str:
    """What the scripts are asked before a run begins; times in ms, absent what is not asked."""
    asked = {
        "once": admission.once,
        "within": _ms(admission.within),
        "runs": admission.runs,
        "per": _ms(admission.per),
        "limit": admission.told or None,
    }
    return script_text({name: value for name, value in asked.items() if value is not None})


def script_text(fields: Mapping[str, Any]) -> str:
    """Fields as JSON that a script can read."""
    return whole(json.dumps(fields, ensure_ascii=False))


def whole(text: str) -> str:
    """The text with "?" for half a character (a lone surrogate, as senders make that cut texts by
    length): neither Redis nor its scripts take one."""
    return text.encode(errors="replace").decode()


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def steps_of(text: str) -> tuple[Step, ...]:
    return tuple(Step(**_known(Step, step)) for step in json.loads(text))


def steps_text(steps: tuple[Step, ...]) -> str:
    return json.dumps([_plain(step) for step in steps])


def attempt_of(text: str) -> Attempt:
    found = _known(Attempt, json.loads(text))
    for name in ("started_at", "ended_at"):
        found[name] = datetime.fromisoformat(found[name])
    return Attempt(**{**found, "exchanges": tuple(found["exchanges"])})


def attempt_text(attempt: Attempt) -> str:
    return json.dumps(_plain(attempt))


def _known(noun: type[Step | SaidOf | Attempt], found: Mapping[str, Any]) -> dict[str, Any]:
    # another version of Usher may have written more: what is not known here must not stop a run
    return {each.name: found[each.name] for each in dataclass_fields(noun) if each.name in found}


def _plain(noun: Step | Attempt) -> dict[str, Any]:
    def value(found: Any) -> Any:
        if isinstance(found, datetime):
            return found.isoformat()
        return dict(found) if isinstance(found, Mapping) else found

    return {each.name: value(getattr(noun, each.name)) for each in dataclass_fields(noun)}
