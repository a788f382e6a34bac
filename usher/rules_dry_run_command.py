"""`usher rules dry-run`: stored events through the files on disk, and nothing is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from rulebook import Book, Rule, Verdict
from rulebook.comparing import Act, acts_of
from rulebook.planning import NOT_DONE
from usher.given_events import Given
from usher.opening import Usher, read
from usher.output import Column, document, remark, say, table
from usher.replaying import named, newest, read_since
from usher.rules_on_disk import every_rule, remark_on_mistakes, the_rule
from usher.rules_reading import read_paths
from usher.shapes import iso
from usher.words import number
from workers.settings import load_settings

COLUMNS: Final = (
    Column("RULE", most=40),
    Column("MATCHED"),
    Column("NO"),
    Column("SKIPPED"),
    Column("ERROR"),
)
SAMPLES: Final = 3
MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of an event today; `then` whether it matched when the event came."""

    given: Given
    verdict: Verdict
    acts: tuple[Act, ...]
    then: bool | None

    @property
    def failed(self) -> bool:
        """Whether the run would fail: a look-up that is not done here is no failure."""
        return any(act.error and not act.error.startswith(NOT_DONE) for act in self.acts)

    @property
    def changed(self) -> bool:
        return self.then is not None and self.then != self.verdict.matched


@dataclass(slots=True)
class Tally:
    """What a rule said of all events."""

    rule: Rule
    said: list[Said] = field(default_factory=list)

    def matched(self) -> list[Said]:
        return [one for one in self.said if one.verdict.matched]

    def counts(self) -> dict[str, int]:
        """Events by what the rule said of them; an error is a match that cannot be filled in."""
        matched, failed = self.matched(), sum(one.failed for one in self.said)
        skipped = sum(one.verdict.reason.startswith("skipped: ") for one in self.said)
        return {
            "matched": len(matched) - failed,
            "no": len(self.said) - len(matched) - skipped,
            "skipped": skipped,
            "error": failed,
        }


@click.command("dry-run")
@click.option(
    "--since", default="1d", show_default=True, help='From when on: "1d", "3 days", a date.'
)
@click.option("--rule", "rule_id", help="Only this rule.")
@click.option(
    "--limit", default=1000, show_default=True, type=click.IntRange(1), help="At most so many."
)
@click.option(
    "--rules",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The rule files or folder (default: the setting RULES_DIR).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def dry_run(
    since: str, rule_id: str | None, limit: int, paths: Sequence[Path], as_json: bool
) -> None:
    """Let the rules on disk judge the events that came; nothing is called or written down.

    Events that a rule matched when they came and does not match any more are named, and the other
    way round. Look-ups are not done: what hangs on them is not known here.
    """
    checked = read_paths(paths, load_settings())
    rules = every_rule(checked)
    wanted = [the_rule(rule_id, rules, checked)] if rule_id else rules
    remark_on_mistakes(checked)

    def get(usher: Usher) -> list[Given]:
        return newest(usher, limit, read_since(since, usher.now))

    nothing: list[Given] = []
    events = read(get, nothing)
    tallies = _tallies(events, Book(rules), wanted)
    if as_json:
        document(_shape(events, tallies))
        return
    _print(events, tallies, limit)


def _tallies(events: Sequence[Given], book: Book, wanted: Sequence[Rule]) -> list[Tally]:
    tallies = {rule.id: Tally(rule) for rule in wanted}
    for given in events:
        then = {said.rule: said.matched for said in given.stored.verdicts} if given.stored else {}
        for verdict in book.judge(given.form, given.received_at):
            tally = tallies.get(verdict.rule_id)
            if tally is not None:
                acts = acts_of(tally.rule, given.form, given.received_at) if verdict.matched else ()
                # a rule that was not asked did not match: it may not have been there
                matched = then.get(verdict.rule_id, False) if then else None
                tally.said.append(Said(given, verdict, acts, matched))
    return list(tallies.values())


def _print(events: Sequence[Given], tallies: Sequence[Tally], limit: int) -> None:
    if not events:
        remark("No event has come in that time.")
        return
    first, last = events[0].received_at, events[-1].received_at
    say(f"{number(len(events), 'event')}, received {_minute(first)} to {_minute(last)}")
    if len(events) == limit:
        remark(f"These are the newest {limit}: --limit for more.")
    say()
    table(COLUMNS, [_row(tally) for tally in tallies])
    for tally in tallies:
        _print_samples(tally)
    said = [one for tally in tallies for one in tally.said if one.changed]
    _print_changed("Matched when they came, and not now:", [one for one in said if one.then])
    _print_changed("Match now, and did not when they came:", [one for one in said if not one.then])


def _minute(at: datetime) -> str:
    return at.astimezone().isoformat(" ", "minutes")


def _row(tally: Tally) -> list[str]:
    return [tally.rule.id, *(str(count) for count in tally.counts().values())]


def _print_samples(tally: Tally) -> None:
    matched = tally.matched()
    # what fails is what has to be seen
    shown = sorted(matched, key=lambda one: not one.failed)[:SAMPLES]
    if shown:
        say()
        say(tally.rule.id, style="bold")
    for one in shown:
        say(f"{named(one.given)} -> {_in_words(one.acts)}", indent=2)
    if len(matched) > len(shown):
        say(f"... and {len(matched) - len(shown)} more", indent=2)


def _print_changed(title: str, said: Sequence[Said]) -> None:
    if not said:
        return
    say()
    say(title, style="bold")
    for one in said[:MOST_NAMED]:
        say(f"{named(one.given)}: {one.verdict.rule_id}: {one.verdict.reason}", indent=2)
    if len(said) > MOST_NAMED:
        say(f"... and {len(said) - MOST_NAMED} more: --json has them", indent=2)


def _in_words(acts: Sequence[Act]) -> str:
    return ", then ".join(act.words for act in acts) or "nothing"


def _shape(events: Sequence[Given], tallies: Sequence[Tally]) -> dict[str, Any]:
    return {
        "events": len(events),
        "rules": [
            {
                "rule": tally.rule.id,
                "version": tally.rule.short_hash,
                **tally.counts(),
                "matches": [_said_shape(one) for one in tally.matched()],
                "changed": [_said_shape(one) for one in tally.said if one.changed],
            }
            for tally in tallies
        ],
    }


def _said_shape(said: Said) -> dict[str, Any]:
    return {
        "event": said.given.name,
        "received_at": iso(said.given.received_at),
        "matched": said.verdict.matched,
        "matched_then": said.then,
        "reason": said.verdict.reason,
        "actions": [act_shape(act) for act in said.acts],
    }


def act_shape(act: Act) -> dict[str, Any]:
    """An action as JSON."""
    return {
        "action": act.action,
        "parameters": dict(act.parameters),
        "error": act.error or None,
    }
