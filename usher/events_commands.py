"""`usher events`: what came, and what became of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import click

from usher import words
from usher.finding import find_event, short
from usher.form_fields import form_rows
from usher.given_events import Given, preset_names, stored_given
from usher.opening import Usher, opened, read
from usher.output import Column, document, facts, on_terminal, remark, say, table
from usher.run_text import Seen, run_rows, see
from usher.shapes import body_shape, event_shape, iso, run_shape, verdicts_shape, without_secrets
from workers.store import Counts, Event, EventState, SaidOf

COLUMNS = (
    Column("ID"),
    Column("RECEIVED", from_width=100),
    Column("AGE"),
    Column("SOURCE", most=16),
    Column("TYPE", most=18),
    Column("OUTCOME"),
    Column("SENT AGAIN", from_width=110),
    Column("IDENTITY"),
)
BODY_LINES = 40
# what the reason of a rule begins with
SAID = ("yes: ", "no: ", "skipped: ")
UNEVEN = (
    "The balance does not come out even. Does anything but Usher write to its Redis? Keep a copy "
    "of the data and report it; `usher events list --state pending` shows what is unfinished."
)


@click.group()
def events() -> None:
    """What came, and what became of it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The newest events that were asked for, and the balance over all of them."""

    events: Sequence[Event]
    balance: Counts
    workers: int
    now: datetime


@events.command("list")
@click.option("--source", help="Only events of this source.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in EventState]),
    help="Only events in this state.",
)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_events(source: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """List events, newest first, and the balance of all that were accepted.

    An event is pending until all its runs have ended, ignored if no rule wanted it or there was
    nothing to be done, dead if a run of it gave up.
    """

    def wanted(event: Event) -> bool:
        return source in (None, event.source) and state in (None, event.state)

    def get(usher: Usher) -> Listed:
        return Listed(
            usher.archive.events(limit, wanted),
            _balance(usher.archive.counts(), source),
            usher.archive.workers_alive(),
            usher.now,
        )

    listed = read(get, None)
    if as_json:
        document([event_shape(event) for event in listed.events] if listed else [])
    elif listed:
        _print_list(listed)


def _balance(counts: dict[str, Counts], source: str | None) -> Counts:
    wanted = (of_source for name, of_source in counts.items() if source in (None, name))
    return sum(wanted, Counts())


def _print_list(listed: Listed) -> None:
    if listed.events:
        table(COLUMNS, [_row(event, listed.now) for event in listed.events])
        say()
    else:
        remark("There are no such events.")
    say(_balance_line(listed.balance))
    if not listed.balance.balanced:
        remark(UNEVEN)
    if listed.balance.pending and not listed.workers:
        remark(words.NO_WORKER)


def _row(event: Event, now: datetime) -> list[str]:
    return [
        short(event.id) if on_terminal() else event.id,
        words.clock(event.received_at, now) if on_terminal() else iso(event.received_at) or "",
        words.age(event.received_at, now),
        event.source,
        event.type,
        event.state.value,
        words.number(event.duplicates, "time") if event.duplicates else "-",
        event.identity,
    ]


def _balance_line(counts: Counts) -> str:
    return (
        f"accepted {counts.accepted} = finished {counts.finished} + pending {counts.pending}"
        f" + dead {counts.dead} + ignored {counts.ignored}"
    )


@events.command("show")
@click.argument("event_id", metavar="ID")
@click.option("--full", is_flag=True, help="The whole body, however long.")
@click.option("--fields", is_flag=True, help="Only the event as rules see it: field and value.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show_event(event_id: str, full: bool, fields: bool, as_json: bool) -> None:
    """Show an event: what every rule said of it and why, its runs, and its body.

    ID is the id, its beginning, or its last 6 characters or more.
    """
    with opened() as usher:
        event = find_event(usher.archive, event_id)
        if fields:
            _print_fields(stored_given(event, preset_names(usher.settings)), as_json)
            return
        runs = see(usher, [run for run in map(usher.archive.run, event.runs) if run])
        outcome = words.outcome(event, usher.due(event.id), usher.now)
        stuck = event.state is EventState.PENDING and not usher.archive.workers_alive()
    if as_json:
        document(_shape(event, runs))
    else:
        _print_event(event, outcome, runs, usher.now)
        print_body(event, full)
        if stuck:
            remark(words.NO_WORKER)


def _print_fields(given: Given, as_json: bool) -> None:
    if as_json:
        document(without_secrets(given.form))
    else:
        facts(form_rows(given.form), indent=0)


def _shape(event: Event, runs: Sequence[Seen]) -> dict[str, object]:
    return {
        **event_shape(event),
        "verdicts": verdicts_shape(event),
        "runs": [run_shape(seen.run, seen.due) for seen in runs],
        "body": body_shape(event),
    }


def _print_event(event: Event, outcome: str, runs: Sequence[Seen], now: datetime) -> None:
    say(f"Event {event.id}", style="bold")
    facts(event_rows(event, now, outcome))
    if event.verdicts:
        say()
        say("What the rules said", style="bold")
        for said in event.verdicts:
            if not said.rule:  # the one line that stands there when no rule was asked
                say(said.reason, indent=2)
        facts(_verdict_rows(event))
    for seen in runs:
        say()
        say(f"Run {seen.run.id}", style="bold")
        facts(run_rows(seen, event=False))


def event_rows(event: Event, now: datetime, outcome: str = "") -> list[tuple[str, str]]:
    """The facts of an event as label and value."""
    same = event.occurred_at == event.received_at
    again = words.number(event.duplicates, "more time")
    return [
        ("what", f"{event.source} {event.type}"),
        ("identity", event.identity),
        ("received", words.moment(event.received_at, now)),
        ("occurred", "" if same else words.moment(event.occurred_at, now)),
        ("sent again", f"{again}; nothing was done twice" if event.duplicates else ""),
        ("outcome", outcome),
    ]


def _verdict_rows(event: Event) -> list[tuple[str, str]]:
    return [
        (said.rule, said.reason if said.reason.startswith(SAID) else f"{_yes(said)}: {said.reason}")
        for said in event.verdicts
        if said.rule
    ]


def _yes(said: SaidOf) -> str:
    return "yes" if said.matched else "no"


def print_body(event: Event, full: bool) -> None:
    """Prints the body of an event, cut to a page unless all of it is wanted."""
    body = body_shape(event)
    text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    lines = text.split("\n")
    shown = lines if full else lines[:BODY_LINES]
    say()
    say("Body", style="bold")
    say("\n".join(shown), indent=2)
    if len(shown) < len(lines):
        remark(f"  ... {words.number(len(lines) - len(shown), 'more line')}: --full shows them")
