"""What the scripts that create runs are given, and what is told of their answers."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from workers.store.records import Admission, NewRun, Recall, SaidOf
from workers.store.texts import admission_text, fields_of, script_text

# A record that nobody has touched for longer counts as seen for the first time.
MEMORY_LIFETIME: Final = 400 * 24 * 3600.0

log = structlog.get_logger("limit")


def said(verdicts: Iterable[SaidOf]) -> str:
    return json.dumps(
        [{"rule": v.rule, "matched": v.matched, "reason": v.reason} for v in verdicts]
    )


def created(ids: Sequence[str], runs: Sequence[NewRun], source: str) -> list[str]:
    return [
        part
        for id_, run in zip(ids, runs, strict=True)
        for part in (id_, script_text(fields_of(run, source)), admission_text(run.admission))
    ]


def tell_limits(rules: Sequence[str], runs: Iterable[tuple[str, Admission]]) -> None:
    """Says that runs of these rules are parked now: once in the time their limit speaks of."""
    admissions = dict(runs)
    for rule in rules:
        asked = admissions[rule]
        log.warning(
            "a rule has reached its limit: further runs are parked",
            rule=rule, limit=asked.told, owner=asked.owner or "nobody is named",
        )  # fmt: skip


def remembered(recall: Recall | None) -> tuple[str | int, ...]:
    lifetime = round(MEMORY_LIFETIME * 1000)
    if recall is None:
        return "", "", "", "", lifetime
    return recall.record, recall.found, recall.kept, recall.before, lifetime
