"""The records as JSON: the field names that `--json` promises. Times are ISO 8601 in UTC."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from coursebox.redaction import GONE
from workers.store import Attempt, Event, Run, Step

SHOWN_OF_HASH: Final = 12
# What a form may carry that nobody else may see. "token" is not among them: Typeform calls the
# identity of a response so.
_SECRET: Final = ("password", "passwd", "secret", "authorization", "apikey", "accesstoken")


def iso(at: datetime | None) -> str | None:
    """The time in UTC, to the millisecond: "2026-11-23T13:03:22.120Z"."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_shape(event: Event) -> dict[str, Any]:
    """An event without its body."""
    return {
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "identity": event.identity,
        "state": event.state.value,
        "received_at": iso(event.received_at),
        "occurred_at": iso(event.occurred_at),
        "duplicates": event.duplicates,
        "reason": event.reason,
        "run_ids": list(event.runs),
    }


def run_shape(run: Run, due: datetime | None) -> dict[str, Any]:
    """A run without its attempts; `due_at` is when someone looks at it again."""
    return {
        "id": run.id,
        "event_id": run.event,
        "source": run.source,
        "rule": run.rule,
        "rule_name": run.rule_name,
        "rule_version": run.rule_hash[:SHOWN_OF_HASH],
        "rules_version": run.rules_version[:SHOWN_OF_HASH] or None,
        "commit": run.commit or None,
        "engine": run.engine,
        "account": run.account,
        "file": run.file,
        "line": run.line,
        "item_key": run.item_key,
        "item": without_secrets(run.item),
        "dry_run": run.dry_run,
        "state": run.state.value,
        "reason": run.reason,
        "created_at": iso(run.created_at),
        "finished_at": iso(run.finished_at),
        "due_at": iso(due),
        "replays": run.replays,
        "priority": run.priority,
        "parent_id": run.parent or None,
        "steps": [step_shape(step) for step in run.steps],
    }


def step_shape(step: Step) -> dict[str, Any]:
    """One action of a run; `params` is null while it was not rendered yet."""
    return {
        "id": step.id,
        "action": step.action,
        "params": without_secrets(step.params),
        "done": step.done,
        "outcome": step.outcome,
        "detail": step.detail,
        "tries": step.tries,
    }


def attempts_shape(attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Every try, with what was sent to Coursebox and what came back."""
    return [
        {
            "step": attempt.step,
            "number": attempt.number,
            "started_at": iso(attempt.started_at),
            "ended_at": iso(attempt.ended_at),
            "outcome": attempt.outcome,
            "failure": attempt.failure,
            "decision": attempt.decision,
            "exchanges": [dict(exchange) for exchange in attempt.exchanges],
        }
        for attempt in attempts
    ]


def lookups_shape(looked_up: Mapping[str, str]) -> dict[str, Any]:
    """What the look-ups of its rule have told a run, by name."""
    return {name: without_secrets(json.loads(text)) for name, text in looked_up.items()}


def verdicts_shape(event: Event) -> list[dict[str, Any]]:
    """What every rule said of the event."""
    return [
        {"rule": said.rule, "matched": said.matched, "reason": said.reason}
        for said in event.verdicts
    ]


def body_shape(event: Event) -> Any:
    """The body of the event as JSON; as text where it is none."""
    try:
        return without_secrets(json.loads(event.body))
    except ValueError:
        return event.body


def without_secrets(value: Any) -> Any:
    """A JSON value with what is named like a password blacked out."""
    if isinstance(value, Mapping):
        return {
            key: GONE if _is_secret(key) and each else without_secrets(each)
            for key, each in value.items()
        }
    return [without_secrets(each) for each in value] if isinstance(value, list) else value


def _is_secret(key: object) -> bool:
    name = "".join(filter(str.isalnum, str(key))).lower()
    return any(secret in name for secret in _SECRET)
