"""`usher runs`: every rule that was applied to an event, and how far that has come."""

from collections.abc import Sequence

import click

from usher import words
from usher.finding import find_run, short
from usher.opening import Usher, opened, read
from usher.output import Column, document, facts, on_terminal, remark, say, table
from usher.run_text import Seen, lookup_rows, print_attempts, run_rows, see, tell_if_stuck
from usher.shapes import attempts_shape, iso, lookups_shape, run_shape
from workers.store import Run, RunState

COLUMNS = (
    Column("ID"),
    Column("CREATED", from_width=100),
    Column("AGE"),
    Column("RULE", most=20),
    Column("STATE"),
    Column("LEARNER", most=28, from_width=100),
    Column("WHAT"),
)


@click.group()
def runs() -> None:
    """What is done for an event, step by step.

    A run is one rule applied to one event, or to one item of it.
    """


@runs.command("list")
@click.option(
    "--state",
    type=click.Choice([state.value for state in RunState]),
    help="Only runs in this state.",
)
@click.option("--rule", help="Only runs of the rule with this id.")
@click.option("--source", help="Only runs for events of this source.")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_runs(
    state: str | None, rule: str | None, source: str | None, limit: int, as_json: bool
) -> None:
    """List runs, newest first."""

    def wanted(run: Run) -> bool:
        asked = ((state, run.state), (rule, run.rule), (source, run.source))
        return all(one in (None, other) for one, other in asked)

    def get(usher: Usher) -> list[Seen]:
        return see(usher, usher.archive.runs(limit, wanted))

    nothing: list[Seen] = []
    listed = read(get, nothing)
    if as_json:
        document([run_shape(seen.run, seen.due) for seen in listed])
    elif listed:
        _print_list(listed)
    elif listed is not nothing:
        remark("There are no such runs.")


def _print_list(listed: Sequence[Seen]) -> None:
    table(COLUMNS, [_row(seen) for seen in listed])
    tell_if_stuck(listed)


def _row(seen: Seen) -> list[str]:
    run = seen.run
    return [
        short(run.id) if on_terminal() else run.id,
        words.clock(run.created_at, seen.now) if on_terminal() else iso(run.created_at) or "",
        words.age(run.created_at, seen.now),
        run.rule,
        run.state.value,
        words.learner(run) or "-",
        ("dry run: " if run.dry_run else "") + seen.brief,
    ]


@runs.command("show")
@click.argument("run_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show_run(run_id: str, as_json: bool) -> None:
    """Show a run: its rule, its steps, and every attempt with what Coursebox was sent and answered.

    ID is the id, its beginning, or its last 6 characters or more.
    """
    with opened() as usher:
        run = find_run(usher.archive, run_id)
        [seen], attempts = see(usher, [run]), usher.archive.attempts(run.id)
        looked_up = lookups_shape(usher.store.looked_up(run.parent or run.id))
    if as_json:
        told = {"lookups": looked_up, "attempts": attempts_shape(attempts)}
        document({**run_shape(run, seen.due), **told})
        return
    say(f"Run {run.id}", style="bold")
    facts([*run_rows(seen), *lookup_rows(looked_up)])
    print_attempts(attempts, seen.now)
    tell_if_stuck([seen])
