"""A crowd in trouble: many orders for few seats, at a portal where every call may go wrong.

    python -m tests.proofs.crowd [--runs 500] [--learners 50] [--chance 0.1] [--rate 40] [--seed 1]

Several workers share one Redis; the simulator is a process of its own, with faults by chance and a
limit of its own; a circuit that opens is closed by hand at once. Counts what came of it and prints
it. Ends with status 1 if a run did not end or is dead (but for an invitation that may have gone
out), if anybody has two accounts, two seats in a course, a seat and an invitation or two
invitations, or nothing, if more calls came in any second than the rate allows, or if the trap was
sprung.
"""

import argparse
import itertools
import json
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx

from tests.engine_room import eventually
from tests.running_usher import Usher, free_port, running_usher
from workers.store import NewEvent, Run, RunState
from workers.store.gate import PROBE_AT

RUNS, LEARNERS, WORKERS, RATE, CHANCE = 500, 50, 4, 40, 0.1
COURSES: Final = (101, 102, 103)
# seconds until everything must have ended; so much trouble may open the circuit, and that waits
PATIENCE: Final = 900.0
# An invitation whose answer was lost is not sent again: a person has to ask the learner.
UNSURE: Final = "An invitation of "
_SHOWN: Final = 20

FAULTS: Final[Sequence[Mapping[str, Any]]] = (
    {"fault": "drop_before"},
    {"fault": "commit_then_drop"},
    {"fault": "status", "status": 500},
    {"fault": "commit_then_status", "status": 500},
    {"fault": "commit_then_status", "status": 502},
    {"fault": "status", "status": 429, "retry_after": 0.2},
    {"fault": "malformed_json"},
    {"fault": "delay", "seconds": 0.1},
)
# Patience for a portal where a call fails as often as not: 25 tries.
SCHEDULE: Final = ", ".join(["0.1 s", "0.3 s", "0.5 s", *["1 s"] * 21])


@dataclass(slots=True)
class Report:
    """What happened. `violations` is empty if every promise was kept."""

    runs: int = 0
    seconds: float = 0.0
    rate: int = 0
    busiest: int = 0
    turned_away: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    tries: int = 0
    holds: int = 0
    effects: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)
    unsure: set[tuple[str, str]] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The figures, for people."""
        total, met = sum(self.calls.values()), sum(self.faults.values())
        yield f"{self.runs} runs ended in {self.seconds:.0f} s, after {self.tries:,} tries"
        yield "outcomes:  " + _told(self.outcomes)
        yield f"calls:     {total:,}: {_told(self.calls)}"
        yield f"trouble:   {met:,} of them ({met / max(total, 1):.0%}): {_told(self.faults)}"
        yield (
            f"rate:      {total / self.seconds:.1f}/s on average, {self.busiest} in the busiest "
            f"second of {self.rate} allowed; turned away by the portal's limit: {self.turned_away}"
        )
        yield f"holds:     {self.holds}"
        yield "effects:   " + _told(self.effects)
        yield (
            f"dead:      {sum(self.dead.values())}, for lost answers to invitations that only a "
            f"person can clear up: {len(self.unsure)}"
        )
        yield from (f"  {count} x {reason}" for reason, count in self.dead.most_common())
        yield f"violations: {len(self.violations)}"
        yield from (f"  {told}" for told in self.violations[:_SHOWN])


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} x {count:,}" for name, count in counts.most_common())


@dataclass(frozen=True, slots=True)
class Portal:
    """The simulator in a process of its own."""

    url: str

    def get(self, what: str) -> Any:
        return httpx.get(f"{self.url}/__sim/{what}", trust_env=False, timeout=30).json()

    def cause(self, chance: float) -> None:
        faults = [{"call": "*", "chance": chance, "times": None, **fault} for fault in FAULTS]
        answer = httpx.post(f"{self.url}/__sim/faults", json=faults, trust_env=False)
        answer.raise_for_status()


def prove(
    folder: Path,
    *,
    runs: int = RUNS,
    learners: int = LEARNERS,
    workers: int = WORKERS,
    rate: int = RATE,
    chance: float = CHANCE,
    seed: int = 1,
) -> Report:
    """Starts everything in an empty folder, posts so many orders at once, and waits for all."""
    report = Report(runs=runs, rate=rate)
    with running_usher(folder) as usher:
        portal = _portal(usher, rate, seed)
        usher.more |= {
            "COURSEBOX_URL": portal.url,
            "COURSEBOX_RATE": str(rate),
            "COURSEBOX_CONCURRENCY": str(2 * workers),
            "RETRY_SCHEDULE": SCHEDULE,
        }
        portal.cause(chance)
        people = [f"learner-{number}@customer.example" for number in range(learners)]
        posted = _post(usher, people, runs, seed)
        started = time.monotonic()
        for _ in range(workers):
            usher.start("worker")
        _wait(usher, posted, report)
        report.seconds = time.monotonic() - started
        _count(usher, portal, report)
        _judge(portal.get("state"), people, report)
    return report


def _portal(usher: Usher, rate: int, seed: int) -> Portal:
    port = free_port()
    usher.start(
        *("simulator", "--port", str(port), "--seed", str(seed), "--rate-limit", str(rate)),
        *("--email", usher.sim.email, "--password", usher.sim.password),
    )
    eventually(lambda: listens(port), "the simulator does not come up")
    return Portal(f"http://127.0.0.1:{port}")


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def _post(usher: Usher, people: Sequence[str], runs: int, seed: int) -> list[str]:
    """Orders for all seats in turn, so that each is ordered several times, in a chance order."""
    seats = itertools.islice(itertools.cycle(itertools.product(people, COURSES)), runs)
    events = [
        NewEvent(f"order {number}", "order.paid", None, json.dumps({"email": who, "course": what}))
        for number, (who, what) in enumerate(seats)
    ]
    Random(seed).shuffle(events)  # noqa: S311 - chance that can be repeated
    return [usher.store.accept("shop", [event]).ids[0] for event in events]


def _wait(usher: Usher, posted: Sequence[str], report: Report) -> None:
    until, waiting = time.monotonic() + PATIENCE, set(posted)
    while waiting and time.monotonic() < until:
        time.sleep(0.25)
        _end_circuit(usher)
        waiting = {each for each in waiting if usher.event(each).state == "pending"}
    report.violations += [f"{each} has not ended: {_last(usher, each)}" for each in waiting]


def _end_circuit(usher: Usher) -> None:
    """By hand: where half of all calls fail by chance, a circuit opens again and again, as it
    should, and the crowd would come to its end in hours."""
    for place, hold in usher.store.holds().items():
        if PROBE_AT in hold:
            usher.store.release(place, why="the trouble here is chance, and goes on")


def _last(usher: Usher, event_id: str) -> str:
    return "; ".join(f"{run.state}: {run.reason}" for run in _runs_of(usher, event_id))


def _runs_of(usher: Usher, event_id: str) -> list[Run]:
    found = (usher.archive.run(run_id) for run_id in usher.event(event_id).runs)
    return [run for run in found if run is not None]


# -- what came of it -------------------------------------------------------------------------------


def _count(usher: Usher, portal: Portal, report: Report) -> None:
    runs = usher.archive.runs(limit=10 * report.runs)
    for run in runs:
        report.outcomes.update(step.outcome or str(run.state) for step in run.steps)
        report.tries += sum(step.tries for step in run.steps)
        if run.state is RunState.DEAD:
            report.dead[run.reason] += 1
            _mourn(run, report)
    if len(runs) != report.runs:
        report.violations.append(f"{len(runs)} runs instead of {report.runs}")
    report.holds = len(usher.archive.hold_changes())
    log = portal.get("calls")
    report.calls.update(call["call"] for call in log)
    report.faults.update(call["fault"] for call in log if call["fault"])
    report.turned_away = sum(call["status"] == 429 and not call["fault"] for call in log)
    report.busiest = busiest_second([call["time"] for call in log])
    if report.busiest > report.rate:
        report.violations.append(f"{report.busiest} calls in one second, {report.rate} allowed")


def _mourn(run: Run, report: Report) -> None:
    if not run.reason.startswith(UNSURE):
        report.violations.append(f"{run.id} is dead: {run.reason}")
        return
    params = run.steps[0].params or {}
    report.unsure.add((str(params["email"]), str(params["course_id"])))


def busiest_second(times: Sequence[float]) -> int:
    """The most calls in any one second, wherever it begins."""
    ordered, first, most = sorted(times), 0, 0
    for last, at in enumerate(ordered):
        while ordered[first] <= at - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def _judge(state: Mapping[str, Any], people: Sequence[str], report: Report) -> None:
    effects = state["effects"]
    for what in ("accounts", "enrolments", "invitation_mails"):
        each = effects[what].values()
        report.effects[what] = sum(sum(n.values()) if isinstance(n, dict) else n for n in each)
    wrong = [f"{who}: {n} accounts" for who, n in effects["accounts"].items() if n != 1]
    wrong += [f"{who} has no account" for who in people if who not in effects["accounts"]]
    for who, course in itertools.product(people, map(str, COURSES)):
        seats = effects["enrolments"].get(course, {}).get(who, 0)
        mails = effects["invitation_mails"].get(course, {}).get(who, 0)
        asks_a_person = (seats, mails) == (0, 0) and (who, course) in report.unsure
        if (seats, mails) not in ((1, 0), (0, 1)) and not asks_a_person:
            wrong.append(f"{who} in course {course}: {seats} seats, {mails} invitation mails")
    if state["unenrol_trap"]["sprung"]:
        wrong.append("the trap was sprung")
    report.violations += wrong


def main() -> int:
    """The exit status: 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description="Prove what becomes of a crowd in trouble.")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--chance", type=float, default=CHANCE)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = prove(Path(folder), **vars(told))
    print("\n".join(report.lines()))  # a program's output
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
