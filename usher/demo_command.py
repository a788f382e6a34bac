"""`usher demo`: shows the main job in a minute, on this machine alone."""

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from usher.demo import telling
from usher.demo.stage import Stage, stage
from usher.demo.story import FORGERS_SECRET, STORY, Post
from usher.failing import FOUND_WRONG, Failed
from workers.settings import load_settings
from workers.store import Event, EventState

SETTLED_WITHIN: Final = 40.0
LOOK_AGAIN: Final = 0.05


@click.command()
def demo() -> None:
    """Show what Usher does: signed deliveries in, learners enrolled, mistakes found and mended.

    Everything is real but the portal, which is a simulator. Ends with 0 when all came as it should.
    """
    began = datetime.now(UTC)
    data_dir = load_settings().data_dir.resolve() / "demo"
    telling.heading("Usher demo")
    with stage(data_dir) as on:
        telling.welcome(on, began, datetime.now(UTC))
        surprises = list(_play(on))
    telling.heading("Look around")
    program = shlex.quote(program_path(sys.argv[0]))
    telling.row("events", f"DATA_DIR={shlex.quote(str(data_dir))} {program} events list")
    telling.row("logs", f"{data_dir / 'usher.log'}")
    if surprises:
        raise Failed("Not everything came as it should:", "\n".join(surprises), FOUND_WRONG)
    click.echo("\nAll came as it should.")


def program_path(called: str) -> str:
    """How to call this program again from here: its path, or "usher" where it has none."""
    path = Path(called).absolute()
    if path.suffix == ".py" or not path.is_file():
        return "usher"
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _play(on: Stage) -> Iterator[str]:
    """Plays the story; gives a sentence for each thing that did not come as it should."""
    telling.heading("What the senders post")
    ids: list[Sequence[str]] = []
    for number, post in enumerate(STORY, 1):
        if post.waits:
            _wait(lambda: _settled(on))
        secret = FORGERS_SECRET if post.forged else None
        answer = on.post(post.source, json.dumps(post.body).encode(), secret)
        telling.posted(number, post, answer)
        if answer.status != post.status:
            yield f"delivery {number} was answered {answer.status}, not {post.status}"
        ids.append(answer.body.get("events", ()) if isinstance(answer.body, dict) else ())
    _wait(lambda: _settled(on))
    telling.heading("What became of it")
    for number, (post, found) in enumerate(zip(STORY, ids, strict=True), 1):
        yield from _tell(on, number, post, found)
    yield from _mend(on)
    total = telling.balance(on.archive.counts().values(), on)
    if not total.balanced or total.pending or total.dead:
        yield "the balance is not what it should be"
    yield from _done_twice(on)


def _tell(on: Stage, number: int, post: Post, ids: Sequence[str]) -> Iterator[str]:
    events = [event for event in map(on.archive.event, ids) if event is not None]
    if post.forged:
        kept = on.archive.events(100, lambda event: json.loads(event.body) == post.body)
        telling.refused(number, len(kept))
        if kept:
            yield f"the forged delivery {number} was kept"
        return
    if post.duplicates:
        telling.known(number, events)
        return
    for event in events:
        telling.became(number, on, event)
    states = tuple(event.state for event in events)
    if states != post.states:
        yield f"delivery {number} ended as {', '.join(states)}, not {', '.join(post.states)}"


def _mend(on: Stage) -> Iterator[str]:
    """Mends what the portal refused, replays the dead letters and tells what came of it."""
    on.simulator.clear_faults()
    for run in [run for run in map(on.archive.run, on.archive.dead()) if run is not None]:
        telling.mending(run)
        on.store.replay(run.id, run.steps, "demo")
        _wait(lambda: _settled(on))
        event = on.archive.event(run.event)
        if event is not None:
            telling.became(_number_of(event), on, event)
        if event is None or event.state is not EventState.FINISHED:
            yield f"the dead letter {run.id} did not finish when it was replayed"


def _number_of(event: Event) -> int:
    return 1 + next(n for n, post in enumerate(STORY) if post.source == event.source)


def _done_twice(on: Stage) -> Iterator[str]:
    portal: Any = on.simulator.snapshot()
    for what in ("accounts", "enrolments"):
        for whose, count in _flat(portal["effects"][what]):
            if count != 1:
                yield f"{what} of {whose}: {count} times"


def _flat(counts: object, name: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(counts, dict):
        for key, below in counts.items():
            yield from _flat(below, f"{name} {key}".strip())
    elif isinstance(counts, int):
        yield name, counts


def _settled(on: Stage) -> bool:
    return all(counts.pending == 0 for counts in on.archive.counts().values())


def _wait(done: Callable[[], bool]) -> None:
    until = time.monotonic() + SETTLED_WITHIN
    while not done() and time.monotonic() < until:
        time.sleep(LOOK_AGAIN)
