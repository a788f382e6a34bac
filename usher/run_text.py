"""How a run is told on a terminal: shared by what shows events, runs and dead letters."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rulebook.steps import NORMAL
from usher import words
from usher.opening import Usher
from usher.output import facts, remark, say
from usher.shapes import SHOWN_OF_HASH, without_secrets
from workers.portals import DEFAULT
from workers.settling import LOOKUP
from workers.store import ENDED, Attempt, Run

LONGEST_LOOKUP: Final = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as it stood when it was looked at."""

    run: Run
    due: datetime | None
    hold: str
    workers: int
    now: datetime

    @property
    def state(self) -> str:
        return words.state(self.run, self.due, self.hold, self.workers, self.now)

    @property
    def brief(self) -> str:
        return words.brief(self.run, self.due, self.hold, self.now)


def see(usher: Usher, runs: Iterable[Run]) -> list[Seen]:
    """The runs, each with what is needed to tell its state."""
    workers, now = usher.archive.workers_alive(), usher.now
    return [Seen(run, usher.due(run.id), usher.hold(run), workers, now) for run in runs]


def run_rows(seen: Seen, *, event: bool = True) -> list[tuple[str, str]]:
    """The facts of a run as label and value; `event` says whether to name its event."""
    run = seen.run
    rule = f"{run.rule} ({run.rule_name})" if run.rule_name not in ("", run.rule) else run.rule
    return [
        ("state", seen.state),
        ("dry run", "nothing is sent to Coursebox" if run.dry_run else ""),
        ("account", run.account if run.account != DEFAULT else ""),
        ("rule", f"{rule}, version {run.rule_hash[:SHOWN_OF_HASH]}, {run.file}:{run.line}"),
        ("live then", _live_then(run)),
        ("learner", words.learner(run)),
        ("item", item(run)),
        ("priority", run.priority if run.priority != NORMAL else ""),
        ("made by", f"{run.parent}, which looked the list up" if run.parent else ""),
        ("event", f"{run.event} ({run.source})" if event else ""),
        ("created", words.moment(run.created_at, seen.now)),
        ("replayed", words.number(run.replays, "time") if run.replays else ""),
        ("taken over", f"{words.number(run.takeovers, 'time')} from a worker that went silent"
         if run.takeovers else ""),
        *((f"step {step.id}", f"{words.does(step)}: {words.came_to(step)}") for step in run.steps),
    ]  # fmt: skip


def _live_then(run: Run) -> str:
    """All rules that were live when the run was made."""
    if not run.rules_version:
        return ""
    commit = f", commit {run.commit[:SHOWN_OF_HASH]}" if run.commit else ""
    return f"rules version {run.rules_version[:SHOWN_OF_HASH]}{commit}"


def lookup_rows(looked_up: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the look-ups of its rule have told a run, cut to a line each."""
    told = {name: json.dumps(value, ensure_ascii=False) for name, value in looked_up.items()}
    return [
        (f"look-up {name}", text if len(text) <= LONGEST_LOOKUP else f"{text[:LONGEST_LOOKUP]}…")
        for name, text in told.items()
    ]


def item(run: Run) -> str:
    """The item of a list that this run is for; "" for a run for the whole event."""
    if not run.item_key and run.item is None:
        return ""
    value = run.item if isinstance(run.item, str) else json.dumps(without_secrets(run.item))
    return value if value == run.item_key or not run.item_key else f"{run.item_key}: {value}"


def print_attempts(attempts: Sequence[Attempt], now: datetime) -> None:
    """Prints every try, with what was sent to Coursebox and what came back."""
    say()
    say("Attempts", style="bold")
    if not attempts:
        say("none yet", indent=2)
    for attempt in attempts:
        took = (attempt.ended_at - attempt.started_at).total_seconds()
        came = f"failed: {attempt.failure}" if attempt.failure else words.told(attempt.outcome)
        what = "look-ups" if attempt.step == LOOKUP else f"step {attempt.step}"
        said = f"{what}, try {attempt.number}, {words.clock(attempt.started_at, now)}"
        say(f"{said}, took {took:.1f} s: {came}", indent=2)
        for exchange in attempt.exchanges:
            facts(_exchange_rows(exchange), indent=4)


def _exchange_rows(exchange: Mapping[str, Any]) -> list[tuple[str, str]]:
    came = exchange["error"] or exchange["response"] or "(empty)"
    status = exchange["status"] or "no answer:"
    return [
        ("call", f"{exchange['method']} {exchange['path']}"),
        ("sent", exchange["request"]),
        ("back", f"{status} {came} ({exchange['ms']} ms)"),
    ]


def tell_if_stuck(seen: Iterable[Seen]) -> None:
    """A word on it when runs wait for a worker and none is there."""
    if any(not one.workers and one.run.state not in ENDED for one in seen):
        remark(words.NO_WORKER)
