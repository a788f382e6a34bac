"""What share of the rate that Coursebox allows is used, by several worker processes at once.

Run it with `make bench`. Each case calls the simulator for some seconds as fast as the gate lets
it, then reads the simulator's own log: how many calls arrived, and how many of them were one too
many for the window before them (0 is promised). What is allowed is the rate, or where answers are
slow what so many calls at a time can come to. Asserts nothing.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redis import Redis

from coursebox.gate import Pace
from coursebox.simulator import running_simulator
from tests.callers import Calling, all_called, over, used
from workers.redis_server import EmbeddedRedis
from workers.store.gate import Limits

SECONDS: Final = 10.0
WORKERS: Final = 6
SLOW: Final = 0.3
# nobody is put off: how a line is used is measured, not how a worker comes back (seconds)
PATIENT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Case:
    rate: float
    concurrency: int
    delay: float = 0.0

    @property
    def tokens(self) -> int:
        return max(1, int(self.rate))

    @property
    def allowed(self) -> tuple[int, float]:
        """So many calls in each so many seconds: what the rate allows, or the places in flight."""
        by_rate = self.tokens, self.tokens / self.rate
        if not self.delay or self.concurrency / self.delay > self.rate:
            return by_rate
        return self.concurrency, self.delay


CASES: Final = (
    *(Case(rate, concurrency) for rate in (2, 5, 20, 50) for concurrency in (1, 4)),
    *(Case(rate, concurrency, SLOW) for rate in (2, 5, 20) for concurrency in (1, 4)),
    Case(0.5, 4),
    Case(2.5, 4),
)


def main() -> None:
    """Prints one line for each case; those named by number on the command line, or all."""
    chosen = [CASES[int(number)] for number in sys.argv[1:]] or CASES
    print(f"{WORKERS} worker processes, {SECONDS:.0f} s each")
    print(f"{'rate':>5} {'at once':>8} {'answers':>8} {'calls':>6} {'used':>7} {'over':>5} "
          f"{'most at once':>13} {'Redis commands a call':>22}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as redis:
        for case in chosen:
            print(_measured(case, redis.url), flush=True)


def _measured(case: Case, redis_url: str) -> str:
    with running_simulator() as sim, Redis.from_url(redis_url) as redis:
        redis.flushall()
        redis.config_resetstat()
        if case.delay:
            sim.add_fault("findCourses", "delay", seconds=case.delay, times=None)
        limits = Limits(case.rate, case.concurrency, patience=PATIENT)
        arrived = all_called(WORKERS, sim, Calling(redis_url, limits, seconds=SECONDS))
        commands = _commands(redis)
        most = max(int(str(call["at_once"])) for call in sim.calls())
    # without the log-in and what it shifts
    allowed, window = case.allowed
    share = used(arrived[2 * allowed :], allowed, window)
    too_many = over(arrived, Pace.of(case.rate))
    answers = f"{case.delay * 1000:.0f} ms" if case.delay else "at once"
    return (
        f"{case.rate:5g} {case.concurrency:8} {answers:>8} {len(arrived):6} {share:7.1%} "
        f"{too_many:5} {most:13} {commands / len(arrived):22.1f}"
    )


def _commands(redis: Redis) -> int:
    """How many commands Redis has been sent since it was emptied, without those inside scripts."""
    told = redis.info("commandstats")
    sent = ("cmdstat_evalsha", "cmdstat_eval", "cmdstat_subscribe")
    return sum(told[name]["calls"] for name in sent if name in told)


if __name__ == "__main__":
    main()
