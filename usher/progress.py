"""What a person sees while a command waits: on stderr, on a terminal only, and gone afterwards."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from usher.output import safe

# what is over sooner is shown only its result (seconds)
UNSEEN: Final = 1.0

# what is being done now, and how many pieces are done
Tell = Callable[[str, int], None]


@contextmanager
def waiting(what: str, *, total: int | None = None, pieces: str = "") -> Iterator[Tell]:
    """Shows what is waited for and since when, once it has taken a second; with a `total`, a bar
    and "12 of 40 courses". The value given is called with what is done now."""
    console = Console(stderr=True)
    if not console.is_interactive:
        yield lambda text, done: None
        return
    progress = Progress(*_columns(total, pieces), console=console, transient=True)
    task = progress.add_task(safe(what), total=total)
    timer = threading.Timer(UNSEEN, progress.start)
    timer.start()
    try:
        yield lambda text, done: progress.update(task, description=safe(text), completed=done)
    finally:
        timer.cancel()
        timer.join()
        progress.stop()


def _columns(total: int | None, pieces: str) -> list[ProgressColumn]:
    text = TextColumn("{task.description}", markup=False)
    if total is None:
        return [SpinnerColumn(), text, TimeElapsedColumn()]
    return [
        text,
        BarColumn(20),
        TextColumn(f"{{task.completed}} of {total} {pieces}"),
        TimeElapsedColumn(),
    ]
