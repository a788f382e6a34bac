"""Everything fails at once: two portals with faults in every call, and processes that are killed.

    python -m tests.proofs.chaos [--events 300] [--learners 40] [--rate 20] [--seed 1]

Real processes: a web server, workers, a Redis, a simulator for each portal, a CRM that is told of
every run. Workers and Redis get SIGKILL at random moments, one portal fails for a while and later
hangs for a while, and events come twice and out of order. Prints what was counted, and ends with 1
if an event was lost, anything done twice, the last word not kept, the CRM not told or told under
two ids, more calls sent in a second than allowed, or one portal kept waiting by the other's outage.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx

from tests.crm_server import Crm, Reply, crm
from tests.engine_room import eventually
from tests.proofs import chaos_story as story
from tests.proofs.crowd import SCHEDULE, UNSURE, busiest_second, listens
from tests.running_usher import Process, Usher, free_port, running_usher
from workers.store import Run, RunState, StoreUnavailable
from workers.store.gate import PROBE_AT

EVENTS, LEARNERS, RATE, WORKERS = 300, 40, 20, 3
BY_HAND: Final = (75.0, 95.0)
# Calls at a time to each portal.
CONCURRENCY: Final = 2
# Seconds: within which events come and trouble begins, for how long Redis is away, for how long one
# portal fails and later hangs, and until when everything must have ended.
TROUBLE, AWAY, OUTAGE, HANGS_AT, HANG, PATIENCE = 55.0, 1.0, 20.0, 40.0, 12.0, 150.0
WORKER_KILLS, REDIS_KILLS = 4, 2
_SHOWN: Final = 20


@dataclass(slots=True)
class Portal:
    """A simulator in a process of its own."""

    account: str
    url: str
    process: Process

    def get(self, what: str) -> Any:
        return httpx.get(f"{self.url}/__sim/{what}", trust_env=False, timeout=30).json()

    def cause(self, *faults: Mapping[str, Any]) -> None:
        answer = httpx.post(f"{self.url}/__sim/faults", json=faults, trust_env=False, timeout=30)
        answer.raise_for_status()


@dataclass(slots=True)
class Report:
    """What happened. `violations` is empty if every promise was kept."""

    lines: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def say(self, what: str, told: object) -> None:
        counts = (
            ", ".join(f"{k} x {n}" for k, n in told.most_common())
            if isinstance(told, Counter)
            else str(told)
        )
        self.lines.append(f"{what:<11}{counts}")


@dataclass(slots=True)
class Chaos:
    """The stage, and what was done on it."""

    usher: Usher
    told: Crm
    portals: Mapping[str, Portal]
    chance: Random
    workers: list[Process] = field(default_factory=list)
    accepted: dict[str, str] = field(default_factory=dict)
    duplicates: int = 0
    refused: int = 0
    deeds: Counter[str] = field(default_factory=Counter)
    outage: tuple[float, float] = (0.0, 0.0)
    hang: tuple[float, float] = (0.0, 0.0)

    def deeds_to_come(self) -> list[tuple[float, Callable[[], None]]]:
        """Seconds from the start, and what is done then; the first last."""
        found = [(self._some_time(), self.kill_worker) for _ in range(WORKER_KILLS)]
        for part in range(REDIS_KILLS):
            # never while it is away already
            at = (part + self.chance.uniform(0.1, 0.9)) * TROUBLE / REDIS_KILLS
            found += [(at, self.kill_redis), (at + AWAY, self.usher.start_redis)]
        found += [(5.0, self.begin_outage), (HANGS_AT, self.freeze), (HANGS_AT + HANG, self.thaw)]
        found += [(at, self.release) for at in BY_HAND]
        return sorted(found, key=lambda each: each[0], reverse=True)

    def _some_time(self) -> float:
        return self.chance.uniform(2, TROUBLE)

    def kill_worker(self) -> None:
        gone = self.workers.pop(self.chance.randrange(len(self.workers)))
        gone.kill()
        self.workers.append(self.usher.start("worker"))
        self.deeds["worker killed"] += 1

    def kill_redis(self) -> None:
        self.usher.kill_redis()
        self.deeds["redis killed"] += 1

    def begin_outage(self) -> None:
        self.outage = (time.time(), time.time() + OUTAGE)
        fault = {"call": "*", "fault": "status", "status": 503, "for_seconds": OUTAGE}
        self.portals["default"].cause(fault)
        self.deeds["portal down"] += 1

    def freeze(self) -> None:
        """The portal takes connections and never answers."""
        os.kill(self.portals["default"].process.pid, signal.SIGSTOP)
        self.hang = (time.time(), time.time() + HANG)
        self.deeds["portal hung"] += 1

    def thaw(self) -> None:
        os.kill(self.portals["default"].process.pid, signal.SIGCONT)

    def release(self) -> None:
        """By hand: where faults hit every probe, a circuit ends by itself later than we wait."""
        for place, hold in self.usher.store.holds().items():
            if PROBE_AT in hold:
                self.usher.store.release(place, why="all trouble but faults by chance is over")
                self.deeds["released by hand"] += 1

    def post(self, event: story.Told) -> bool:
        """Whether it was acknowledged."""
        try:
            status, answer = self.usher.deliver(event.identity, event.type, **event.more)
        except OSError:
            status, answer = 0, {}
        if status != 202:
            self.refused += 1
            return False
        self.accepted[event.identity] = answer["events"][0]
        self.duplicates += answer["duplicates"]
        return True


def prove(folder: Path, *, events: int, learners: int, rate: int, seed: int) -> Report:
    """Starts everything in an empty folder, lets it fail, waits for all, and judges."""
    chance, report = Random(seed), Report()  # noqa: S311 - chance that can be repeated
    told = story.events(events, learners, chance)
    with crm() as shop, running_usher(folder) as usher:
        _moody(shop, chance)
        portals = _portals(usher, rate, seed)
        _settings(usher, shop, portals, rate)
        chaos = Chaos(usher, shop, portals, chance)
        usher.web()
        chaos.workers = [usher.worker() for _ in range(WORKERS)]
        eventually(usher.followed, "the workers have no rules")
        seconds = _play(chaos, story.deliveries(told, chance))
        report.say("trouble", chaos.deeds)
        report.say(
            "events",
            f"{len(chaos.accepted)} in {seconds:.0f} s, {chaos.duplicates} posted "
            f"again, {chaos.refused} deliveries not taken while Redis was away",
        )
        _judge(chaos, told, rate, report)
    return report


def _moody(shop: Crm, chance: Random) -> None:
    """A CRM that every tenth time says it failed, and every tenth time breaks off."""
    shop.replies = {"/told": {}}
    moods = (Reply({}), Reply({}, 500), Reply({}, drop=True))
    shop.in_turn = chance.choices(moods, weights=(8, 1, 1), k=2000)


def _portals(usher: Usher, rate: int, seed: int) -> Mapping[str, Portal]:
    found = {}
    for account in story.ACCOUNTS:
        port = free_port()
        process = usher.start(
            *("simulator", "--port", str(port), "--seed", str(seed)),
            *("--email", usher.sim.email, "--password", usher.sim.password),
        )
        found[account] = Portal(account, f"http://127.0.0.1:{port}", process)
    for portal in found.values():
        port = int(portal.url.rpartition(":")[2])
        eventually(partial(listens, port), "a simulator does not come up")
        portal.cause(*story.FAULTS)
    return found


def _settings(usher: Usher, shop: Crm, portals: Mapping[str, Portal], rate: int) -> None:
    usher.more |= {"COURSEBOX_ACCOUNTS": "emea", "RETRY_SCHEDULE": SCHEDULE}
    for account, prefix in zip(story.ACCOUNTS, ("COURSEBOX_", "COURSEBOX_EMEA_"), strict=True):
        usher.more |= {
            f"{prefix}URL": portals[account].url,
            f"{prefix}EMAIL": usher.sim.email,
            f"{prefix}PASSWORD": usher.sim.password,
            f"{prefix}RATE": str(rate),
            f"{prefix}CONCURRENCY": str(CONCURRENCY),
            f"{prefix}FIRST_USE": "confirmed",
        }
        (usher.rules / f"{account}.yaml").write_text(story.rules_of(account))
    (usher.rules / "rules.yaml").unlink()
    lookups = usher.folder / "lookups.yaml"
    lookups.write_text(story.LOOKUPS.replace("CRM/", f"{shop.url}/"))
    usher.more["LOOKUPS_FILE"] = str(lookups)


def _play(chaos: Chaos, posts: list[story.Told]) -> float:
    """Posts and breaks things until all has ended; how long it took (seconds)."""
    began, deeds, pause = time.monotonic(), chaos.deeds_to_come(), TROUBLE / len(posts)
    while time.monotonic() < began + PATIENCE:
        now = time.monotonic() - began
        if deeds and deeds[-1][0] <= now:
            deeds.pop()[1]()
        elif posts and len(posts) * pause >= TROUBLE - now:
            _post_one(chaos, posts)
        elif now > TROUBLE and not (posts or _pending(chaos)):
            break
        else:
            time.sleep(0.05)
    return time.monotonic() - began


def _post_one(chaos: Chaos, posts: list[story.Told]) -> None:
    """One that is not taken is posted once more, later, as senders do."""
    event = posts.pop()
    if not chaos.post(event):
        posts.insert(0, event)
        time.sleep(0.1)


def _pending(chaos: Chaos) -> int:
    with suppress(StoreUnavailable):
        counts = chaos.usher.archive.counts().values()
        return sum(each.pending for each in counts)
    return 1


# -- what came of it -------------------------------------------------------------------------------


def _judge(chaos: Chaos, told: Sequence[story.Told], rate: int, report: Report) -> None:
    runs = chaos.usher.archive.runs(limit=10 * len(told))
    dead = [run for run in runs if run.state is RunState.DEAD]
    unsure = [run for run in dead if run.reason.startswith(UNSURE)]
    report.violations += _balance(chaos, told, report)
    report.say(
        "outcomes",
        Counter(f"{run.steps[0].action}: {run.steps[0].outcome or run.state}" for run in runs),
    )
    report.say("tries", sum(step.tries for run in runs for step in run.steps))
    report.say("dead", f"{len(dead)}, for lost answers to invitations {len(unsure)}")
    report.violations += [f"{run.id} is dead: {run.reason}" for run in dead if run not in unsure]
    for portal in chaos.portals.values():
        state = portal.get("state")
        report.violations += story.wrong_seats(told, portal.account, state, {*map(_seat, unsure)})
        report.violations += _calls(portal, state, rate, report)
    report.violations += _apart(chaos, report)
    finished = {run.id for run in runs if run.state is RunState.FINISHED}
    sent = [(each.headers["idempotency-key"], each.content) for each in chaos.told.sent]
    report.say("callbacks", f"{len(sent)} of {len({key for key, _ in sent})} ids")
    report.violations += story.wrong_tellings(sent, finished)
    changes = chaos.usher.archive.hold_changes()
    report.say("holds", Counter(f"{each.what} {each.destination}" for each in changes))
    report.violations += [
        f"a hold that waits for a person, {place}: {hold['reason']}"
        for place, hold in chaos.usher.store.holds().items()
    ]


def _balance(chaos: Chaos, told: Sequence[story.Told], report: Report) -> Iterator[str]:
    counts = chaos.usher.archive.counts()["shop"]
    report.say("balance", counts)
    ended = counts.finished + counts.dead + counts.ignored
    if not len(told) == len(chaos.accepted) == counts.accepted == ended:
        yield f"{len(told)} events, {len(chaos.accepted)} acknowledged, kept: {counts}"
    for identity, event_id in chaos.accepted.items():
        if chaos.usher.archive.event(event_id) is None:
            yield f"{identity} was acknowledged as {event_id} and is gone"


def _seat(run: Run) -> story.Seat:
    params = run.steps[0].params or {}
    return story.Seat(run.rule.partition("-")[0], str(params["email"]), int(params["course_id"]))


def _calls(portal: Portal, state: Mapping[str, Any], rate: int, report: Report) -> Iterator[str]:
    log = portal.get("calls")
    times = [call["time"] for call in log]
    met = Counter(call["fault"] or "fine" for call in log)
    report.say(portal.account, met)
    report.say(
        "",
        f"{len(log)} calls, {busiest_second(times)} in the busiest second of {rate} allowed; "
        f"at once {state['most_at_once']}",
    )
    if busiest_second(times) > rate:
        yield f"{portal.account}: {busiest_second(times)} calls in one second, {rate} allowed"


def _apart(chaos: Chaos, report: Report) -> Iterator[str]:
    """Whether the second portal went on while the first one was away."""
    times = [call["time"] for call in chaos.portals["emea"].get("calls")]
    for what, (began, ended) in (("down", chaos.outage), ("hung", chaos.hang)):
        within = [began, *(at for at in times if began <= at <= ended), ended]
        longest = max(b - a for a, b in pairwise(within))
        report.say(
            "apart",
            f"while default was {what} for {ended - began:.0f} s, emea had "
            f"{len(within) - 2} calls; longest silence {longest:.1f} s",
        )
        if len(within) == 2:
            yield f"emea stood still while default was {what}"


def main() -> int:
    """The exit status: 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description="Prove what becomes of events in chaos.")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = prove(Path(folder), **vars(told))
    print("\n".join(report.lines))  # a program's output
    print(f"violations: {len(report.violations)}")
    print("\n".join(f"  {each}" for each in report.violations[:_SHOWN]))
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
