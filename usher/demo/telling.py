"""How the demo is told: one line a delivery, then what became of each, then the balance."""

import shutil
import textwrap
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from usher.demo.stage import Stage
from usher.demo.story import MENDED, Post
from usher.finding import short
from usher.posting import Answer
from usher.words import came_to, does_briefly, number
from workers.store import Counts, Event, EventState, Run, RunState

WIDEST = 110
COLOURS = {
    EventState.FINISHED: "green",
    EventState.IGNORED: "yellow",
    EventState.DEAD: "red",
    EventState.PENDING: "cyan",
}


def heading(text: str) -> None:
    click.echo(f"\n{click.style(text, bold=True)}")


def row(name: str, text: str) -> None:
    click.echo(f"  {name:<11} {text}")


def posted(number_: int, post: Post, answer: Answer) -> None:
    """The line of one delivery: who, what, and the answer."""
    taken = click.style(str(answer.status), fg="green" if answer.taken else "red", bold=True)
    click.echo(f"  {number_:>2}  {post.sender:<10} {post.what:<42} {taken}  {_answered(answer)}")


def _answered(answer: Answer) -> str:
    if not isinstance(answer.body, dict):
        return str(answer.body)
    if "error" in answer.body:
        return f"refused: {answer.body['error']['code']}"
    accepted, duplicates = answer.body["accepted"], answer.body["duplicates"]
    words = [f"{number(accepted, 'event')} accepted"] if accepted else []
    return ", ".join(
        words + ([f"{number(duplicates, 'duplicate')}, known already"] * bool(duplicates))
    )


def refused(number_: int, kept: int) -> None:
    """What became of a forged delivery."""
    click.echo(
        f"  {number_:>2}  {click.style('refused  ', fg='red')} {number(kept, 'event')} kept of it"
    )


def known(number_: int, events: Iterable[Event]) -> None:
    """What became of a delivery that had come before."""
    for event in events:
        state = click.style("known    ", fg="yellow")
        again = number(event.duplicates, "time")
        told = f"posted {again} more, is still {short(event.id)}: nothing is done twice"
        click.echo(f"  {number_:>2}  {state} {told}")


def became(number_: int, stage: Stage, event: Event) -> None:
    """What became of one event: every rule's word where none matched, else its runs."""
    state = click.style(f"{event.state:<9}", fg=COLOURS[event.state])
    click.echo(f"  {number_:>2}  {state} {event.source}, {event.type}{_took(stage, event)}")
    runs = [run for run in map(stage.archive.run, event.runs) if run is not None]
    for run in runs:
        _told(stage, run)
    if not runs:
        for verdict in event.verdicts:
            click.echo(f"{'':16}{_rule(verdict.rule)}{verdict.reason}")


def _took(stage: Stage, event: Event) -> str:
    ends = [run.finished_at for run in map(stage.archive.run, event.runs) if run]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return ""
    return f", {(max(known) - event.received_at).total_seconds():.2f} s after it came"


def _rule(rule: str) -> str:
    return f"{rule}: " if rule else ""


def _told(stage: Stage, run: Run) -> None:
    attempts = stage.archive.attempts(run.id)
    item = f" (item {run.item_key})" if run.item_key else ""
    for step in run.steps:
        tries = f", {number(step.tries, 'try', 'tries')}" if step.done else ""
        _wrapped(f"{run.rule}{item}: {does_briefly(step)}: {came_to(step)}{tries}", 16)
    for attempt in attempts:
        if attempt.failure and attempt.failure != run.reason and not run.replays:
            _wrapped(f"try {attempt.number}: {attempt.failure}", 18)
    if run.state is RunState.DEAD:
        _wrapped(f"dead letter {short(run.id)}: {run.reason}", 18, colour="red")


def _wrapped(text: str, indent: int, colour: str | None = None) -> None:
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    for n, line in enumerate(
        textwrap.wrap(text, max(40, width - indent - 2), break_on_hyphens=False)
    ):
        click.echo(f"{'':{indent + 2 * (n > 0)}}{click.style(line, fg=colour)}")


def mending(run: Run) -> None:
    """The dead letter is about to be replayed: what is done, what is left, what was mended."""
    heading("The dead letter is mended and replayed")
    row("mended", MENDED)
    row("replayed", f"as `usher dead replay {short(run.id)}` would: only what is left is done")


def balance(counts: Iterable[Counts], stage: Stage) -> Counts:
    """Prints the balance over all sources, and gives it."""
    total = sum(counts, Counts())
    sign = "=" if total.balanced else "is NOT"
    heading("The balance")
    click.echo(
        f"  accepted {total.accepted} {sign} finished {total.finished} + pending {total.pending}"
        f" + dead {total.dead} + ignored {total.ignored}"
    )
    click.echo(f"  besides: {number(total.duplicates, 'duplicate')}, {total.refused} refused")
    portal: Any = stage.simulator.snapshot()
    seats = sum(len(course["learners"]) for course in portal["courses"])
    accounts = len(portal["accounts"])
    click.echo(f"  in Coursebox: {number(accounts, 'account')}, {number(seats, 'seat')} taken")
    return total


def welcome(stage: Stage, began: datetime, now: datetime) -> None:
    """What was started, and how long it took."""
    row("receiver", f"{stage.receiver}/hooks/<source>")
    row("coursebox", f"simulator at {stage.simulator.url}/")
    row("redis", "its own, every write on the disk before it is answered")
    row("ready", f"after {(now - began).total_seconds():.1f} s")
