"""An outage costs nothing but time: Coursebox fails while events come in, and comes back.

Run it with `make proof`. Real worker processes, a Redis, the simulator. Prints what was counted:
how many tries the outage cost, how the calls of the drain kept to the rate, and whether every
learner has one seat. Exit status 1 where something was lost or done twice, or the rate broken.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from coursebox.gate import Pace
from tests.callers import over, used
from tests.running_usher import Usher, running_usher

WORKERS: Final = 3
RATE: Final = 10.0
EARLY: Final = 15
LATE: Final = 60
# Longer than the first probe of a circuit takes to come (seconds).
PATIENCE: Final = 120.0


def main() -> int:
    """The exit status."""
    with tempfile.TemporaryDirectory() as folder, running_usher(Path(folder)) as usher:
        usher.more |= {"COURSEBOX_RATE": f"{RATE:g}", "COURSEBOX_CONCURRENCY": "4"}
        for _ in range(WORKERS):
            usher.worker()
        usher.sim.add_fault("*", "status", status=503, times=None)
        early = _posted(usher, "early", EARLY)
        _until(lambda: "probe_at" in usher.store.holds().get("coursebox", {}), "a hold")
        print(f"on hold: {usher.store.holds()['coursebox']['reason']}")
        late = _posted(usher, "late", LATE)
        _until(lambda: all(usher.event(each).runs for each in late), "runs")
        usher.sim.clear_faults()
        print(f"Coursebox works again; {LATE} more events have come in meanwhile")
        _until(lambda: not usher.store.holds(), "the release")
        released = time.time()
        _until(lambda: all(usher.event(each).state == "finished" for each in early + late), "all")
        print(f"all is done {time.time() - released:.1f} s after the release")
        return _told(usher, late, released)


def _told(usher: Usher, late: list[str], released: float) -> int:
    pace = Pace.of(RATE)
    came = sorted(float(str(call["time"])) for call in usher.sim.calls())
    drained = [at for at in came if at >= released]
    runs = [usher.archive.run(run) for each in late for run in usher.event(each).runs]
    spent = sum(step.failures for run in runs if run for step in run.steps)
    seats = [number for course in usher.effects().values() for number in course.values()]
    print(f"calls: {len(came)}, of the drain {len(drained)}")
    print(f"one too many for the second before them: {over(came, pace)}")
    print(f"used of the rate by the drain: {used(drained, pace.tokens, pace.window):.1%}")
    print(f"tries that the {LATE} runs of the outage have used up: {spent}")
    print(f"learners with one seat: {seats.count(1)} of {EARLY + LATE}")
    return int(over(came, pace) > 0 or spent > 0 or seats != [1] * (EARLY + LATE))


def _posted(usher: Usher, name: str, number: int) -> list[str]:
    return [
        usher.post(f"{name} {n}", email=f"{name}{n}@customer.example", course=101)
        for n in range(number)
    ]


def _until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited in vain for {what}")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
